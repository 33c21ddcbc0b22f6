"""Tests of the WebSockets towards Slack, against the stand-in."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.deliver import make_client, make_session
from bot.sandbox.slack import StandIn
from bot.slack.front.bolt import make_app
from bot.slack.front.installation import Tokens
from bot.slack.front.socket_mode import CONNECTIONS, SocketMode
from tests.slack.kept import Kept, desk


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A workspace with the app in it."""
    async with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def sockets(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SocketMode]:
    """The app's connections, with a quick pulse."""
    monkeypatch.setattr("bot.slack.front.socket_mode.PING_S", 0.1)
    async with make_session() as session:
        tokens = Tokens(slack.state.bot_token, slack.state.app_token, None)
        client = make_client(None, slack.base_url, session)
        app = make_app(client, tokens, desk(Kept(), client))
        opened = SocketMode(app, slack.state.app_token)
        yield opened
        await opened.close()


def all_connected(slack: StandIn) -> bool:
    """Whether every connection stands."""
    return CONNECTIONS == len(slack.state.sockets.connections)


async def test_it_connects_twice_and_hears(slack: StandIn, sockets: SocketMode) -> None:
    """Two connections stand, and a command that comes by either is acknowledged."""
    assert not await sockets.is_connected()
    sockets.start()
    await slack.until(lambda: all_connected(slack))

    acks = [await slack.slash_command("dana", "incident", "help") for _ in range(CONNECTIONS)]

    assert await sockets.is_connected()
    assert all(ack.in_time for ack in acks)


async def test_an_open_connection_without_a_greeting_is_none(
    slack: StandIn, sockets: SocketMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack has too many of the app's already: what it opens then, it sends nothing by."""
    monkeypatch.setattr("bot.sandbox.slack.socket_mode.MAX_CONNECTIONS", 0)
    sockets.start()
    async with asyncio.timeout(10):
        while not any([await client.is_connected() for client in sockets._clients]):
            await asyncio.sleep(0)
            assert not await sockets.is_connected()

    monkeypatch.undo()
    await slack.until(lambda: all_connected(slack))
    async with asyncio.timeout(10):
        while not await sockets.is_connected():  # noqa: ASYNC110 - slack_sdk tells nobody
            await asyncio.sleep(0.01)


async def test_it_comes_back_after_slack_recycles_a_connection(
    slack: StandIn, sockets: SocketMode
) -> None:
    """An announced disconnect leads to new connections."""
    sockets.start()
    await slack.until(lambda: all_connected(slack))
    opened = slack.state.sockets.opened
    await slack.state.sockets.disconnect()
    await slack.until(lambda: slack.state.sockets.opened >= opened + CONNECTIONS)
    await slack.until(lambda: all_connected(slack))


async def test_socket_mode_switched_off_is_said_aloud(
    slack: StandIn, sockets: SocketMode, caplog: pytest.LogCaptureFixture
) -> None:
    """What only a person can mend is an error in the log, with what to do."""
    sockets.start()
    await slack.until(lambda: all_connected(slack))
    await slack.slash_command("dana", "incident", "help")
    opened = slack.state.sockets.opened
    await slack.state.sockets.disconnect("link_disabled")
    await slack.until(lambda: slack.state.sockets.opened > opened)

    assert "Socket Mode was switched off" in caplog.text


async def test_a_refused_ticket_is_not_tried_for_ever(slack: StandIn, sockets: SocketMode) -> None:
    """A ticket that Slack refused is replaced by a new one."""
    slack.state.sockets.refuse_next = 3
    sockets.start()
    await slack.until(lambda: all_connected(slack))


async def test_after_close_nothing_is_taken_in(slack: StandIn, sockets: SocketMode) -> None:
    """Closed means closed: no connection stands, and none is opened."""
    sockets.start()
    await slack.until(lambda: all_connected(slack))
    await sockets.close()
    await slack.until(lambda: not slack.state.sockets.connections)

    assert not await sockets.is_connected()
