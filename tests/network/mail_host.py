"""A mail host on loopback that does as it is told, however badly: it writes raw octets."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme

from bot.model.exchange import Stage, Trouble
from bot.relay.session import sessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.model.exchange import Exchange

NAME = "mx.example.com"


def authority() -> trustme.CA:
    """An authority that nobody trusts."""
    return trustme.CA()


def server_context(ca: trustme.CA, name: str = NAME) -> ssl.SSLContext:
    """A server's TLS with a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


@dataclass(slots=True)
class Peer:
    """The host's side of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    heard: list[str] = field(default_factory=list)

    async def say(self, octets: bytes | str) -> None:
        """Send octets, or lines with their CRLF."""
        data = octets if isinstance(octets, bytes) else octets.encode() + b"\r\n"
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> str:
        """Read one line; the empty string at the end of the connection."""
        line = (await self.reader.readline()).decode().removesuffix("\r\n")
        self.heard.append(line)
        return line

    async def answer_hello(self, octets: str) -> None:
        """Answer a ClientHello with whatever it be."""
        await self.reader.read(1)
        await self.say(octets)

    async def stay(self) -> None:
        """Do nothing until the other side closes."""
        while await self.reader.read(65536):
            pass

    def reset(self) -> None:
        """End the connection at once."""
        self.writer.transport.abort()


@dataclass(slots=True)
class Listening:
    """A host that listens, and what it heard on each connection."""

    port: int
    heard: list[list[str]]


@asynccontextmanager
async def host(
    behave: Callable[[Peer], Awaitable[None]],
    ip: str = "127.0.0.1",
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[Listening]:
    """Let a host listen on a free port; ``context`` for TLS from the first octet."""
    heard: list[list[str]] = []
    under_way: dict[asyncio.Future[None], Peer] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer, over = Peer(reader, writer, len(heard)), asyncio.Future[None]()
        heard.append(peer.heard)
        under_way[over] = peer
        try:
            await behave(peer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            over.set_result(None)

    server = await asyncio.start_server(serve, ip, 0, ssl=context, ssl_handshake_timeout=None)
    try:
        yield Listening(server.sockets[0].getsockname()[1], heard)
    finally:
        server.close()
        for over, peer in under_way.items():
            peer.reset()
            await over
        await server.wait_closed()


def recorded(
    exchanges: tuple[Exchange, ...], context: ssl.SSLContext
) -> Callable[[Peer], Awaitable[None]]:
    """Return a host that plays the server's side of a transcript, session by session."""
    played = sessions(exchanges)

    async def behave(peer: Peer) -> None:
        for exchange in played[peer.number].exchanges:
            heard = exchange.command is None or await peer.hear() == exchange.command
            if not heard or not await _play(peer, exchange, context):
                return
        await peer.stay()

    return behave


async def _play(peer: Peer, exchange: Exchange, context: ssl.SSLContext) -> bool:
    """Do the server's part of one exchange; false where the connection ends with it."""
    if exchange.stage is Stage.TLS and exchange.trouble is None:
        await peer.writer.start_tls(context)
    elif exchange.stage is Stage.TLS:
        await peer.answer_hello("this is no TLS")
        return False
    elif exchange.reply is not None:
        await peer.say("\r\n".join(exchange.reply.wire()))
        return exchange.reply.code not in (221, 421)
    elif exchange.trouble is Trouble.TIMEOUT:
        await peer.stay()
    return exchange.trouble is None
