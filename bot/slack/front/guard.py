"""What an HTTP request must be before anybody reads it: small, well-formed, signed, fresh, new.

Slack's signing scheme: "Verifying requests from Slack" (HMAC-SHA256 over ``v0:TIMESTAMP:BODY``,
300 s). Bolt parses before it verifies, and takes any form whose text holds "payload" for an
interactive payload; so this module verifies the raw bytes, parses them itself, and hands on a
dict. Knows nothing of Bolt, of aiohttp, or of what a request asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from bot.jobs.recently import Recently

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_BODY = 64 * 1024
MAX_AGE_S = 300
REMEMBERED_S = 600
_MAX_FIELDS = 100

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
# What of a request's headers Bolt needs. `X-Slack-Bolt-Lazy-Only` is not signed: it stays outside.
_HANDED_ON = ("x-slack-retry-num", "x-slack-retry-reason")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A request that goes no further: the HTTP status to answer, and why, for the log."""

    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very request that was let in before; it is answered 200 and not done again."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request from Slack: its parsed body, and the few headers that matter."""

    body: dict[str, Any]
    headers: dict[str, str]


class Guard:
    """Lets in what Slack signed within the last five minutes, once.

    ``now`` is the wall clock in seconds of the epoch; the signatures let in are remembered for ten
    minutes, in this process.
    """

    def __init__(self, signing_secret: str, now: Callable[[], float]) -> None:
        self._key = signing_secret.encode()
        self._now = now
        self._seen: Recently[bool] = Recently(REMEMBERED_S, now)

    def admit(self, raw: bytes, headers: Mapping[str, str]) -> Admitted | Repeated | Rejected:
        """Verify, then parse.

        Args:
            raw: The body as it came over the wire.
            headers: The request's headers, looked up case-insensitively.

        Returns:
            The request; or Rejected with 413 (too large), 401 (not from Slack, or stale) or 400
            (signed, and still not something that Slack sends).
        """
        if len(raw) > MAX_BODY:
            return Rejected(413, f"a body of {len(raw)} bytes")
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if why := self._unsigned(raw, timestamp, signature):
            return Rejected(401, why)
        if not self._seen.is_new(signature, True):  # noqa: FBT003 - what is remembered
            return Repeated()
        body = parse_body(raw, headers.get("Content-Type", ""))
        if body is None:
            return Rejected(400, "a signed body that is neither a form nor a JSON object")
        return Admitted(body, {name: headers[name] for name in _HANDED_ON if name in headers})

    def _unsigned(self, raw: bytes, timestamp: str, signature: str) -> str | None:
        if not _TIMESTAMP.fullmatch(timestamp):
            return "no timestamp in seconds"
        if not _SIGNATURE.fullmatch(signature):
            return "no v0 signature"
        if abs(self._now() - int(timestamp)) > MAX_AGE_S:
            return "a timestamp more than five minutes off"
        if not hmac.compare_digest(self._signature(raw, timestamp), signature):
            return "a signature that does not match"
        return None

    def _signature(self, raw: bytes, timestamp: str) -> str:
        signed = b"v0:" + timestamp.encode() + b":" + raw
        return "v0=" + hmac.new(self._key, signed, hashlib.sha256).hexdigest()


def parse_body(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """Parse a body as Slack sends them: an event in JSON, or a form.

    Returns:
        An event's object; the object in a form's ``payload`` field (interactions, shortcuts,
        views); or the form's own fields (slash commands). None where it is none of these.
    """
    try:
        text = raw.decode("utf-8")
        if content_type.partition(";")[0].strip().lower() == "application/json":
            return _json_object(text)
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        return None
    form = dict(reversed(pairs))  # the first of a repeated field counts
    return _json_object(form["payload"]) if "payload" in form else form or None


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
