"""The stand-in as one object: started and stopped, driven by what people do, looked at by tests.

::

    async with StandIn() as slack:
        ...  # start the app with slack.environment()
        ack = await slack.slash_command("dana", "incident", "example.com")
        card = await slack.until(lambda: slack.channel("incident").parents)
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self, TypeVar

from aiohttp import web

from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Delivery
from bot.sandbox.slack.people import People
from bot.sandbox.slack.sample import sample_workspace
from bot.sandbox.slack.server import make_app
from bot.sandbox.slack.state import make_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.sandbox.slack.faults import Faults
    from bot.sandbox.slack.workspace import Conversation

T = TypeVar("T")
SCOPES = frozenset({"app_mentions:read", "chat:write", "commands", "files:write"})


class StandIn(People):
    """A Slack workspace on loopback with one app installed; what its people do is People's.

    Args:
        port: where to listen on 127.0.0.1; 0 for any free port.
        scopes: the scopes of the bot token.
        request_url: the app's address for deliveries over HTTP; None for Socket Mode. It may be
            set later as ``courier.request_url``, since an app is often started after Slack.
        rate_limits: whether calls are counted as Slack counts them.
        ack_deadline_s: seconds that an ack may take.
        clock: the time in seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - each is one knob of Slack's, with Slack's own default
        self,
        *,
        port: int = 0,
        scopes: frozenset[str] = SCOPES,
        request_url: str | None = None,
        rate_limits: bool = True,
        ack_deadline_s: float = ACK_DEADLINE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        state = make_state(
            sample_workspace(clock),
            clock,
            scopes,
            ack_deadline_s=ack_deadline_s,
            rate_limits=rate_limits,
        )
        super().__init__(state, Courier(state, request_url, ack_deadline_s))
        self.app = make_app(state)
        self._port = port
        self._runner = web.AppRunner(self.app, shutdown_timeout=1.0)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.state.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.state.sockets.close()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """The address for SLACK_API_URL."""
        return f"{self.state.origin}/api/"

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Everything that was sent to the app so far."""
        return self.courier.deliveries

    @property
    def faults(self) -> Faults:
        """The faults that wait for Web API calls."""
        return self.state.faults

    def environment(self) -> dict[str, str]:
        """Return the settings by which an app finds this Slack; without request_url Socket Mode."""
        settings = {
            "SLACK_API_URL": self.base_url,
            "SLACK_BOT_TOKEN": self.state.bot_token,
            "SLACK_SIGNING_SECRET": self.state.signing_secret,
        }
        if self.courier.request_url is None:
            settings["SLACK_APP_TOKEN"] = self.state.app_token
        return settings

    def channel(self, name: str) -> Conversation:
        """Return a channel, by name or id, with what it holds now."""
        return self.workspace.conversation(name)

    async def connected(self, count: int = 1) -> None:
        """Wait until the app holds at least so many Socket Mode connections."""
        await self.until(lambda: len(self.state.sockets.connections) >= count)

    async def until(self, look: Callable[[], T], within_s: float = 10.0) -> T:
        """Look again at every change until there is something to see, and return it."""
        async with asyncio.timeout(within_s):
            while not (seen := look()):
                await self.workspace.change()
            return seen
