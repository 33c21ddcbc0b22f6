"""A small authoritative name server over UDP and TCP, for zones of the sandbox.

RFC 1034 §4.3.2 for the answer, RFC 2308 for negative answers, RFC 7766 for TCP, RFC 6891 for sizes.
The messages and zones are dnspython's, which is here already, typed and kept; what is left is a
look-up and two sockets. The sandbox's zones hold no alias, no delegation and no wildcard, so those
branches of the algorithm are absent. What lies outside the zones is refused, or, where an upstream
resolver is named, passed on to it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence

    Respond = Callable[[dns.message.Message], Awaitable[dns.message.Message]]

_PLAIN_UDP_SIZE = 512  # RFC 1035 §4.2.1: where the query has no EDNS
_MAX_UDP_SIZE = 1232  # passes unfragmented everywhere
_MAX_TCP_SIZE = 65535
_UPSTREAM_S = 4.0
_IDLE_S = 30.0
_PORT_TRIALS = 20


def answer(zones: Sequence[dns.zone.Zone], query: dns.message.Message) -> dns.message.Message:
    """Return the authoritative response to a query; REFUSED for a name outside all zones."""
    response = dns.message.make_response(query)
    if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
        response.set_rcode(dns.rcode.NOTIMP)
        return response
    question = query.question[0]
    zone = zone_of(zones, question.name)
    if zone is None or question.rdclass != dns.rdataclass.IN:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    response.flags |= dns.flags.AA
    found = zone.get_rrset(question.name, question.rdtype)
    if found is not None:
        response.answer.append(found)
        return response
    if not _exists(zone, question.name):
        response.set_rcode(dns.rcode.NXDOMAIN)
    soa = zone.find_rrset(_apex(zone), dns.rdatatype.SOA)
    response.authority.append(soa)
    return response


def _exists(zone: dns.zone.Zone, name: dns.name.Name) -> bool:
    """Whether a zone holds a name; it does where it holds anything below it (RFC 8020 §2)."""
    return name in zone.nodes or any(owner.is_subdomain(name) for owner in zone.nodes)


def zone_of(zones: Sequence[dns.zone.Zone], name: dns.name.Name) -> dns.zone.Zone | None:
    """Return the deepest zone that a name is in, or None."""
    around = [zone for zone in zones if name.is_subdomain(_apex(zone))]
    return max(around, key=lambda zone: len(_apex(zone)), default=None)


def _apex(zone: dns.zone.Zone) -> dns.name.Name:
    if zone.origin is None:
        raise ValueError("a zone without an origin cannot be served")
    return zone.origin


def responder(
    zones: Sequence[dns.zone.Zone], *, upstream: str | None = None, upstream_port: int = 53
) -> Respond:
    """Return what answers queries from the zones.

    Args:
        zones: zones read with absolute names (``relativize=False``).
        upstream: the address of a resolver that is asked for all other names; None: refuse them.
        upstream_port: its port.
    """

    async def respond(query: dns.message.Message) -> dns.message.Message:
        if upstream is None or (query.question and zone_of(zones, query.question[0].name)):
            return answer(zones, query)
        try:
            reply, _ = await dns.asyncquery.udp_with_fallback(
                query, upstream, timeout=_UPSTREAM_S, port=upstream_port
            )
        except (dns.exception.DNSException, OSError):
            reply = dns.message.make_response(query)
            reply.set_rcode(dns.rcode.SERVFAIL)
        return reply

    return respond


@asynccontextmanager
async def name_server(respond: Respond, ip: str) -> AsyncIterator[int]:
    """Answer queries at a free port of ``ip``, the same over UDP and TCP; yields the port.

    Raises:
        OSError: the address is not this machine's.
    """
    over_udp, over_tcp = _sockets(ip)
    tasks: set[asyncio.Task[None]] = set()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(respond, tasks), sock=over_udp
    )
    server = await asyncio.start_server(_tcp(respond, tasks), sock=over_tcp)
    try:
        yield over_tcp.getsockname()[1]
    finally:
        transport.close()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _sockets(ip: str) -> tuple[socket.socket, socket.socket]:
    """Bind one free port for UDP and for TCP."""
    for _ in range(_PORT_TRIALS):
        over_udp = socket.socket(type=socket.SOCK_DGRAM)
        over_tcp = socket.socket(type=socket.SOCK_STREAM)
        try:
            over_udp.bind((ip, 0))
            over_tcp.bind(over_udp.getsockname())
        except OSError:
            over_udp.close()
            over_tcp.close()
            continue
        over_udp.settimeout(0)
        over_tcp.settimeout(0)
        return over_udp, over_tcp
    raise OSError(
        f"no port of {ip} is free for UDP and TCP alike; is it an address of this machine?"
    )


class _Udp(asyncio.DatagramProtocol):
    """One response for each datagram that holds a query; whatever else comes is ignored."""

    def __init__(self, respond: Respond, tasks: set[asyncio.Task[None]]) -> None:
        self._respond = respond
        self._tasks = tasks

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # typeshed: a datagram protocol gets this kind
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        _keep(self._tasks, self._answer(data, addr))

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        query = _parse(data)
        if query is None:
            return
        size = min(query.payload, _MAX_UDP_SIZE) if query.edns >= 0 else _PLAIN_UDP_SIZE
        response = await self._respond(query)
        self._transport.sendto(_wire(response, size), addr)


def _tcp(
    respond: Respond, tasks: set[asyncio.Task[None]]
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
    """Return the handler of a TCP connection: length-prefixed queries, answered in order."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_IDLE_S):
                while query := await _read_query(reader):
                    wire = (await respond(query)).to_wire(max_size=_MAX_TCP_SIZE)
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went, or fell silent
        finally:
            writer.close()

    return lambda reader, writer: _keep(tasks, serve(reader, writer))


def _keep(tasks: set[asyncio.Task[None]], work: Coroutine[None, None, None]) -> None:
    """Run something beside, and hold on to it until it is done."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _read_query(reader: asyncio.StreamReader) -> dns.message.Message | None:
    (length,) = struct.unpack("!H", await reader.readexactly(2))
    return _parse(await reader.readexactly(length))


def _parse(data: bytes) -> dns.message.Message | None:
    """Return the query that the bytes hold; None for a response, and for what is no message."""
    try:
        message = dns.message.from_wire(data)
    except dns.exception.DNSException:
        return None
    return None if message.flags & dns.flags.QR else message


def _wire(response: dns.message.Message, size: int) -> bytes:
    """Return the response in at most ``size`` octets; where it does not fit, TC and no records."""
    try:
        return response.to_wire(max_size=size)
    except dns.exception.TooBig:
        response.answer.clear()
        response.authority.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()
