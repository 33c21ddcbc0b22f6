"""Sections of a message: what is read, what is passed over, and where aliases lead."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import pytest

from bot.network.dns_sections import Sections, follow, read_sections

NAME = dns.name.from_text("a.example.")
A = int(dns.rdatatype.A)


def sections(answer: str, authority: str = "") -> tuple[bytes, Sections]:
    """Read a message with these sections, asked for the A records of a.example."""
    lines = ["id 1", "flags QR", ";QUESTION", "a.example. IN A", ";ANSWER", answer]
    text = "\n".join(filter(None, [*lines, ";AUTHORITY", authority]))
    wire = dns.message.from_text(text).to_wire(max_size=65_535)
    return wire, read_sections(wire, A)


def test_only_what_was_asked_for_is_kept() -> None:
    """Records of the wanted type and aliases are read; others and other classes are passed over."""
    _, found = sections(
        "a.example. 60 IN TXT x\na.example. 60 IN A 192.0.2.1\na.example. 9 CH A b.example. 1\n"
        "b.example. 30 IN CNAME a.example."
    )

    assert {(NAME, A), (dns.name.from_text("b.example."), 5)} == set(found.records)
    assert NAME == found.qname


def test_authority() -> None:
    """The SOA bounds how long a negative answer holds; name servers are noted, others are not."""
    _, empty = sections("", "a.example. 60 IN TXT x")
    _, soa = sections("", "example. 60 IN SOA ns.example. h.example. 1 2 3 4 30")
    _, short = sections("", "example. 5 IN SOA ns.example. h.example. 1 2 3 4 30")
    _, referral = sections("", "example. 60 IN NS ns.example.")

    assert (None, 30, 5) == (empty.negative_ttl, soa.negative_ttl, short.negative_ttl)
    assert (False, True) == (empty.has_ns, referral.has_ns)


def test_the_shortest_ttl_and_each_record_once() -> None:
    """Of an alias and its records the shortest TTL counts; a repeated record is one."""
    wire, found = sections("a.example. 60 IN CNAME B.example.\nb.example. 20 IN A 192.0.2.1")
    twice = read_sections(wire, A)
    twice.records[dns.name.from_text("b.example."), A] *= 2
    chain = follow(twice, NAME, A)

    assert follow(found, NAME, A) == chain
    assert chain is not None
    assert (20, 1) == (chain.ttl_s, len(chain.rdatas))
    assert (dns.name.from_text("b.example."),) == chain.targets


@pytest.mark.parametrize(("length", "ends"), [(15, True), (17, False)])
def test_a_chain_has_an_end(length: int, ends: bool) -> None:
    """Aliases are followed to a bound, loops as well."""
    links = [f"n{n}.example. 60 IN CNAME n{n + 1}.example." for n in range(length)]
    _, found = sections("\n".join(links))
    _, loop = sections("a.example. 60 IN CNAME b.example.\nb.example. 60 IN CNAME a.example.")

    assert ends == (follow(found, dns.name.from_text("n0.example."), A) is not None)
    assert follow(loop, NAME, A) is None


@pytest.mark.parametrize("cut", range(13, 45))
def test_an_early_end_is_an_error(cut: int) -> None:
    """A message that ends before its counts say is broken, wherever it ends."""
    wire, _ = sections("a.example. 60 IN A 192.0.2.1")

    assert 45 == len(wire) + 2
    with pytest.raises(dns.exception.DNSException):
        read_sections(wire[: min(cut, len(wire) - 1)], A)
