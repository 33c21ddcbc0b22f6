"""What name servers may do to us: a table of behaviours, each asked about ``d.test``."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TypeAlias

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from bot.model.question import AnswerStatus
from tests.servers.stub_dns import reply

Handler: TypeAlias = Callable[[dns.message.Message, str], Iterable[bytes]]

NAME = "d.test"
_HOST = f"mx.{NAME}"
_MX = f"{NAME}. 60 MX 10 {_HOST}."
_OWNER = b"\xc0\x0c"  # the name of the question
_IN, _TYPE_MX, _TYPE_CNAME = 1, 15, 5


def _says(*records: str, rcode: str = "NOERROR") -> Handler:
    return lambda query, _way: [reply(query, *records, rcode=rcode)]


def _wire(query: dns.message.Message, records: bytes, count: int, flags: int = 0x8180) -> bytes:
    """Return a reply written by hand: the question, and records as they are."""
    name, kind = query.question[0].name.to_wire() or b"", query.question[0].rdtype
    head = struct.pack("!6H", query.id, flags, 1, count, 0, 0)
    return head + name + struct.pack("!2H", kind, _IN) + records


def _record(rdata: bytes, kind: int = _TYPE_MX, *, length: int | None = None) -> bytes:
    size = len(rdata) if length is None else length
    return _OWNER + struct.pack("!HHIH", kind, _IN, 60, size) + rdata


def _writes(records: bytes, count: int = 1, flags: int = 0x8180) -> Handler:
    return lambda query, _way: [_wire(query, records, count, flags)]


def _changed(change: Callable[[bytearray], bytes | bytearray]) -> Handler:
    return lambda query, _way: [bytes(change(bytearray(reply(query, _MX))))]


def _new_id(wire: bytearray) -> bytearray:
    wire[0] ^= 0xFF
    return wire


def _as_query(wire: bytearray) -> bytearray:
    wire[2] &= 0x7F  # RFC 1035 §4.1.1: QR
    return wire


def _upper(wire: bytearray) -> bytes:
    return (
        bytes(wire[:12])
        + bytes(wire[12 : 12 + len(NAME) + 2]).upper()
        + bytes(wire[14 + len(NAME) :])
    )


def _about(name: str, kind: str = "MX", rdclass: str = "IN") -> Handler:
    def answer(query: dns.message.Message, _way: str) -> Iterable[bytes]:
        other = dns.message.make_query(name, kind, rdclass=rdclass, id=query.id)
        yield dns.message.make_response(other).to_wire()

    return answer


def _one_more_alias(query: dns.message.Message, _way: str) -> Iterable[bytes]:
    name = query.question[0].name.to_text()
    yield reply(query, f"{name} 60 CNAME x{name}")


def _cut_then(deed: Handler) -> Handler:
    """Return a server that cuts over UDP, and does this over TCP."""
    return lambda query, way: [reply(query, truncated=True)] if way == "udp" else deed(query, way)


def _hang_up(_query: dns.message.Message, _way: str) -> Iterable[bytes]:
    raise ConnectionError


def _two_minds(query: dns.message.Message, _way: str) -> Iterable[bytes]:
    yield reply(query, _MX)
    yield reply(query, f"{NAME}. 60 MX 10 evil.test.")


def _chain(length: int) -> Handler:
    records = [f"{NAME}. 60 CNAME c0.test."]
    records += [f"c{n}.test. 60 CNAME c{n + 1}.test." for n in range(length)]
    return _says(*records, f"c{length}.test. 60 MX 10 {_HOST}.")


def _flood(query: dns.message.Message, way: str) -> Iterable[bytes]:
    """Send two thousand datagrams that are none of ours."""
    yield from (b"\xff" * 40 for _ in range(2000 if way == "udp" else 0))


def _with_addresses(*records: str) -> Handler:
    """Return a server that names one mail host, and answers about it so."""

    def answer(query: dns.message.Message, _way: str) -> Iterable[bytes]:
        kind = query.question[0].rdtype
        if query.question[0].name.to_text() == f"{NAME}." and kind == dns.rdatatype.MX:
            yield reply(query, _MX)
            return
        wanted = dns.rdatatype.to_text(kind)
        fitting = [r for r in records if r.split()[2] in (wanted, "CNAME")]
        yield reply(query, *(fitting or ["test. 60 SOA ns. root. 1 2 3 4 5"]))

    return answer


_BAD, _MUTE, _CUT, _FAIL = (
    AnswerStatus.MALFORMED,
    AnswerStatus.TIMEOUT,
    AnswerStatus.TRUNCATED,
    AnswerStatus.SERVFAIL,
)
_LABEL = bytes([63]) + b"a" * 63

# name: what it does, and what becomes of the look-up. None is taken for an answer.
UNKNOWN: dict[str, tuple[Handler, AnswerStatus]] = {
    "silence": (lambda _query, _way: (), _MUTE),
    "noise": (lambda _query, _way: (b"", b"\0" * 11, b"\xff" * 500), _MUTE),
    "flood-of-noise": (_flood, _MUTE),
    "another-id": (_changed(_new_id), _MUTE),
    "another-name": (_about("other.test"), _MUTE),
    "another-type": (_about(NAME, "A"), _MUTE),
    "another-class": (_about(NAME, "MX", "CH"), _MUTE),
    "a-query-instead": (_changed(_as_query), _MUTE),
    "servfail": (_says(rcode="SERVFAIL"), _FAIL),
    "refused": (_says(rcode="REFUSED"), AnswerStatus.REFUSED),
    "notimp": (_says(rcode="NOTIMP"), _FAIL),
    "formerr": (_says(rcode="FORMERR"), _FAIL),
    "yxdomain": (_says(rcode="YXDOMAIN"), _FAIL),
    "notauth": (_says(rcode="NOTAUTH"), _FAIL),
    "referral": (_says("test. 60 NS ns.test."), _FAIL),
    "referral-to-the-root": (_says(". 60 NS a.root-servers.net."), _FAIL),
    "torn": (_changed(lambda wire: wire[: len(wire) // 2 + 6]), _BAD),
    "torn-in-the-header": (_changed(lambda wire: wire[:8]), _MUTE),
    "counts-that-lie": (_writes(b"", 65_535), _BAD),
    "record-longer-than-the-message": (_writes(_record(b"\0\x0a", length=4000)), _BAD),
    "record-shorter-than-its-data": (_writes(_record(b"\0", length=1)), _BAD),
    "pointer-to-itself": (_writes(_record(b"\0\x0a\xc0\x26")), _BAD),
    "pointer-forward": (_writes(_record(b"\0\x0a\xff\xff")), _BAD),
    "label-of-a-kind-that-is-none": (_writes(_record(b"\0\x0a\x80abc\0")), _BAD),
    "name-of-300-octets": (_writes(_record(b"\0\x0a" + _LABEL * 5 + b"\0")), _BAD),
    "alias-loop": (
        _says(f"{NAME}. 60 CNAME a.test.", "a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test."),
        _BAD,
    ),
    "alias-to-itself": (_says(f"{NAME}. 60 CNAME {NAME}."), _BAD),
    "alias-without-end": (_one_more_alias, _BAD),
    "alias-of-20-in-one-answer": (_chain(20), _BAD),
    "cut-over-tcp-too": (_cut_then(lambda q, _way: [reply(q, _MX, truncated=True)]), _CUT),
    "cut-and-tcp-hangs-up": (_cut_then(_hang_up), AnswerStatus.UNREACHABLE),
    "cut-and-tcp-is-silent": (_cut_then(lambda _query, _way: ()), _MUTE),
    "cut-and-tcp-is-torn": (_cut_then(_changed(lambda wire: wire[:-16])), _BAD),
    "cut-and-tcp-speaks-of-others": (_cut_then(_about("other.test")), _MUTE),
}

# name: what it does, what the MX look-up brings, and why no host is asked.
KNOWN: dict[str, tuple[Handler, tuple[str, ...], str]] = {
    "two-minds": (_two_minds, (f"10 {_HOST}",), "mx_unusable"),
    "name-in-capitals": (_changed(_upper), (f"10 {_HOST}",), "mx_unusable"),
    "nxdomain": (_says(rcode="NXDOMAIN"), (), "nxdomain"),
    "null-mx-with-others": (
        _says(f"{NAME}. 60 MX 0 .", _MX),
        ("0 ", f"10 {_HOST}"),
        "mx_unusable",
    ),
    "records-of-others-among-them": (
        _says(_MX, "other.test. 60 MX 10 evil.test."),
        (f"10 {_HOST}",),
        "mx_unusable",
    ),
    "mentions-as-mx": (
        _says(f"{NAME}. 60 MX 10 <!channel>.test."),
        ("10 <!channel>.test",),
        "mx_unusable",
    ),
    "ttl-of-a-century": (
        _says(f"{NAME}. 2147483647 MX 10 {_HOST}."),
        (f"10 {_HOST}",),
        "mx_unusable",
    ),
    "addresses-inside": (
        _with_addresses(f"{_HOST}. 60 A 10.0.0.5", f"{_HOST}. 60 AAAA ::1"),
        (f"10 {_HOST}",),
        "address_forbidden",
    ),
    "a-hundred-addresses-inside": (
        _cut_then(_with_addresses(*(f"{_HOST}. 60 A 10.0.0.{n}" for n in range(100)))),
        (f"10 {_HOST}",),
        "address_forbidden",
    ),
    "host-that-is-an-alias-to-the-inside": (
        _with_addresses(f"{_HOST}. 60 CNAME in.test.", "in.test. 60 A 169.254.169.254"),
        (f"10 {_HOST}",),
        "address_forbidden",
    ),
}
