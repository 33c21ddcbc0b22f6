"""The outbound side of Slack: the Web API client, and its refusals as data.

Knows Slack's error names (docs.slack.dev, "chat.postMessage", "chat.update") and what each of them
leaves to be done. Knows nothing of checks or cards.

slack_sdk has two habits that are put right here. It reads HTTPS_PROXY and ignores NO_PROXY; and
its default retry handler posts a message a second time when the answer to the first was lost.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

CALL_S = 10.0
_METHOD = re.compile(r"[a-z]+(?:\.[A-Za-z]+)+", re.ASCII)


class Remedy(Enum):
    """What a refusal leaves to be done."""

    WAIT = auto()  # and send what is current then
    PLAINER = auto()  # the card itself was refused
    ANEW = auto()  # the message is gone: post it again
    ELSEWHERE = auto()  # this place is closed to us: reach the person another way


_WAIT = frozenset(
    {
        "connection",
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "timeout",
    }
)
_PLAINER = frozenset(
    {
        "block_mismatch",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
    }
)
_ANEW = frozenset(
    {
        "cannot_reply_to_message",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
    }
)
# Slack does not take the token itself (docs.slack.dev, "auth.test"); any other error is about what
# was asked, or is Slack's or the network's trouble.
TOKEN_ERRORS = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why Slack did not do what it was asked.

    ``error`` is Slack's own name for it, or ``http_503``, ``timeout``, ``connection`` where it gave
    none. ``detail`` is for the log and never holds a secret: what a block lint said, which scope is
    missing. ``unsure``: Slack may have done it all the same, and the answer was lost.
    """

    error: str
    detail: str = ""
    retry_after_s: float | None = None
    unsure: bool = False

    @property
    def by_slack(self) -> bool:
        """Whether Slack said so; a bare HTTP status may be the word of a proxy on the way."""
        return not self.error.startswith("http_")

    @property
    def remedy(self) -> Remedy:
        """What to do about it. An error that nobody foresaw closes the place: nothing is lost."""
        if self.error in _WAIT or self.error.startswith("http_5"):
            return Remedy.WAIT
        if self.error in _PLAINER:
            return Remedy.PLAINER
        return Remedy.ANEW if self.error in _ANEW else Remedy.ELSEWHERE


def proxy_for(url: str) -> str | None:
    """Return the proxy for ``url`` by HTTP(S)_PROXY and NO_PROXY; None on loopback and for none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or _is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get({"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_session() -> aiohttp.ClientSession:
    """Return the one HTTP session of the process; every call through it is bounded in time."""
    watched = aiohttp.TraceConfig()
    watched.on_request_end.append(_count_limits)
    limit = aiohttp.ClientTimeout(total=CALL_S)
    return aiohttp.ClientSession(timeout=limit, trace_configs=[watched])


async def _count_limits(_: object, __: object, ended: aiohttp.TraceRequestEndParams) -> None:
    """Count answers 429, those too that slack_sdk waits out inside a call."""
    if ended.response.status == 429:
        method = ended.url.path.rpartition("/api/")[2]
        metrics.slack_limited(method if _METHOD.fullmatch(method) else "response_url")


class _Client(AsyncWebClient):
    """slack_sdk's client, each call of which is counted."""

    async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:  # noqa: ANN401 - whatever slack_sdk takes
        """Make a call, as slack_sdk does."""
        error = "ok"
        try:
            return await super().api_call(api_method, **request)
        except SlackApiError as failure:
            error = _refusal(failure).error
            raise
        except BaseException as failure:
            error = type(failure).__name__
            raise
        finally:
            metrics.slack_called(api_method, error)


def make_client(
    token: str | None, api_url: str, session: aiohttp.ClientSession, *, retries: bool = True
) -> AsyncWebClient:
    """Return a Web API client that honours SLACK_API_URL, the shared session and NO_PROXY.

    Args:
        token: A bot token; None where each call brings its own.
        api_url: The base address of the Web API.
        session: The shared session.
        retries: Whether rate limits and server errors are waited out inside a call. Off for a
            caller that, after the wait, would rather send something newer.
    """
    client = _Client(
        token=token,
        base_url=api_url,
        session=session,
        timeout=round(CALL_S),
        retry_handlers=[
            AsyncRateLimitErrorRetryHandler(max_retry_count=3),
            AsyncServerErrorRetryHandler(max_retry_count=1),
        ]
        if retries
        else [],
    )
    client.proxy = proxy_for(api_url)  # the constructor has put its own reading in
    return client


async def answer_or_refusal(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | Refusal:
    """Await one Web API call; whatever Slack or the network does wrong comes back as data."""
    try:
        return await call
    except SlackApiError as failure:
        return _refusal(failure)
    except TimeoutError:  # before the two below, which it is a kind of as well
        return Refusal("timeout", unsure=True)
    except aiohttp.ClientConnectorError as failure:  # before a byte was sent
        return Refusal("connection", type(failure).__name__)
    except (aiohttp.ClientError, OSError) as failure:
        return Refusal("connection", type(failure).__name__, unsure=True)


def _refusal(failure: SlackApiError) -> Refusal:
    answer = failure.response
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    headers = getattr(answer, "headers", {})
    data = getattr(answer, "data", None)
    data = data if isinstance(data, dict) else {}
    lint = (data.get("response_metadata") or {}).get("messages") or ()
    scope = f"needed scope {data['needed']}" if "needed" in data else ""
    return Refusal(
        error=str(data.get("error") or ("ratelimited" if status == 429 else f"http_{status}")),
        detail="; ".join([*map(str, lint), *filter(None, [scope])])[:500],
        retry_after_s=_seconds(headers.get("Retry-After")),
        unsure=status >= 500,
    )


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
