"""A name server that does what a test tells it, on loopback: over UDP, over TCP, over TLS.

For what no real server can be made to do: silence, garbage, somebody else's replies.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.daemon import Endpoint

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterable

    Handler = Callable[[dns.message.Message, str], Iterable[bytes]]


def reply(
    query: dns.message.Message, *records: str, rcode: str = "NOERROR", truncated: bool = False
) -> bytes:
    """Return a reply to a query; records are ``NAME TTL TYPE RDATA``."""
    message = dns.message.make_response(query)
    message.set_rcode(dns.rcode.from_text(rcode))
    if truncated:
        message.flags |= dns.flags.TC
    for record in records:
        name, ttl, rdtype, rdata = record.split(maxsplit=3)
        rrset = dns.rrset.from_text(name, int(ttl), "IN", rdtype, rdata)
        section = message.authority if rdtype in ("SOA", "NS") else message.answer
        whole = message.find_rrset(section, rrset.name, rrset.rdclass, rrset.rdtype, create=True)
        for rdata in rrset:
            whole.add(rdata, rrset.ttl)
    return message.to_wire(max_size=65_535)


@asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Endpoint]:
    """Serve while the block runs.

    Args:
        handler: gets each query and ``udp`` or ``tcp``; returns the messages to send, none for
            silence; over TCP it may raise ConnectionError to close the connection.
        tls: over TLS instead of TCP.

    Yields:
        Where it answers, over UDP and TCP (or TLS).
    """

    class Datagrams(asyncio.DatagramProtocol):
        transport: asyncio.DatagramTransport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for message in handler(dns.message.from_wire(data), "udp"):
                self.transport.sendto(message, addr)

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                query = dns.message.from_wire(await reader.readexactly(length))
                for message in handler(query, "tcp"):
                    writer.write(len(message).to_bytes(2) + message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            # Nobody awaits this task: CPython 3.11 would print how it ended, with its loop.
            pass
        finally:
            writer.close()

    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(stream, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    transport, datagrams = await loop.create_datagram_endpoint(
        Datagrams, local_addr=("127.0.0.1", port)
    )
    datagrams.transport = transport
    try:
        yield Endpoint("127.0.0.1", port)
    finally:
        transport.close()
        server.close()
        await server.wait_closed()
