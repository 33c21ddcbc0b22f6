"""Deliveries over HTTP are encoded and signed as Slack's, and every outcome is told."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk import signature
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack.delivery import Kind, Retry
from bot.sandbox.slack.http_delivery import HttpTransport, encode
from tests.sandbox.slack.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Serve = Callable[[Callable[[web.Request], Awaitable[web.Response]]], Awaitable[str]]

SECRET = "a" * 32


class Frozen(signature.Clock):
    """The verifier's clock, at the time at which the clock of the tests stands."""

    def now(self) -> float:
        """Return that time."""
        return Clock().now


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server with one handler; return its address."""
    runners: list[web.AppRunner] = []

    async def start(handler: Callable[[web.Request], Awaitable[web.Response]]) -> str:
        app = web.Application()
        app.router.add_post("/", handler)
        runners.append(web.AppRunner(app, shutdown_timeout=0.1))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}/"

    yield start
    for runner in runners:
        await runner.cleanup()


def test_bodies_are_forms_and_json() -> None:
    """A command is a form, an interaction a form with payload, an event JSON."""
    assert b"text=a+b%26c" == encode(Kind.SLASH, {"text": "a b&c"})[1]
    form = parse_qs(encode(Kind.INTERACTIVE, {"type": "x"})[1].decode())
    assert {"type": "x"} == json.loads(form["payload"][0])
    assert ("application/json", b'{"type": "x"}') == encode(Kind.EVENT, {"type": "x"})


async def test_signature_is_what_slack_sdk_verifies(serve: Serve, clock: Clock) -> None:
    """The SDK's own verifier accepts the signature, and a retry says so."""
    seen: list[tuple[bytes, dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((await request.read(), dict(request.headers)))
        return web.json_response({"text": "ok"})

    transport = HttpTransport(await serve(handler), SECRET, clock)
    delivery = await transport.send(Kind.SLASH, {"text": "x"}, Retry(2))

    body, headers = seen[0]
    assert SignatureVerifier(SECRET, Frozen()).is_valid_request(body, headers)
    assert "2" == headers["X-Slack-Retry-Num"]
    assert ({"text": "ok"}, 200, "") == (delivery.body, delivery.status, delivery.error)


@pytest.mark.parametrize(
    "case",
    [("", 200, None, ""), ("hello", 200, "hello", ""), ("no", 401, "no", "http_error")],
)
async def test_answer_is_told_as_it_was(
    serve: Serve, clock: Clock, case: tuple[str, int, object, str]
) -> None:
    """An empty ack has no body, plain text stays text, other statuses are errors."""
    text, status, body, error = case

    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    delivery = await HttpTransport(await serve(handler), SECRET, clock).send(Kind.SLASH, {})

    assert (status, body, error) == (delivery.status, delivery.body, delivery.error)


async def test_late_and_missing_apps_are_told(serve: Serve, clock: Clock) -> None:
    """An ack after the deadline is a timeout; nobody listening is a failed dispatch."""

    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(10)
        return web.Response()

    late = HttpTransport(await serve(handler), SECRET, clock, deadline_s=0.05)
    gone = HttpTransport("http://127.0.0.1:1/", SECRET, clock)

    assert "operation_timeout" == (await late.send(Kind.SLASH, {})).error
    assert "dispatch_failed" == (await gone.send(Kind.SLASH, {})).error
