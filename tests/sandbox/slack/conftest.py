"""A stand-in with an app of Bolt's on it, over Socket Mode and over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class Clock:
    """A clock that a test sets by hand."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Time stands still until the test moves it."""
    return Clock()


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in that listens, with no app yet."""
    async with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """One HTTP session for a test."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(slack: StandIn, session: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk's client with the bot token."""
    return AsyncWebClient(slack.state.bot_token, base_url=slack.base_url, session=session)


@dataclass(slots=True)
class Heard:
    """What the app of the tests was told, in order, and how it acknowledges commands."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=lambda: {"text": "Looking."})
    view: dict[str, Any] = field(default_factory=dict)
    silent: bool = False


def make_bolt(client: AsyncWebClient, secret: str, heard: Heard) -> AsyncApp:
    """Return an app that acknowledges everything and keeps what it heard."""
    app = AsyncApp(client=client, signing_secret=secret)

    @app.command("/relaycheck")
    async def command(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        heard.bodies.append(body)
        if not heard.silent:
            await ack(**heard.answer)

    @app.view("options")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        heard.bodies.append(body)
        await ack(**heard.view)

    async def listen(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        heard.bodies.append(body)
        await ack()

    app.action({"action_id": "again"})(listen)
    app.view_closed("options")(listen)
    app.shortcut("check_here")(listen)
    app.shortcut("check_domain")(listen)
    app.event("app_home_opened")(listen)
    app.event("app_mention")(listen)
    return app


@pytest.fixture(params=["socket", "http"])
async def heard(
    request: pytest.FixtureRequest, slack: StandIn, client: AsyncWebClient
) -> AsyncIterator[Heard]:
    """Bolt's app on the stand-in, by one transport and by the other."""
    told = Heard()
    app = make_bolt(client, slack.state.signing_secret, told)
    if request.param == "http":
        runner = web.AppRunner(app.web_app(path="/slack/events"))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.courier.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        yield told
        await runner.cleanup()
        return
    handler = AsyncSocketModeHandler(app, slack.state.app_token)
    handler.client.web_client = AsyncWebClient(base_url=slack.base_url, session=client.session)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it bare
    await slack.connected()
    yield told
    await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it bare
    await asyncio.sleep(0)
