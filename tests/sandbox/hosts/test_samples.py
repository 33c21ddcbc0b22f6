"""The samples as data: complete, within the sandbox, and each host with an address of its own."""

from __future__ import annotations

import ipaddress

import pytest

from bot.model.verdict import Reason, Verdict
from bot.sandbox.hosts.samples import MailHost, Sample, Tls, load_samples

SAMPLES = load_samples("sandbox.test")
HOSTS = [host for sample in SAMPLES for host in sample.hosts]


def by_name(name: str) -> Sample:
    """Return one sample."""
    return next(sample for sample in SAMPLES if sample.domain == f"{name}.sandbox.test")


@pytest.mark.parametrize(
    "name",
    [
        "closed",
        "open",
        "data-refused",
        "login",
        "greylist",
        "tarpit",
        "null-mx",
        "no-ptr",
        "fcrdns",
        "residential",
        "blocklisted",
        "backup",
        "ipv6",
        "own-sender",
        "hostile",
        "many",
        "starttls",
        "blocks-us",
        "missing",
    ],
)
def test_every_promised_sample_exists(name: str) -> None:
    """Each situation that the sandbox promises has a sample that says what it shows."""
    assert by_name(name).shows


def test_expected_verdicts_are_words_of_the_contract() -> None:
    """Every expectation is a verdict and a reason that a report can hold."""
    for sample in SAMPLES:
        for words in (sample.expects, sample.proved, sample.without_ipv6):
            verdict, reason = words.split("/")
            assert Verdict(verdict)
            assert Reason(reason)


def test_every_host_has_an_address_of_its_own() -> None:
    """Addresses are loopback, inside the network that the sandbox exempts, and never shared."""
    addresses = [ipaddress.ip_address(host.address) for host in HOSTS]

    assert len(addresses) == len(set(addresses))
    assert all(address in ipaddress.ip_network("127.0.10.0/24") for address in addresses)


def test_one_host_listens_on_ipv6() -> None:
    """A machine has one IPv6 loopback address, so one host may have it."""
    assert ["mx1.ipv6.sandbox.test"] == [host.name for host in HOSTS if host.ipv6]


def test_domains_are_distinct() -> None:
    """No two samples share a domain."""
    assert len(SAMPLES) == len({sample.domain for sample in SAMPLES})


def test_a_count_is_written_out() -> None:
    """A host with a count becomes so many hosts with numbered names."""
    names = [host.name for host in by_name("many").hosts]

    assert 30 == len(names)
    assert ("mx01.many.sandbox.test", "mx30.many.sandbox.test") == (names[0], names[-1])


def test_a_host_takes_its_dialect_with_its_own_exceptions() -> None:
    """Replies come from the dialect, except those that the sample replaces."""
    hostile, closed = by_name("hostile").hosts[0], by_name("closed").hosts[0]

    assert closed.replies["unknown_user"] == hostile.replies["unknown_user"]
    assert closed.replies["relay_denied"] != hostile.replies["relay_denied"]
    assert "<!channel>" in hostile.replies["relay_denied"]


def test_reverse_names_default_to_the_host_name() -> None:
    """A host has its own name as its reverse name unless the sample says otherwise."""
    residential = by_name("residential").hosts[0]

    assert ("mx1.closed.sandbox.test",) == by_name("closed").hosts[0].ptr
    assert () == by_name("no-ptr").hosts[0].ptr
    assert residential.address.replace(".", "-") in residential.ptr[0]
    assert residential.address == residential.ptr_leads_to


def test_behaviour_has_quiet_defaults() -> None:
    """What a sample does not mention is the behaviour of an ordinary closed server."""
    host = by_name("many").hosts[0]

    assert isinstance(host, MailHost)
    assert (frozenset(), Tls.NONE, "relay_denied") == (host.relays, host.tls, host.refusal)
