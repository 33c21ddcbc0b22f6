r"""DNS messages as bytes: what we send, and what a reply says (RFC 1035 §4, RFC 6891, RFC 2308).

The one importer of dnspython. Knows no socket: transports carry bytes, this module writes and reads
them. Names and texts in a reply are a stranger's: dnspython's escapes (``\DDD``) keep them ASCII.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset

from bot.model.question import AnswerStatus, QType, Question

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


UDP_PAYLOAD = 1232  # what fits every path unfragmented (DNS flag day 2020, RFC 9715)
MAX_RECORDS = 256  # kept of one RRset; contract.md's limits are far below
_HEADER = 12
_ERRORS_WITHOUT_QUESTION = frozenset({1, 2, 4, 5})  # FORMERR, SERVFAIL, NOTIMP, REFUSED


class MalformedReply(ValueError):  # noqa: N818 - it is a reply, and the world's
    """The bytes answer our question by their header and cannot be read."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it goes out, its id still zero."""

    question: Question
    wire: bytes
    edns: bool
    section: bytes  # the question section, to know our own question again

    def with_id(self, number: int) -> bytes:
        """Return the message under an id of 16 bits."""
        return number.to_bytes(2) + self.wire[2:]

    def is_answered_by(self, wire: bytes) -> bool:
        """Whether a message is a reply to this question, by header and question (RFC 5452 §9.1).

        The id is the transport's to compare. Some servers leave the question out of an error.
        """
        if len(wire) < _HEADER or wire[2] & 0xF8 != 0x80:  # QR set, opcode QUERY
            return False
        if wire[4:6] == b"\0\0":
            return wire[3] & 0x0F in _ERRORS_WITHOUT_QUESTION
        end = _HEADER + len(self.section)
        # RFC 1035 §2.3.3: case is not significant; no length octet is a letter.
        return wire[4:6] == b"\0\1" and wire[_HEADER:end].lower() == self.section.lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply says. ``cut``: its alias chain ends at a name that it does not speak of."""

    status: AnswerStatus
    records: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ttl_s: int = 0
    detail: str = ""
    cut: bool = False
    dislikes_edns: bool = False


TRUNCATED = Reply(AnswerStatus.TRUNCATED)


def system_servers() -> list[str]:
    """Return the system's name servers; the local host where none is named (resolv.conf(5))."""
    try:
        return [str(server) for server in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        return ["127.0.0.1"]


def write(question: Question, *, edns: bool = True) -> Query:
    """Write a question, recursion desired.

    Raises:
        ValueError: the name is no domain name (RFC 1035 §2.3.4).
    """
    try:
        name = dns.name.from_text(question.qname)
    except dns.exception.DNSException as fault:
        raise ValueError(f"{question.qname!r} is no domain name: {fault}") from fault
    qtype = dns.rdatatype.from_text(question.qtype.value)
    extras: dict[str, Any] = {"use_edns": 0, "payload": UDP_PAYLOAD} if edns else {}
    wire = dns.message.make_query(name, qtype, id=0, **extras).to_wire()
    section = cast("bytes", name.to_wire()) + qtype.to_bytes(2) + dns.rdataclass.IN.to_bytes(2)
    return Query(question, wire, edns, section)


def read(query: Query, wire: bytes) -> Reply:
    """Read a reply that ``query.is_answered_by``.

    A reply that the server cut (TC) is not read on: what is left of it may end anywhere.

    Raises:
        MalformedReply: it breaks the format, or its aliases go in circles.
    """
    if wire[2] & 0x02:
        return TRUNCATED
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
        if not isinstance(message, dns.message.QueryMessage):
            raise MalformedReply("no reply to a query")
        return _read(query, message)
    except dns.exception.DNSException as fault:
        raise MalformedReply(str(fault) or type(fault).__name__) from fault


def _read(query: Query, message: dns.message.QueryMessage) -> Reply:
    rcode = message.rcode()
    detail = ", ".join(error.to_text() for error in message.extended_errors())  # RFC 8914
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        refused = rcode == dns.rcode.REFUSED
        return Reply(
            AnswerStatus.REFUSED if refused else AnswerStatus.SERVFAIL,
            detail=detail or dns.rcode.to_text(rcode),
            dislikes_edns=query.edns and rcode in (dns.rcode.FORMERR, dns.rcode.NOTIMP),
        )
    if not message.question:
        raise MalformedReply("the question is missing")
    try:
        chain = message.resolve_chaining()
    except (dns.message.ChainTooLong, dns.message.AnswerForNXDOMAIN) as fault:  # by the zone's hand
        return Reply(AnswerStatus.MALFORMED, detail=str(fault))
    reply = Reply(
        AnswerStatus.NODATA,
        aliases=tuple(_name(cast("Any", rrset[0]).target) for rrset in chain.cnames),
        ttl_s=chain.minimum_ttl,
        detail=detail,
    )
    if chain.answer is not None:
        records, left_out = _records(query.question.qtype, chain.answer)
        return replace(
            reply, status=AnswerStatus.RECORDS, records=records, detail=left_out or detail
        )
    if rcode == dns.rcode.NXDOMAIN:  # of the last alias, where there is one (RFC 6604 §3)
        return replace(reply, status=AnswerStatus.NXDOMAIN)
    return _without_records(reply, {rrset.rdtype for rrset in message.authority})


def _without_records(reply: Reply, authority: set[dns.rdatatype.RdataType]) -> Reply:
    """Tell NODATA from an answer that stops short of one (RFC 2308 §2.2)."""
    if dns.rdatatype.SOA in authority:
        return reply
    if reply.aliases:
        return replace(reply, cut=True)
    if dns.rdatatype.NS in authority:
        referral = "a referral: the server does not recurse"
        return Reply(AnswerStatus.SERVFAIL, detail=referral)
    return reply


def _records(qtype: QType, rrset: dns.rrset.RRset) -> tuple[tuple[str, ...], str]:
    """Return the RDATA as ``Answer`` wants them, and a word where some were left out."""
    rdatas = list(rrset)
    if qtype is QType.MX:  # the preferred ones are kept, whatever order they came in
        rdatas.sort(key=lambda rdata: cast("Any", rdata).preference)
    kept = tuple(_TEXT[qtype](rdata) for rdata in rdatas[:MAX_RECORDS])
    left_out = len(rdatas) - len(kept)
    return kept, f"{len(rdatas)} records, {MAX_RECORDS} kept" if left_out else ""


def _name(name: dns.name.Name) -> str:
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def _text(rdata: Any) -> str:  # noqa: ANN401 - dnspython's record classes are made at run time
    """Return the strings of a TXT record joined (RFC 7208 §3.3), octets beyond ASCII as escapes."""
    octets = b"".join(rdata.strings)
    return "".join(chr(o) if 0x20 <= o < 0x7F else f"\\{o:03d}" for o in octets)


_TEXT: dict[QType, Callable[[Any], str]] = {
    QType.A: lambda rdata: str(rdata.address),
    QType.AAAA: lambda rdata: str(rdata.address),
    QType.MX: lambda rdata: f"{rdata.preference} {_name(rdata.exchange)}",
    QType.PTR: lambda rdata: _name(rdata.target),
    QType.TXT: _text,
}
