"""Tests of the Bolt app behind both transports."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.deliver import make_client
from bot.sandbox.slack import StandIn
from bot.slack.front.bolt import dispatch, make_app
from bot.slack.front.guard import Admitted
from bot.slack.front.installation import Identity, Tokens
from tests.slack.kept import Kept, desk

TOKENS = Tokens("xoxb-1", None, "secret")
COMMAND = {
    "command": "/relaycheck",
    "text": "example.com",
    "trigger_id": "1.2",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
}


@pytest.fixture
def jobs() -> Kept:
    """Where jobs go."""
    return Kept()


@pytest.fixture
def app(nowhere: AsyncWebClient, jobs: Kept) -> AsyncApp:
    """An app whose Slack cannot be reached: whatever calls it before an ack fails."""
    return make_app(nowhere, TOKENS, desk(jobs, nowhere))


async def answered(app: AsyncApp, body: Mapping[str, object]) -> BoltResponse:
    """Return the app's answer to an admitted request."""
    return await dispatch(app, Admitted(dict(body), {}))


async def test_a_command_is_stored_and_acknowledged_without_slack(
    app: AsyncApp, jobs: Kept
) -> None:
    """Nothing asks Slack anything before the ack."""
    response = await answered(app, dict(COMMAND))

    assert 200 == response.status
    assert "`example.com`" in json.loads(response.body)["text"]
    assert 1 == len(jobs.jobs)


async def test_a_listener_that_fails_is_answered_with_an_id(
    app: AsyncApp, jobs: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours before the ack is a sentence with an id that the log has too."""
    del (body := dict(COMMAND))["channel_id"]

    response = await answered(app, body)

    error_id = caplog.records[-1].getMessage().rpartition("error_id=")[2]
    assert 200 == response.status
    assert error_id in json.loads(response.body)["text"]


async def test_a_press_that_fails_is_told_apart_from_its_ack(
    session: aiohttp.ClientSession, jobs: Kept
) -> None:
    """The ack of a button says nothing, so whoever pressed is written to, with the id."""
    async with StandIn() as slack:
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        where = desk(jobs, client)
        app = make_app(client, TOKENS, where)

        @app.action("boom")
        async def _() -> None:
            raise RuntimeError("boom")

        pressed = {
            "type": "block_actions",
            "user": {"id": "U0KAI"},
            "actions": [{"action_id": "boom", "type": "button"}],
        }
        response = await answered(app, pressed)
        await where.afterwards.drain(5)

        (message,) = slack.channel("D0KAI").messages
    assert (200, "") == (response.status, response.body)
    assert "That went wrong on our side" in message.text


async def test_what_has_no_listener_is_acknowledged_in_silence(
    app: AsyncApp, caplog: pytest.LogCaptureFixture
) -> None:
    """An old button or an event of another version is no reason for Slack to try again."""
    pressed = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "old"}]}
    response = await answered(app, pressed)

    assert (200, "") == (response.status, response.body)
    assert "no listener for 'block_actions'" in caplog.text


async def test_an_event_that_fails_is_not_retried(
    app: AsyncApp, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener of an event that fails is logged, and Slack told that it arrived."""

    @app.event("reaction_added")
    async def _() -> None:
        raise RuntimeError("boom")

    event = {"type": "event_callback", "event": {"type": "reaction_added", "user": "U1"}}
    response = await answered(app, event)

    assert (200, "") == (response.status, response.body)


async def test_slacks_challenge_is_answered(app: AsyncApp) -> None:
    """A request URL is verified by its challenge."""
    response = await answered(app, {"type": "url_verification", "challenge": "3eZb"})

    assert "3eZb" in response.body


async def test_the_app_does_not_hear_itself(nowhere: AsyncWebClient, jobs: Kept) -> None:
    """Events of the app's own making are dropped, by the identity that Slack told."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    known = replace(desk(jobs, nowhere), identity=Identity(bot_id="B1", bot_user_id="UBOT"))
    own = make_app(nowhere, TOKENS, known)

    @own.event("reaction_added")
    async def _(event: dict[str, str]) -> None:
        heard.put_nowait(event["user"])

    for user in ("UBOT", "U1"):
        event = {"type": "event_callback", "event": {"type": "reaction_added", "user": user}}
        await answered(own, event)

    assert "U1" == await asyncio.wait_for(heard.get(), 5)
    assert heard.empty()


async def test_acknowledgements_are_timed(app: AsyncApp) -> None:
    """Whatever way a request came in, and whether or not somebody listens to it."""
    name = "relaycheck_ack_seconds_count"
    wanted = [{"kind": "command"}, {"kind": "shortcut"}, {"kind": "other"}]
    before = [metrics.REGISTRY.get_sample_value(name, labels) or 0 for labels in wanted]
    for body in (
        {**COMMAND, "text": "help"},
        {"type": "shortcut", "callback_id": "nobody"},
        {"type": "xoxb-1"},
    ):
        await dispatch(app, Admitted(dict(body), {}))

    after = [metrics.REGISTRY.get_sample_value(name, labels) or 0 for labels in wanted]
    assert [1, 1, 1] == [now - then for now, then in zip(after, before, strict=True)]
