"""Where the tests' mail servers send everything that they accepted: an SMTP server that keeps it.

A message that arrives here for an outside recipient was relayed; one for a local recipient was
delivered. So a test can tell what a server really did from what it said at RCPT.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.daemon import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived: its envelope and its content."""

    reverse_path: str
    forward_paths: tuple[str, ...]
    content: str


@dataclass(slots=True)
class Sink:
    """The mailbox for everything; ``endpoint`` is where servers send to."""

    endpoint: Endpoint
    messages: list[Message] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def arrival(self, token: str, *, within_s: float = 15.0) -> Message:
        """Return the first message whose content holds ``token``, waiting for it.

        Raises:
            TimeoutError: none came within ``within_s`` seconds.
        """
        async with asyncio.timeout(within_s), self._changed:
            while True:
                for message in self.messages:
                    if token in message.content:
                        return message
                await self._changed.wait()

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message (called by aiosmtpd)."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = Message(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            content.decode("utf-8", errors="replace"),
        )
        async with self._changed:
            self.messages.append(message)
            self._changed.notify_all()
        return "250 2.0.0 kept"


@asynccontextmanager
async def mail_sink(ip: str = "127.0.0.1") -> AsyncIterator[Sink]:
    """Listen on a free port of ``ip`` while the block runs."""
    loop = asyncio.get_running_loop()
    sink: Sink
    connections: set[SMTP] = set()

    def connection() -> SMTP:
        smtp = SMTP(sink, hostname="sink.example", enable_SMTPUTF8=True, loop=loop)
        connections.add(smtp)
        return smtp

    server = await loop.create_server(connection, ip, 0)
    sink = Sink(Endpoint(ip, server.sockets[0].getsockname()[1]))
    try:
        yield sink
    finally:
        server.close()
        for smtp in connections:
            if smtp.transport is not None:
                smtp.transport.close()
        await server.wait_closed()
