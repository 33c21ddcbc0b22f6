"""Where the tests' mail servers send everything that they accepted: a mailbox that keeps it.

A message that arrives here for an outside recipient was relayed; one for a local recipient was
delivered. So a test can tell what a server really did from what it said at RCPT.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

from bot.sandbox.hosts.canary import Canary
from tests.servers.daemon import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@dataclass(frozen=True, slots=True)
class Sink:
    """``endpoint`` is where servers send to, ``mailbox`` holds what came.

    ``stand_aside`` listens no longer, so that somebody else may listen at the endpoint.
    """

    endpoint: Endpoint
    mailbox: Canary
    stand_aside: Callable[[], None]


@asynccontextmanager
async def mail_sink(ip: str = "127.0.0.1") -> AsyncIterator[Sink]:
    """Listen on a free port of ``ip`` while the block runs."""
    loop = asyncio.get_running_loop()
    mailbox = Canary()
    connections: set[SMTP] = set()

    def connection() -> SMTP:
        smtp = SMTP(mailbox, hostname="sink.example", enable_SMTPUTF8=True, loop=loop)
        connections.add(smtp)
        return smtp

    server = await loop.create_server(connection, ip, 0)
    try:
        endpoint = Endpoint(ip, server.sockets[0].getsockname()[1])
        yield Sink(endpoint, mailbox, server.close)
    finally:
        server.close()
        for smtp in connections:
            if smtp.transport is not None:
                smtp.transport.close()
        await server.wait_closed()
