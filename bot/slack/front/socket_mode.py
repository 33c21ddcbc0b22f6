"""Socket Mode: WebSockets that we open towards Slack, kept alive and replaced.

Two of them, since slack_sdk closes the old one before it opens a new one when Slack recycles a
connection: meanwhile the other hears. And a watchdog, since slack_sdk tries a ticket that Slack
has refused for ever.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial
from typing import TYPE_CHECKING

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.deliver import proxy_for

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse, WSMessage
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.aiohttp import SocketModeClient

log = logging.getLogger(__name__)

CONNECTIONS = 2
PING_S = 5.0
# docs.slack.dev/apis/events-api/using-socket-mode: how Slack says that it closes a connection.
_GOODBYE = re.compile(r'"type"\s*:\s*"disconnect"')


class SocketMode:
    """The app's connections to Slack. Construct it in a running event loop."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self._clients = [
            AsyncSocketModeHandler(app, app_token, ping_interval=PING_S).client
            for _ in range(CONNECTIONS)
        ]
        for client in self._clients:
            client.proxy = proxy_for(app.client.base_url)
            client.on_message_listeners.append(partial(self._hear, client))
        self._greeted: dict[SocketModeClient, ClientWebSocketResponse | None] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect; it goes on until it succeeds, so it is not waited for."""
        for client in self._clients:
            self._tasks.append(asyncio.create_task(client.connect()))  # type: ignore[no-untyped-call] # slack_sdk
        self._tasks.append(asyncio.create_task(self._watch()))

    async def is_connected(self) -> bool:
        """Whether Slack reaches us through a connection that it greeted and that answers pings.

        One that was opened and not greeted gets nothing: Slack may have too many of ours.
        """
        greeted = [c for c in self._clients if self._greeted.get(c, c) is c.current_session]
        return any([await client.is_connected() for client in greeted])

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

    async def _hear(self, client: SocketModeClient, message: WSMessage) -> None:
        """Note that Slack has greeted us; say loudly what no new connection can mend.

        slack_sdk goes on trying, and is silent.
        """
        text = message.data if isinstance(message.data, str) else ""
        # Whatever comes but a goodbye: "hello" is the first message of a connection that is used.
        if text and not _GOODBYE.search(text):
            self._greeted[client] = client.current_session
        if '"link_disabled"' in text:
            log.error(
                "Socket Mode was switched off for this app: switch it on in the app's settings"
            )
