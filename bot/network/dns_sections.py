"""The answer and authority sections of a DNS message, read as far as a stub resolver needs them.

dnspython reads whole messages, glue and signatures too, and builds an object of every record: four
times the work, and a giant answer is an attack (RFC 1035 §4.1). Here its names and RDATA are used,
and nothing else of a message is looked at.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire

if TYPE_CHECKING:
    Key = tuple[dns.name.Name, int]

HEADER = 12
MAX_CHAIN = 16
_RECORD = "!HHIH"  # TYPE, CLASS, TTL, RDLENGTH


@dataclass(slots=True)
class Sections:
    """What a message says.

    Attributes:
        qname: the name of its question; None where there is no question.
        records: RDATA by owner and type, of the wanted type and CNAME alone.
        ttls: the shortest TTL of each of these, in seconds.
        negative_ttl: how long the SOA lets a negative answer be kept (RFC 2308 §5); None: no SOA.
        has_ns: whether the authority section names name servers.
    """

    qname: dns.name.Name | None = None
    records: dict[Key, list[Any]] = field(default_factory=dict)
    ttls: dict[Key, int] = field(default_factory=dict)
    negative_ttl: int | None = None
    has_ns: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a name's aliases lead: their targets, and the RDATA at the end (none: no records)."""

    targets: tuple[dns.name.Name, ...]
    rdatas: tuple[Any, ...]
    ttl_s: int


def read_sections(wire: bytes, rdtype: int) -> Sections:
    """Read a message of at least a header.

    Raises:
        dns.exception.DNSException: it breaks the format.
    """
    questions, answers, authority = struct.unpack_from("!HHH", wire, 4)
    parser = dns.wire.Parser(wire, HEADER)
    found = Sections()
    for _ in range(questions):
        found.qname = _owner(parser)
        parser.get_bytes(4)
    for _ in range(answers):
        _read_answer(parser, rdtype, found)
    for _ in range(authority):
        _read_authority(parser, found)
    return found


def _owner(parser: dns.wire.Parser) -> dns.name.Name:
    return parser.get_name(decompress=True)


def _read_answer(parser: dns.wire.Parser, wanted: int, found: Sections) -> None:
    owner = _owner(parser)
    rdtype, rdclass, ttl, length = parser.get_struct(_RECORD)
    if rdclass != dns.rdataclass.IN or rdtype not in (wanted, dns.rdatatype.CNAME):
        parser.get_bytes(length)
        return
    with parser.restrict_to(length):
        rdata = dns.rdata.from_wire_parser(rdclass, rdtype, parser)
    key = owner, rdtype
    found.records.setdefault(key, []).append(rdata)
    found.ttls[key] = min(ttl, found.ttls.get(key, ttl))


def _read_authority(parser: dns.wire.Parser, found: Sections) -> None:
    _owner(parser)
    rdtype, _, ttl, length = parser.get_struct(_RECORD)
    rdata = parser.get_bytes(length)
    if rdtype == dns.rdatatype.NS:
        found.has_ns = True
    elif rdtype == dns.rdatatype.SOA and length >= 4:
        found.negative_ttl = min(ttl, int.from_bytes(rdata[-4:]))  # MINIMUM stands last


def follow(found: Sections, name: dns.name.Name, rdtype: int) -> Chain | None:
    """Follow the aliases of a name within one message; None where they go on without an end."""
    targets: list[dns.name.Name] = []
    ttls: list[int] = []
    while len(targets) <= MAX_CHAIN:
        if rdatas := found.records.get((name, rdtype)):
            ttls.append(found.ttls[name, rdtype])
            return Chain(tuple(targets), tuple(dict.fromkeys(rdatas)), min(ttls))
        alias = name, int(dns.rdatatype.CNAME)
        if alias not in found.records:
            ttls.append(found.negative_ttl or 0)
            return Chain(tuple(targets), (), min(ttls))
        ttls.append(found.ttls[alias])
        name = found.records[alias][0].target
        targets.append(name)
    return None
