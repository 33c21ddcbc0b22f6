"""Socket Mode: WebSockets that we open towards Slack, kept alive and replaced.

Two of them, since slack_sdk closes the old one before it opens a new one when Slack recycles a
connection: meanwhile the other hears. And a watchdog, since slack_sdk tries a ticket that Slack
has refused for ever.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.deliver import proxy_for

if TYPE_CHECKING:
    from aiohttp import WSMessage
    from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

CONNECTIONS = 2
PING_S = 5.0


class SocketMode:
    """The app's connections to Slack. Construct it in a running event loop."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self._clients = [
            AsyncSocketModeHandler(app, app_token, ping_interval=PING_S).client
            for _ in range(CONNECTIONS)
        ]
        for client in self._clients:
            client.proxy = proxy_for(app.client.base_url)
            client.on_message_listeners.append(_hear)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect; it goes on until it succeeds, so it is not waited for."""
        for client in self._clients:
            self._tasks.append(asyncio.create_task(client.connect()))  # type: ignore[no-untyped-call] # slack_sdk
        self._tasks.append(asyncio.create_task(self._watch()))

    async def is_connected(self) -> bool:
        """Whether Slack reaches us through at least one connection that answers pings."""
        return any([await client.is_connected() for client in self._clients])

    async def close(self) -> None:
        """Take nothing more in."""
        for task in self._tasks:
            task.cancel()
        for client in self._clients:
            await client.close()  # type: ignore[no-untyped-call] # slack_sdk
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self) -> None:
        """Forget the ticket of a connection that is down: the next try asks for a new one."""
        while True:
            await asyncio.sleep(PING_S)
            for client in self._clients:
                if not await client.is_connected():
                    client.wss_uri = None


async def _hear(message: WSMessage) -> None:
    """Say loudly what no new connection can mend: slack_sdk goes on trying, and is silent."""
    if isinstance(message.data, str) and '"link_disabled"' in message.data:
        log.error("Socket Mode was switched off for this app: switch it on in the app's settings")
