"""DNS and mail servers that mean harm, in a process of their own: the world of ``burst``.

    python -m tests.bench.hostile_world TARPITS FLOODERS

Prints one JSON line that says where it is, then one each time that another tarpit holds a
connection; ends when its standard input does.

``tar<n>``: 50 mail hosts each, which greet one octet a second and never end the line.
``giant<n>``: 3,000 MX records, for every second one with exchanges that lean on one another
by fifteen pointers in a row; each of their hosts has 4,000 A records.
``flood<n>``: 50 mail hosts each, which send reply lines as fast as they are taken.
``silent<n>``: no answer at all. Every other name does not exist.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import dns.message
import dns.rcode
import dns.rdatatype

from bot.sandbox.hosts.listening import listen_everywhere
from tests.servers.stub_dns import reply, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = "burst.test"
NETWORK = "127.16.0.0/12"
HOSTS = 50
MX_RECORDS, A_RECORDS = 3000, 4000
_TARPITS, _FLOODERS = "127.16", "127.17"
_DEPTH = 15  # pointers in a row; dnspython follows sixteen
_OWNER = b"\xc0\x0c"  # the name of the question
_DIGITS = b"0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Where:
    """Where the world is: a resolver setting, and the port of its mail hosts."""

    resolver: str
    port: int


def address(network: str, domain: int, host: int) -> str:
    """Return the address of a mail host."""
    return f"{network}.{domain}.{1 + host}"


def answers(query: dns.message.Message, transport: str) -> Iterable[bytes]:
    """Answer a query as the module says; ``transport`` is udp or tcp."""
    name = query.question[0].name.to_text().lower().rstrip(".")
    kind, number = _kind(name)
    qtype = query.question[0].rdtype
    if kind == "silent":
        return
    if kind == "giant" and qtype in (dns.rdatatype.MX, dns.rdatatype.A):
        if transport == "udp":
            yield reply(query, truncated=True)
            return
        question = query.question[0].name.to_wire() or b""
        records = _mx(deep=number % 2 == 1) if qtype == dns.rdatatype.MX else _a()
        count = MX_RECORDS if qtype == dns.rdatatype.MX else A_RECORDS
        header = struct.pack("!6H", query.id, 0x8180, 1, count, 0, 0)
        yield (header + question + struct.pack("!2H", qtype, 1) + records)[:65_535]
        return
    yield _small(query, name, kind, number)


def _kind(name: str) -> tuple[str, int]:
    """Return what kind of domain a name is in, and its number."""
    label = name.removesuffix(f".{SUFFIX}").rpartition(".")[2]
    kind = label.rstrip("0123456789")
    return kind, int(label.removeprefix(kind) or 0)


def _small(query: dns.message.Message, name: str, kind: str, number: int) -> bytes:
    network = {"tar": _TARPITS, "flood": _FLOODERS}.get(kind)
    qtype = query.question[0].rdtype
    if network is None:
        rcode = "NOERROR" if kind == "giant" else "NXDOMAIN"
        return reply(query, f"{SUFFIX}. 60 SOA ns. root. 1 2 3 4 5", rcode=rcode)
    if qtype == dns.rdatatype.MX:
        return reply(query, *(f"{name}. 60 MX {n} mx{n}.{name}." for n in range(HOSTS)))
    if qtype == dns.rdatatype.A:
        host = int(name.partition(".")[0].removeprefix("mx"))
        return reply(query, f"{name}. 60 A {address(network, number, host)}")
    return reply(query, f"{SUFFIX}. 60 SOA ns. root. 1 2 3 4 5")


@lru_cache(maxsize=2)
def _mx(*, deep: bool) -> bytes:
    """Return MX records; deep exchanges each lean on the one before, down to the question."""
    question_end = 12 + len(f"giant0.{SUFFIX}") + 2 + 4
    made, target = bytearray(), _OWNER
    for number in range(MX_RECORDS):
        if number % _DEPTH == 0:
            target = _OWNER
        label = bytes([4]) + bytes(_DIGITS[number // 36**place % 36] for place in (3, 2, 1, 0))
        label = bytes([1, label[-1]]) if deep else label
        rdata = struct.pack("!H", 10) + label + target
        head = _OWNER + struct.pack("!HHIH", dns.rdatatype.MX, 1, 60, len(rdata))
        offset = question_end + len(made) + len(head) + 2
        made += head + rdata
        if deep and offset < 0x4000:  # RFC 1035 §4.1.4: a pointer has 14 bits
            target = struct.pack("!H", 0xC000 | offset)
    return bytes(made)


@lru_cache(maxsize=1)
def _a() -> bytes:
    """Return A records in private networks, where nobody is ever asked."""
    head = _OWNER + struct.pack("!HHIH", dns.rdatatype.A, 1, 60, 4)
    return b"".join(head + bytes([10, 9, n >> 8, n & 255]) for n in range(A_RECORDS))


async def _tarpit(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sys.stdout.write('{"held": 1}\n')
    sys.stdout.flush()
    with suppress(ConnectionError, asyncio.CancelledError):  # the end of the world, too
        for octet in b"220-tarpit " + b"." * 600:
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(1)
    writer.close()


async def _flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.CancelledError):  # the end of the world, too
        while True:
            writer.write(b"220-" + b"flood " * 1000 + b"\r\n")
            await writer.drain()
    writer.close()


async def run(tarpits: int, flooders: int) -> None:
    """Serve until standard input ends."""
    counts = {_TARPITS: tarpits, _FLOODERS: flooders}
    behave = {_TARPITS: _tarpit, _FLOODERS: _flood}
    addresses = [
        address(network, domain, host)
        for network, domains in counts.items()
        for domain in range(domains)
        for host in range(HOSTS)
    ]
    listeners = listen_everywhere(addresses or [address(_TARPITS, 0, 0)])
    async with AsyncExitStack() as stack:
        name_server = await stack.enter_async_context(serve(answers))
        for ip, listener in listeners.items():
            server = await asyncio.start_server(behave[ip.rsplit(".", 2)[0]], sock=listener)
            stack.callback(server.close)
        port = next(iter(listeners.values())).getsockname()[1]
        where = Where(f"udp://{name_server.ip}:{name_server.port}", port)
        sys.stdout.write(json.dumps(asdict(where)) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tarpits", type=int, help="domains of 50 mail hosts each")
    parser.add_argument("flooders", type=int, help="domains of 50 mail hosts each")
    chosen = parser.parse_args()
    asyncio.run(run(chosen.tarpits, chosen.flooders))
