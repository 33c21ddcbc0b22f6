"""Tests of the client for Slack's Web API, and of its refusals as data."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import metrics
from bot.deliver.web_api import (
    Refusal,
    Remedy,
    answer_or_refusal,
    make_client,
    proxy_for,
)
from bot.sandbox.slack import Fault
from tests.deliver.scripted import Stage

PROXY = "http://proxy.example.net:3128"


@pytest.mark.parametrize(
    ("url", "no_proxy", "expected"),
    [
        ("https://slack.com/api/", "", PROXY),
        ("wss://wss-primary.slack.com/link/", "", PROXY),
        ("https://slack.com/api/", "slack.com", None),
        ("https://slack.com/api/", "*", None),
        ("https://wss-primary.slack.com/", ".slack.com", None),
        ("http://127.0.0.1:3000/api/", "", None),
        ("http://[::1]:3000/api/", "", None),
        ("http://localhost:3000/api/", "", None),
        ("http://slack.example/api/", "", None),
    ],
)
def test_the_proxy_is_the_environments(
    monkeypatch: pytest.MonkeyPatch, url: str, no_proxy: str, expected: str | None
) -> None:
    """HTTPS_PROXY and NO_PROXY are both honoured, and loopback is never proxied."""
    for name in ("HTTP_PROXY", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)

    assert expected == proxy_for(url)


async def test_a_client_on_loopback_has_no_proxy(
    monkeypatch: pytest.MonkeyPatch, session: aiohttp.ClientSession
) -> None:
    """What slack_sdk reads from the environment on its own does not count."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)

    assert None is make_client("xoxb-1", "http://127.0.0.1:1/api/", session).proxy


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("ratelimited", Remedy.WAIT),
        ("http_503", Remedy.WAIT),
        ("timeout", Remedy.WAIT),
        ("invalid_blocks", Remedy.PLAINER),
        ("message_not_found", Remedy.ANEW),
        ("not_in_channel", Remedy.ELSEWHERE),
        ("http_404", Remedy.ELSEWHERE),
        ("nobody_foresaw_this", Remedy.ELSEWHERE),
    ],
)
def test_each_refusal_has_its_remedy(error: str, remedy: Remedy) -> None:
    """What to do about a refusal follows from Slack's name for it."""
    assert remedy is Refusal(error).remedy


def test_a_bare_status_is_not_slacks_word() -> None:
    """A proxy on the way may have said it."""
    assert Refusal("not_in_channel").by_slack
    assert not Refusal("http_403").by_slack


async def test_an_answer_is_an_answer(stage: Stage) -> None:
    """What Slack does is returned as slack_sdk has it."""
    answer = await answer_or_refusal(stage.out.client.auth_test())

    assert not isinstance(answer, Refusal)
    assert "U0RELAYCHK" == answer["user_id"]


async def test_slacks_errors_are_data(stage: Stage) -> None:
    """A refusal carries Slack's name, what its lint said, and how long to wait."""
    stage.slack.faults.add(Fault(method="auth.test", error="invalid_blocks"))
    stage.slack.faults.add(
        Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=7)
    )

    lint = await answer_or_refusal(stage.out.client.auth_test())
    limited = await answer_or_refusal(stage.out.client.auth_test())

    assert Refusal("invalid_blocks", "[ERROR] a fault at will") == lint
    assert Refusal("ratelimited", retry_after_s=7.0) == limited


async def test_a_missing_scope_is_named(stage: Stage) -> None:
    """Slack says which scope it wants, and so do we."""
    stage.slack.state.scopes = frozenset({"commands"})

    refusal = await answer_or_refusal(stage.out.client.chat_postMessage(channel="C", text="x"))

    assert Refusal("missing_scope", "needed scope chat:write") == refusal


async def test_a_lost_answer_leaves_us_unsure(stage: Stage) -> None:
    """A connection that breaks after the call may have done its work."""
    stage.slack.faults.add(Fault(method="auth.test", lose_reply=True))

    refusal = await answer_or_refusal(stage.out.client.auth_test())

    assert isinstance(refusal, Refusal)
    assert ("connection", True) == (refusal.error, refusal.unsure)


async def test_nobody_there_leaves_no_doubt(session: aiohttp.ClientSession) -> None:
    """A connection that was never made has done nothing."""
    client = make_client("xoxb-1", "http://127.0.0.1:1/api/", session, retries=False)

    refusal = await answer_or_refusal(client.auth_test())

    assert isinstance(refusal, Refusal)
    assert ("connection", False) == (refusal.error, refusal.unsure)


async def test_a_slack_that_does_not_answer_is_a_timeout(stage: Stage) -> None:
    """Every call is bounded in time, and may have been done all the same."""
    stage.slack.faults.add(Fault(method="auth.test", delay_s=5.0))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.1)) as session:
        client = make_client(
            stage.slack.state.bot_token, stage.slack.base_url, session, retries=False
        )

        assert Refusal("timeout", unsure=True) == await answer_or_refusal(client.auth_test())


@pytest.mark.parametrize(
    ("status", "body", "content_type", "error"),
    [
        (502, "<html>", "text/html", "http_502"),
        (429, "", "text/plain", "ratelimited"),
        (200, "{", "application/json", "http_200"),
        (200, "[]", "application/json", "http_200"),
    ],
)
async def test_what_is_no_answer_of_slacks_is_data_too(
    session: aiohttp.ClientSession, status: int, body: str, content_type: str, error: str
) -> None:
    """A proxy's error page or half an answer is a refusal, never an exception."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=content_type)

    async with serving(handler) as url:
        client = make_client("xoxb-1", url, session, retries=False)
        refusal = await answer_or_refusal(client.auth_test())

    assert isinstance(refusal, Refusal)
    assert error == refusal.error


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=0, times=2),
        Fault(method="auth.test", error="internal_error", status=500),
    ],
)
async def test_retries_are_waited_out_inside_a_call(stage: Stage, fault: Fault) -> None:
    """A client with retries comes back after rate limits, and after a server error."""
    stage.slack.faults.add(fault)
    client = make_client(stage.slack.state.bot_token, stage.slack.base_url, stage.out.session)

    answer = await answer_or_refusal(client.auth_test())

    assert not isinstance(answer, Refusal)


class serving:  # noqa: N801 - a context manager
    """Serve one handler on loopback; gives the base address of its API."""

    def __init__(self, handler: Callable[[web.Request], Coroutine[Any, Any, web.Response]]) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def __aexit__(self, *_: object) -> None:
        await asyncio.wait_for(self._runner.cleanup(), 5)


async def test_calls_and_limits_are_counted(stage: Stage) -> None:
    """By method and Slack's error; and each 429 for itself, waited out or not."""
    client = make_client(stage.slack.state.bot_token, stage.slack.base_url, stage.out.session)
    calls, limited = "relaycheck_slack_calls_total", "relaycheck_slack_rate_limited_total"
    wanted = (
        (calls, {"method": "chat.postMessage", "error": "channel_not_found"}),
        (calls, {"method": "auth.test", "error": "ok"}),
        (calls, {"method": "auth.test", "error": "ClientConnectorError"}),
        (limited, {"method": "auth.test"}),
    )
    before = [metrics.REGISTRY.get_sample_value(name, labels) or 0 for name, labels in wanted]
    limit = Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=0)
    stage.slack.faults.add(limit)
    await client.auth_test()
    await answer_or_refusal(client.chat_postMessage(channel="C0NOWHERE", text="x"))
    away = make_client("xoxb-1", "http://127.0.0.1:1/api/", stage.out.session)
    await answer_or_refusal(away.auth_test())

    after = [metrics.REGISTRY.get_sample_value(name, labels) or 0 for name, labels in wanted]
    assert [1, 1, 1, 1] == [now - then for now, then in zip(after, before, strict=True)]


async def test_a_limit_at_a_response_url_has_no_method(session: aiohttp.ClientSession) -> None:
    """Its address is a secret, and no label."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=429)

    name, labels = "relaycheck_slack_rate_limited_total", {"method": "response_url"}
    before = metrics.REGISTRY.get_sample_value(name, labels) or 0
    async with serving(refuse) as url, session.post(f"{url}commands/T1/secret"):
        pass

    assert before + 1 == metrics.REGISTRY.get_sample_value(name, labels)
