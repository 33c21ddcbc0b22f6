"""Deliveries over HTTP: form or JSON bodies, signed as docs.slack.dev/authentication says.

The signature is ``v0=`` and the HMAC-SHA256 of ``v0:TIMESTAMP:BODY`` under the signing secret.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Delivery, Kind, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORM = "application/x-www-form-urlencoded"


def encode(kind: Kind, payload: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return content type and body of a delivery as Slack sends it over HTTP."""
    if kind is Kind.SLASH:
        return _FORM, urlencode(payload).encode()
    if kind is Kind.INTERACTIVE:
        return _FORM, urlencode({"payload": json.dumps(payload)}).encode()
    return "application/json", json.dumps(payload).encode()


def signed(secret: str, body: bytes, timestamp: str) -> dict[str, str]:
    """Return the two headers that sign a body at a time (seconds since the epoch)."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


class HttpTransport:
    """Posts deliveries to the app's request URL.

    Args:
        url: the app's request URL.
        secret: the signing secret that the app knows as well.
        clock: the time for the signature, in seconds since the epoch.
        deadline_s: seconds that an ack may take.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Callable[[], float],
        deadline_s: float = ACK_DEADLINE_S,
    ) -> None:
        self.url = url
        self._secret = secret
        self._clock = clock
        self._deadline_s = deadline_s

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], retry: Retry | None = None
    ) -> Delivery:
        """Post one payload; every outcome is a Delivery, none an exception."""
        content_type, body = encode(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (sandbox)"}
        headers |= signed(self._secret, body, str(int(self._clock())))
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = f"http_{retry.reason}"
        status, answer, error = None, None, ""
        begun = time.monotonic()
        try:
            async with (
                asyncio.timeout(self._deadline_s),
                aiohttp.ClientSession() as session,
                session.post(self.url, data=body, headers=headers) as response,
            ):
                status, answer = response.status, _answer(await response.text())
            error = "" if 200 <= status <= 299 else "http_error"
        except TimeoutError:
            error = "operation_timeout"
        except aiohttp.ClientError:
            error = "dispatch_failed"
        return Delivery(
            kind=kind,
            payload=payload,
            status=status,
            body=answer,
            took_s=time.monotonic() - begun,
            error=error,
            retry=retry,
        )


def _answer(text: str) -> object:
    """Read the body of an ack: JSON where it is JSON, else the text, None when empty."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
