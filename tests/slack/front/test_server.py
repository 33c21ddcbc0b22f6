"""Tests of the HTTP side: what is let in, and what health says."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.front.bolt import make_app
from bot.slack.front.guard import Guard
from bot.slack.front.installation import Tokens
from bot.slack.front.server import listen, make_web_app
from tests.slack.kept import Kept, desk

SECRET = "shh"


class Parts:
    """What readiness is asked about."""

    def __init__(self) -> None:
        self.ready = True

    async def __call__(self) -> dict[str, bool]:
        """Return each part, and whether it is ready."""
        return {"slack": self.ready}


@pytest.fixture
def app(nowhere: AsyncWebClient) -> AsyncApp:
    """The app behind the door."""
    return make_app(nowhere, Tokens("xoxb-1", None, SECRET), desk(Kept(), nowhere))


@pytest.fixture
def parts() -> Parts:
    """Everything is ready."""
    return Parts()


@pytest.fixture
async def url(app: AsyncApp, parts: Parts) -> AsyncIterator[str]:
    """The address of a server in HTTP mode."""
    runner = await listen(make_web_app(app, Guard(SECRET, time.time), parts), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def signed(body: str) -> dict[str, str]:
    """Return the headers that Slack sends with a form."""
    now = str(int(time.time()))
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": str(
            SignatureVerifier(SECRET).generate_signature(timestamp=now, body=body)
        ),
    }


async def post(session: aiohttp.ClientSession, url: str, body: str) -> tuple[int, str]:
    """Deliver a signed form; return status and body of the answer."""
    async with session.post(f"{url}/slack/events", data=body, headers=signed(body)) as answer:
        return answer.status, await answer.text()


async def test_a_signed_command_is_answered(session: aiohttp.ClientSession, url: str) -> None:
    """What Slack signed reaches its listener, and its ack goes back."""
    command = {"command": "/relaycheck", "text": "help", "channel_id": "C1", "user_id": "U1"}
    status, text = await post(session, url, urlencode(command))

    assert 200 == status
    assert "example.com" in json.loads(text)["text"]


async def test_a_replay_is_answered_and_not_done(session: aiohttp.ClientSession, url: str) -> None:
    """The same request again is 200 and empty."""
    body = urlencode({"command": "/relaycheck", "text": "help"})
    headers = signed(body)
    answers = []
    for _ in range(2):
        async with session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
            answers.append((answer.status, bool(await answer.text())))

    assert [(200, True), (200, False)] == answers


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "user": "U1", "actions": 7},
        {"type": 7, "team": [], "channel": "x"},
        {"event": "x"},
        {"authorizations": [7]},
    ],
)
async def test_a_signed_body_of_an_odd_shape_is_no_500(
    session: aiohttp.ClientSession, url: str, payload: dict[str, object]
) -> None:
    """Bolt trips over bodies that Slack never sends; the answer is 200 or 400 all the same."""
    status, _ = await post(session, url, urlencode({"payload": json.dumps(payload)}))

    assert status in (200, 400)


async def test_an_unsigned_request_is_401(session: aiohttp.ClientSession, url: str) -> None:
    """Nobody but Slack is let in."""
    async with session.post(f"{url}/slack/events", data="text=x") as answer:
        assert answer.status == 401


async def test_a_body_that_does_not_come_is_408(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that drips in holds the door open for seconds, not for ever."""
    monkeypatch.setattr("bot.slack.front.server._BODY_S", 0.05)
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()

    assert b"408" in status


async def test_health_and_readiness(session: aiohttp.ClientSession, url: str, parts: Parts) -> None:
    """Health says that we live, readiness that every part is ready."""
    statuses = []
    for ready in (True, False):
        parts.ready = ready
        for path in ("healthz", "readyz"):
            async with session.get(f"{url}/{path}") as answer:
                statuses.append(answer.status)

    assert [200, 200, 200, 503] == statuses


async def test_metrics(session: aiohttp.ClientSession, url: str) -> None:
    """They are there for whoever may reach the address, and hold no name of anybody."""
    async with session.get(f"{url}/metrics") as answer:
        text = await answer.text()

    assert 200 == answer.status
    assert answer.content_type == "text/plain"
    assert "# TYPE relaycheck_ack_seconds histogram" in text


async def test_without_a_guard_nothing_is_let_in(
    session: aiohttp.ClientSession, app: AsyncApp, parts: Parts
) -> None:
    """In Socket Mode the door for deliveries does not exist."""
    runner = await listen(make_web_app(app, None, parts), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    status, _ = await post(session, url, "text=x")
    await runner.cleanup()

    assert 404 == status


async def test_an_address_that_is_not_ours_is_an_error(app: AsyncApp, parts: Parts) -> None:
    """Where nothing can listen, nothing is left open."""
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        await listen(make_web_app(app, None, parts), "192.0.2.1", 0)
