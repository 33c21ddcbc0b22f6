"""The resolver, against a real name server and against one that misbehaves."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING

import dns.message
import pytest
import trustme

from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.network import resolver
from bot.network.dns_message import Reply
from bot.network.dns_servers import OverUdp
from bot.network.resolver import Resolver, make_resolver
from tests.servers import nsd, stub_dns, stub_doh
from tests.servers.daemon import free_endpoint
from tests.servers.stub_dns import reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ZONES = {
    "example.com": """
@ MX 20 mx2
@ MX 10 MX1
mx1 A 192.0.2.1
mx1 A 192.0.2.2
mx1 AAAA 2001:db8::1
null MX 0 .
txt TXT "v=spf1 " "-all"
alias CNAME mx1
far CNAME target.example.net.
gone CNAME nowhere.example.net.
loop CNAME pool
pool CNAME loop
sub NS ns.elsewhere.example.
*.wild A 192.0.2.3
"""
    + "\n".join(f"big MX {n} host-{n}.with-a-rather-long-name" for n in range(300))
    + "\n"
    + "\n".join(f"chain{n} CNAME chain{n + 1}" for n in range(12)),
    "example.net": "target A 192.0.2.9\n" + "\n".join(f"hop{n} CNAME hop{n}.example.com." for n in range(12)),
    "2.0.192.in-addr.arpa": "1 PTR mx1.example.com.\n1 PTR www.example.com.\n2 CNAME 2.0-7\n2.0-7 PTR mx1.example.com.\n3 PTR a\\032b\\060.example.com.",
}  # fmt: skip

CASES = [
    ("example.com MX", "records", ("10 mx1.example.com", "20 mx2.example.com"), ()),
    ("mx1.example.com A", "records", ("192.0.2.1", "192.0.2.2"), ()),
    ("mx1.example.com AAAA", "records", ("2001:db8::1",), ()),
    ("MX1.EXAMPLE.com AAAA", "records", ("2001:db8::1",), ()),
    ("null.example.com MX", "records", ("0 ",), ()),
    ("txt.example.com TXT", "records", ("v=spf1 -all",), ()),
    ("a.wild.example.com A", "records", ("192.0.2.3",), ()),
    ("alias.example.com A", "records", ("192.0.2.1", "192.0.2.2"), ("mx1.example.com",)),
    ("far.example.com A", "records", ("192.0.2.9",), ("target.example.net",)),
    ("far.example.com AAAA", "nodata", (), ("target.example.net",)),
    ("gone.example.com A", "nxdomain", (), ("nowhere.example.net",)),
    ("mx1.example.com MX", "nodata", (), ()),
    ("nowhere.example.com A", "nxdomain", (), ()),
    ("example.org A", "refused", (), ()),
    ("x.sub.example.com A", "servfail", (), ()),
    ("loop.example.com A", "malformed", (), ()),
    ("chain0.example.com A", "malformed", (), ()),
    ("1.2.0.192.in-addr.arpa PTR", "records", ("mx1.example.com", "www.example.com"), ()),
    ("2.2.0.192.in-addr.arpa PTR", "records", ("mx1.example.com",), ("2.0-7.2.0.192.in-addr.arpa",)),
    ("3.2.0.192.in-addr.arpa PTR", "records", ("a\\032b<.example.com",), ()),
    ("a..b A", "malformed", (), ()),
]  # fmt: skip


def question(text: str) -> Question:
    """Return the Question that ``NAME TYPE`` spells."""
    name, qtype = text.split()
    return Question(name, QType(qtype))


async def test_against_a_real_name_server() -> None:
    """Each answer of NSD comes as records and aliases, or as the status that it is."""
    async with nsd.serve(ZONES) as endpoint:
        edge = make_resolver(f"udp://{endpoint.ip}:{endpoint.port}")
        answers = await asyncio.gather(*(edge.ask(question(case[0])) for case in CASES))
        await edge.aclose()

    found = [(a.status.value, tuple(sorted(a.records)), a.aliases) for a in answers]
    assert [case[1:] for case in CASES] == found
    assert [question(case[0]) for case in CASES] == [answer.question for answer in answers]
    assert 300 == answers[0].ttl_s


async def test_a_big_answer_comes_over_tcp() -> None:
    """What NSD truncates over UDP is read over TCP; of 300 MX the 256 preferred are kept."""
    async with nsd.serve(ZONES) as endpoint:
        edge = make_resolver(f"udp://{endpoint.ip}:{endpoint.port}")
        answer = await edge.ask(question("big.example.com MX"))
        await edge.aclose()

    assert 256 == len(answer.records)
    assert "255 host-255.with-a-rather-long-name.example.com" == answer.records[-1]
    assert "300 records, 256 kept" == answer.detail


async def ask(handler: stub_dns.Handler, seconds: float = 5.0) -> Answer:
    """Ask a misbehaving server for the addresses of mx.example."""
    async with stub_dns.serve(handler) as endpoint:
        edge = Resolver(OverUdp([(endpoint.ip, endpoint.port)]), lookup_s=seconds)
        answer = await edge.ask(question("mx.example A"))
        await edge.aclose()
        return answer


def good(query: dns.message.Message, _: str = "") -> list[bytes]:
    """Answer with an address."""
    return [reply(query, f"{query.question[0].name} 60 A 192.0.2.1")]


def without_edns(query: dns.message.Message, _: str) -> list[bytes]:
    """Answer as servers did that had never heard of EDNS."""
    return [reply(query, rcode="FORMERR")] if query.edns >= 0 else good(query)


def endless_aliases(query: dns.message.Message, _: str) -> list[bytes]:
    """Answer with one more alias, whatever is asked."""
    name = query.question[0].name
    return [reply(query, f"{name} 60 CNAME x{name}")]


@pytest.mark.parametrize(
    ("handler", "status", "detail"),
    [
        (good, "records", ""),
        (without_edns, "records", ""),
        (lambda _, __: [], "timeout", "no reply in 0.05 s"),
        (lambda query, _: [reply(query, rcode="SERVFAIL")], "servfail", "SERVFAIL"),
        (lambda query, _: [reply(query, rcode="REFUSED")], "refused", "REFUSED"),
        (lambda query, _: [reply(query, truncated=True)], "truncated", ""),
        (lambda query, _: [good(query)[0][:-15]], "malformed", "DNS message"),
        (endless_aliases, "malformed", "aliases without an end"),
    ],
)
async def test_misbehaviour_is_data(handler: stub_dns.Handler, status: str, detail: str) -> None:
    """Whatever a server does, an Answer comes back and says what it was."""
    seconds = 0.05 if status in ("timeout", "malformed") and "aliases" not in detail else 5.0

    answer = await ask(handler, seconds)

    assert AnswerStatus(status) == answer.status
    assert detail in answer.detail


async def test_nobody_there() -> None:
    """A server that is not there is unreachable, and known so at once."""
    endpoint = free_endpoint()
    edge = make_resolver(f"udp://{endpoint.ip}:{endpoint.port}")

    answer = await edge.ask(question("mx.example A"))

    assert AnswerStatus.UNREACHABLE == answer.status
    assert "refused" in answer.detail
    await edge.aclose()


async def test_look_ups_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more look-ups are under way than the bound; the others wait, and are answered."""
    monkeypatch.setattr(resolver, "UNDER_WAY", 3)
    under_way = most = 0

    class Counting:
        async def exchange(self, *_: object) -> Reply:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            return Reply(AnswerStatus.NODATA)

        async def aclose(self) -> None:
            """Nothing is open."""

    edge = Resolver(Counting())
    await asyncio.gather(*(edge.ask(question(f"a{n}.example A")) for n in range(20)))

    assert 3 == most


@pytest.fixture
def tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ssl.SSLContext:
    """Return a server's context for 127.0.0.1 that the environment trusts."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "dns.example").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return context


@pytest.mark.parametrize("name", ["", "#dns.example"])
async def test_over_tls(tls: ssl.SSLContext, name: str) -> None:
    """DNS over TLS asks of a server whose certificate names its address or the name given."""
    async with stub_dns.serve(good, tls) as endpoint:
        edge = make_resolver(f"tls://{endpoint.ip}:{endpoint.port}{name}")
        answers = await asyncio.gather(*(edge.ask(question(f"{n}.example A")) for n in "abc"))
        await edge.aclose()

    assert {("192.0.2.1",)} == {answer.records for answer in answers}


async def test_over_tls_to_somebody_else(tls: ssl.SSLContext) -> None:
    """A certificate that does not fit is unreachable, with the reason, and never asked in clear."""
    async with stub_dns.serve(good, tls) as endpoint:
        edge = make_resolver(f"tls://{endpoint.ip}:{endpoint.port}#other.example")
        answer = await edge.ask(question("a.example A"))
        await edge.aclose()

    assert AnswerStatus.UNREACHABLE == answer.status
    assert "certificate is not valid for 'other.example'" in answer.detail


def http(*, status: int = 200) -> Callable[[bytes], tuple[int, str, bytes]]:
    """Answer over HTTP with an address."""
    return lambda body: (status, "application/dns-message", good(dns.message.from_wire(body))[0])


async def test_over_https(tls: ssl.SSLContext) -> None:
    """DNS over HTTPS asks over one connection."""
    async with stub_doh.serve(http(), tls) as (url, connections):
        edge = make_resolver(url)
        answers = await asyncio.gather(*(edge.ask(question(f"{n}.example A")) for n in "abc"))
        await edge.aclose()

    assert {("192.0.2.1",)} == {answer.records for answer in answers}
    assert [3] == connections


async def test_over_https_an_error_of_http(tls: ssl.SSLContext) -> None:
    """A DoH server that answers with an HTTP error has failed."""
    async with stub_doh.serve(http(status=503), tls) as (url, _):
        edge = make_resolver(url)
        answer = await edge.ask(question("a.example A"))
        await edge.aclose()

    assert (AnswerStatus.SERVFAIL, "HTTP 503, application/dns-message") == (answer.status, answer.detail)  # fmt: skip


def test_the_system_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """``system`` stands for the name servers of resolv.conf, at port 53."""
    monkeypatch.setattr("bot.network.dns_message.system_servers", lambda: ["192.0.2.53", "2001:db8::53"])  # fmt: skip

    servers = make_resolver("system")._servers

    assert isinstance(servers, OverUdp)
    assert [("192.0.2.53", 53), ("2001:db8::53", 53)] == [s._address for s in servers._udp]


@pytest.mark.parametrize("setting", ["udp://192.0.2.53", "udp://[2001:db8::53]:5353", "tls://192.0.2.53", "tls://192.0.2.53/#x.example", "https://dns.example/dns-query"])  # fmt: skip
def test_settings(setting: str) -> None:
    """A resolver is made without asking or opening anything."""
    assert isinstance(make_resolver(setting), Resolver)


@pytest.mark.parametrize("setting", ["", "192.0.2.53", "udp://dns.example", "udp://", "udp://192.0.2.53:x", "udp://192.0.2.53:99999", "udp://u@192.0.2.53", "udp://192.0.2.53/x", "udp://192.0.2.53#x", "tls://dns.example", "tls://192.0.2.53?x", "https://", "http://192.0.2.53/", "udp://[::1"])  # fmt: skip
def test_what_names_no_resolver(setting: str) -> None:
    """Another text is refused with what to write instead."""
    with pytest.raises(ValueError, match=re.escape(f"{setting!r} names no resolver: write system, udp://")):  # fmt: skip
        make_resolver(setting)
