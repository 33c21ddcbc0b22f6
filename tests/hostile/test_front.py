"""The open door of the running app: nothing that comes in is our failure, or a leak in the log."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.logs import LogFormatter
from bot.sandbox.slack import StandIn
from bot.sandbox.slack.http_delivery import signed
from tests.test_app import app, environment, finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.sandbox.hosts import SampleHosts

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_KEYS = (
    *("type", "command", "text", "user", "user_id", "channel", "channel_id", "team_id", "event"),
    *("trigger_id", "response_url", "actions", "action_id", "view", "callback_id", "payload", "id"),
    *("state", "values", "value", "message", "blocks", "container", "ts", "api_app_id", "team"),
)
_WORDS = (
    *("/relaycheck", "block_actions", "view_submission", "view_closed", "shortcut", "message"),
    *("message_action", "event_callback", "app_mention", "app_home_opened", "url_verification"),
    *("function_executed", "block_suggestion", "T1", "<!channel>", "\x00", "127.1", "help", ""),
)
_words = st.sampled_from(_WORDS) | st.text(max_size=12)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner),
    max_leaves=12,
)
_objects = st.dictionaries(st.sampled_from(_KEYS), _values, max_size=9)
_bodies = st.one_of(
    st.tuples(st.just(JSON), _objects.map(json.dumps)),
    st.tuples(st.just(FORM), _objects.map(lambda it: urlencode({"payload": json.dumps(it)}))),
    st.tuples(
        st.just(FORM), st.dictionaries(st.sampled_from(_KEYS), _words, max_size=9).map(urlencode)
    ),
    st.tuples(st.sampled_from([FORM, JSON, "", "text/plain"]), st.text(max_size=40)),
)


# The app runs beside the generator in this process, and draws jitter from `random` meanwhile.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A workspace without limits of rate."""
    async with StandIn(rate_limits=False) as stand_in:
        yield stand_in


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Collect what every library logs, at every level, as the product would write it."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LogFormatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.mark.parametrize("over_http", [False, True], ids=["socket-mode", "http"])
async def test_no_secret_is_logged(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, over_http: bool
) -> None:
    """Over a whole run, at DEBUG, no token, secret, ticket or response_url is in any line."""
    with everything_logged() as written:
        async with app(environment(slack, hosts, over_http=over_http), monkeypatch) as url:
            await slack.slash_command("dana", "incident", f"open.{hosts.suffix}")
            (parent,) = await slack.until(lambda: finished(slack, "incident"))
            await slack.slash_command("dana", "incident", f"closed.{hosts.suffix} --private")
            await slack.press("dana", parent, "Check again")
            await slack.slash_command("dana", "incident", "help")
            await _post(url, {"X-Slack-Signature": "v0=" + "0" * 64}, b"token=xoxb-1-forged")
    log = written.getvalue()

    assert "level=debug logger=slack_sdk" in log
    urls = [
        str(d.payload["response_url"]) for d in slack.deliveries if d.payload.get("response_url")
    ]
    assert urls
    for secret in (
        *(slack.state.bot_token, slack.state.app_token, slack.state.signing_secret),
        *("sandbox-verification-token", "xoxb-1-forged"),
        *(urlsplit(each).path.rpartition("/")[2] for each in urls),
    ):
        assert secret not in log, next(line for line in log.splitlines() if secret in line)


async def test_whatever_is_signed_is_no_failure_of_ours(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every signed body the answer is below 500."""
    async with app(environment(slack, hosts, over_http=True), monkeypatch) as url:
        secret, statuses = slack.state.signing_secret, set[int]()

        @settings(suppress_health_check=list(HealthCheck))
        @given(_bodies)
        @example((JSON, '{"type": "url_verification", "challenge": "x"}'))
        @example((JSON, "{"))
        def post(given_body: tuple[str, str]) -> None:
            content_type, text = given_body
            body = text.encode("utf-8", "surrogatepass")
            headers = {"Content-Type": content_type, **signed(secret, body, str(int(time.time())))}
            statuses.add(status := _status(url, body, headers))
            assert status < 500

        await asyncio.to_thread(post)

    assert 200 in statuses
    assert 400 in statuses


async def test_whatever_is_not_signed_is_refused(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every body and every header that Slack did not make, the answer is 4xx."""
    printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)
    async with app(environment(slack, hosts, over_http=True), monkeypatch) as url:

        @settings(suppress_health_check=list(HealthCheck))
        @given(
            st.binary(max_size=300),
            st.dictionaries(
                st.sampled_from(
                    ["X-Slack-Signature", "X-Slack-Request-Timestamp", "Content-Type", "Cookie"]
                ),
                printable | st.integers().map(str) | st.just("v0=" + "0" * 64),
            ),
        )
        def post(body: bytes, headers: dict[str, str]) -> None:
            assert 400 <= _status(url, body, headers) < 500

        await asyncio.to_thread(post)


async def _post(url: str, headers: dict[str, str], body: bytes) -> int:
    return await asyncio.to_thread(_status, url, body, headers)


def _status(url: str, body: bytes, headers: dict[str, Any]) -> int:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", "/slack/events", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
