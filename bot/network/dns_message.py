r"""DNS messages as bytes: what we send, and what a reply says (RFC 1035 §4, RFC 6891, RFC 2308).

With ``dns_sections`` the one importer of dnspython. Knows no socket: transports carry bytes, which
are written and read here. Names and texts in a reply are a stranger's: dnspython's escapes
(``\DDD``) keep them ASCII.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from bot.model.question import AnswerStatus, QType, Question
from bot.network.dns_sections import HEADER, Sections, follow, read_sections

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


UDP_PAYLOAD = 1232  # what fits every path unfragmented (DNS flag day 2020, RFC 9715)
MAX_RECORDS = 256  # kept of one RRset; contract.md's limits are far below
_IN = int(dns.rdataclass.IN)
_RD = int(dns.flags.RD)
_RDTYPES = {qtype: int(dns.rdatatype.from_text(qtype.value)) for qtype in QType}
_OPT = b"\0" + struct.pack("!HHIH", dns.rdatatype.OPT, UDP_PAYLOAD, 0, 0)  # RFC 6891 §6.1.2
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
        if len(wire) < HEADER or wire[2] & 0xF8 != 0x80:  # QR set, opcode QUERY
            return False
        if wire[4:6] == b"\0\0":
            return wire[3] & 0x0F in _ERRORS_WITHOUT_QUESTION
        end = HEADER + len(self.section)
        # RFC 1035 §2.3.3: case is not significant; no length octet is a letter.
        return wire[4:6] == b"\0\1" and wire[HEADER:end].lower() == self.section.lower()


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
    section = cast("bytes", name.to_wire()) + struct.pack("!HH", _RDTYPES[question.qtype], _IN)
    header = struct.pack("!6H", 0, _RD, 1, 0, 0, 1 if edns else 0)
    return Query(question, header + section + (_OPT if edns else b""), edns, section)


def read(query: Query, wire: bytes) -> Reply:
    """Read a reply that ``query.is_answered_by``.

    A reply that the server cut (TC) is not read on: what is left of it may end anywhere.

    Raises:
        MalformedReply: it breaks the format.
    """
    if wire[2] & 0x02:
        return TRUNCATED
    try:
        if wire[3] & 0x0F in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            sections = read_sections(wire, _RDTYPES[query.question.qtype])
            if sections.qname is None:
                raise MalformedReply("the question is missing")
            if sections.records or sections.negative_ttl is not None:
                return _read(query, wire, sections, "")
            # Nothing at all: the rest of RCODE may stand in an OPT record (RFC 6891 §6.1.3).
        return _read_whole(query, wire)
    except dns.exception.DNSException as fault:
        raise MalformedReply(str(fault) or type(fault).__name__) from fault


def _read_whole(query: Query, wire: bytes) -> Reply:
    """Read a failure, or an answer without a record, with what the server says of it."""
    message = dns.message.from_wire(wire, ignore_trailing=True)
    rcode = message.rcode()
    detail = ", ".join(error.to_text() for error in message.extended_errors())  # RFC 8914
    if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return _read(query, wire, read_sections(wire, _RDTYPES[query.question.qtype]), detail)
    return Reply(
        AnswerStatus.REFUSED if rcode == dns.rcode.REFUSED else AnswerStatus.SERVFAIL,
        detail=detail or dns.rcode.to_text(rcode),
        dislikes_edns=query.edns and rcode in (dns.rcode.FORMERR, dns.rcode.NOTIMP),
    )


def _read(query: Query, wire: bytes, sections: Sections, detail: str) -> Reply:
    """Say what the sections of a NOERROR or NXDOMAIN mean."""
    is_nxdomain = wire[3] & 0x0F == dns.rcode.NXDOMAIN
    qtype = query.question.qtype
    chain = follow(sections, cast("dns.name.Name", sections.qname), _RDTYPES[qtype])
    if chain is None:
        return Reply(AnswerStatus.MALFORMED, detail="aliases without an end")
    if chain.rdatas and is_nxdomain:
        return Reply(AnswerStatus.MALFORMED, detail="NXDOMAIN with records")
    aliases = tuple(map(_name, chain.targets))
    if chain.rdatas:
        records, left_out = _records(qtype, chain.rdatas)
        return Reply(AnswerStatus.RECORDS, records, aliases, chain.ttl_s, left_out or detail)
    if is_nxdomain:  # of the last alias, where there is one (RFC 6604 §3)
        return Reply(AnswerStatus.NXDOMAIN, (), aliases, chain.ttl_s, detail)
    return _without_records(Reply(AnswerStatus.NODATA, (), aliases, chain.ttl_s, detail), sections)


def _without_records(reply: Reply, sections: Sections) -> Reply:
    """Tell NODATA from an answer that stops short of one (RFC 2308 §2.2)."""
    if sections.negative_ttl is not None:
        return reply
    if reply.aliases:
        return replace(reply, cut=True)
    if sections.has_ns:
        referral = "a referral: the server does not recurse"
        return Reply(AnswerStatus.SERVFAIL, detail=referral)
    return reply


def _records(qtype: QType, rdatas: tuple[Any, ...]) -> tuple[tuple[str, ...], str]:
    """Return the RDATA as ``Answer`` wants them, and a word where some were left out."""
    if qtype is QType.MX:  # the preferred ones are kept, whatever order they came in
        rdatas = tuple(sorted(rdatas, key=lambda rdata: rdata.preference))
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
