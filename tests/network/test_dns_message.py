"""DNS messages: what is our reply, and what it says."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

from dataclasses import replace

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.question import AnswerStatus, QType, Question
from bot.network import dns_message
from bot.network.dns_message import MAX_RECORDS, MalformedReply, Query, Reply
from tests.servers.stub_dns import reply

A = Question("mx.example", QType.A)
SOA = "example. 60 SOA ns.example. h.example. 1 2 3 4 30"


def read(question: Question, *records: str, rcode: str = "NOERROR") -> Reply:
    """Read a reply to a question that holds these records."""
    query = dns_message.write(question)
    return dns_message.read(query, reply(dns.message.from_wire(query.wire), *records, rcode=rcode))


def test_a_question_on_the_wire() -> None:
    """A question desires recursion and offers EDNS with a payload that no path fragments."""
    message = dns.message.from_wire(dns_message.write(A).with_id(0xABCD))
    plain = dns.message.from_wire(dns_message.write(A, edns=False).wire)

    assert (0xABCD, dns.flags.RD) == (message.id, message.flags)
    assert "mx.example. IN A" == message.question[0].to_text()
    assert (0, 1232) == (message.edns, message.payload)
    assert -1 == plain.edns


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example", "x." * 127 + "xx"])
def test_what_is_no_domain_name(name: str) -> None:
    """A name that no message can hold is refused with a word."""
    with pytest.raises(ValueError, match="is no domain name"):
        dns_message.write(Question(name, QType.A))


@pytest.mark.parametrize(
    ("question", "records", "expected"),
    [
        (A, ["mx.example. 60 A 192.0.2.1"], ["192.0.2.1"]),
        (Question("mx.example", QType.AAAA), ["mx.example. 60 AAAA 2001:DB8:0::1"], ["2001:db8::1"]),
        (Question("d.example", QType.MX), ["d.example. 60 MX 10 MX.Example."], ["10 mx.example"]),
        (Question("d.example", QType.MX), ["d.example. 60 MX 0 ."], ["0 "]),
        (Question("d.example", QType.PTR), ["d.example. 60 PTR ."], [""]),
        (Question("d.example", QType.PTR), ["d.example. 60 PTR a\\032<b\\255.Example."], ["a\\032<b\\255.example"]),
        (Question("d.example", QType.PTR), ["d.example. 60 PTR a\\.b.example."], ["a\\.b.example"]),
        (Question("d.example", QType.TXT), ['d.example. 60 TXT "a b" "c"'], ["a bc"]),
        (Question("d.example", QType.TXT), ['d.example. 60 TXT "\\000\\195\\188"'], ["\\000\\195\\188"]),
    ],
)  # fmt: skip
def test_records(question: Question, records: list[str], expected: list[str]) -> None:
    """RDATA come as text: names in lower case, octets that are no plain ASCII as escapes."""
    assert Reply(AnswerStatus.RECORDS, tuple(expected), ttl_s=60) == read(question, *records)


@pytest.mark.parametrize(
    ("records", "rcode", "expected"),
    [
        (["mx.example. 60 CNAME b.example.", "b.example. 9 A 192.0.2.1"], "NOERROR", Reply(AnswerStatus.RECORDS, ("192.0.2.1",), ("b.example",), 9)),
        (["mx.example. 60 CNAME b.example."], "NOERROR", Reply(AnswerStatus.NODATA, (), ("b.example",), 0, cut=True)),
        (["mx.example. 60 CNAME b.example.", SOA], "NOERROR", Reply(AnswerStatus.NODATA, (), ("b.example",), 30)),
        (["mx.example. 60 CNAME b.example.", SOA], "NXDOMAIN", Reply(AnswerStatus.NXDOMAIN, (), ("b.example",), 30)),
        ([SOA], "NOERROR", Reply(AnswerStatus.NODATA, ttl_s=30)),
        ([], "NOERROR", Reply(AnswerStatus.NODATA)),
        ([SOA], "NXDOMAIN", Reply(AnswerStatus.NXDOMAIN, ttl_s=30)),
        (["example. 60 NS ns.example."], "NOERROR", Reply(AnswerStatus.SERVFAIL, detail="a referral: the server does not recurse")),
        ([], "SERVFAIL", Reply(AnswerStatus.SERVFAIL, detail="SERVFAIL")),
        ([], "REFUSED", Reply(AnswerStatus.REFUSED, detail="REFUSED")),
        ([], "NOTAUTH", Reply(AnswerStatus.SERVFAIL, detail="NOTAUTH")),
        ([], "FORMERR", Reply(AnswerStatus.SERVFAIL, detail="FORMERR", dislikes_edns=True)),
        (["mx.example. 60 A 192.0.2.1"], "NXDOMAIN", Reply(AnswerStatus.MALFORMED, detail="NXDOMAIN with records")),
        (["mx.example. 60 CNAME b.example.", "b.example. 60 CNAME mx.example."], "NOERROR", Reply(AnswerStatus.MALFORMED, detail="aliases without an end")),
    ],
)  # fmt: skip
def test_outcome(records: list[str], rcode: str, expected: Reply) -> None:
    """NXDOMAIN, NODATA, a cut alias chain, a referral and the errors are kept apart."""
    found = read(A, *records, rcode=rcode)

    if not expected.ttl_s:  # dnspython's own default where there is no SOA
        found = replace(found, ttl_s=0)
    assert expected == found


def test_an_extended_error_is_the_detail() -> None:
    """What the server says of its failure (RFC 8914) is kept."""
    query = dns_message.write(A)
    message = dns.message.make_response(dns.message.from_wire(query.wire))
    message.set_rcode(dns.rcode.SERVFAIL)
    asleep = dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, "all asleep")
    message.use_edns(options=[asleep])

    expected = "EDE 22 (No Reachable Authority): all asleep"
    assert expected == dns_message.read(query, message.to_wire()).detail


def test_too_many_records() -> None:
    """Of a giant RRset the preferred records are kept, and the rest is counted."""
    records = [f"d.example. 60 MX {n} mx{n}.example." for n in range(1000, 0, -1)]

    found = read(Question("d.example", QType.MX), *records)

    assert [f"{n} mx{n}.example" for n in range(1, MAX_RECORDS + 1)] == list(found.records)
    assert "1000 records, 256 kept" == found.detail


def test_a_cut_reply_is_not_read_on() -> None:
    """Under TC nothing after the header counts, however it ends (RFC 2181 §9)."""
    query = dns_message.write(A)
    wire = reply(dns.message.from_wire(query.wire), "mx.example. 60 A 192.0.2.1", truncated=True)

    assert Reply(AnswerStatus.TRUNCATED) == dns_message.read(query, wire[:-20])


def test_what_is_our_reply() -> None:
    """A reply is ours by QR, opcode and question, in any case of letters; an error may lack it."""
    query = dns_message.write(A)
    ours = reply(dns.message.from_wire(query.wire))
    other = reply(dns.message.from_wire(dns_message.write(Question("b.example", QType.A)).wire))
    bare = ours[:4] + bytes(8)

    assert query.is_answered_by(ours)
    assert query.is_answered_by(ours.replace(b"mx", b"mX"))
    assert query.is_answered_by(bare[:3] + b"\x85" + bare[4:])
    assert not query.is_answered_by(bare)
    assert not query.is_answered_by(other)
    assert not query.is_answered_by(query.wire)
    assert not query.is_answered_by(ours[:2] + b"\xa8" + ours[3:])
    assert not query.is_answered_by(ours[:11])
    assert not query.is_answered_by(b"")


@pytest.mark.parametrize("cut", [12, 20, -12, -20])
def test_a_broken_reply(cut: int) -> None:
    """A reply that ends too early is malformed, as an exception of the edge's own."""
    query = dns_message.write(A)
    wire = reply(dns.message.from_wire(query.wire), "mx.example. 60 A 192.0.2.1")

    with pytest.raises(MalformedReply):
        dns_message.read(query, wire[:cut])


def test_a_reply_without_its_question() -> None:
    """NOERROR without the question answers nothing."""
    query = dns_message.write(A)
    with pytest.raises(MalformedReply, match="the question is missing"):
        dns_message.read(query, query.wire[:2] + b"\x81\x80" + bytes(8))


@given(st.binary(min_size=12, max_size=300))
def test_any_bytes(tail: bytes) -> None:
    """Whatever bytes follow our header and question, they are read or malformed."""
    query = dns_message.write(A)
    wire = b"\0\0\x81\x80\0\1" + tail[:6] + query.section + tail[6:]

    assert _status(query, wire) in AnswerStatus


def _status(query: Query, wire: bytes) -> AnswerStatus:
    try:
        return dns_message.read(query, wire).status
    except MalformedReply:
        return AnswerStatus.MALFORMED


def test_system_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's name servers are those of resolv.conf; without any, the local host."""

    def none_configured(_: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    assert dns_message.system_servers()
    monkeypatch.setattr("dns.resolver.Resolver.read_resolv_conf", lambda *_: none_configured(_))
    assert ["127.0.0.1"] == dns_message.system_servers()
