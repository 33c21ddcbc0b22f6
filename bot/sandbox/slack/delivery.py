"""What Slack sends to an app, and what became of it: one record for both transports.

An ack later than three seconds is no ack (docs.slack.dev/interactivity/handling-user-interaction).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

ACK_DEADLINE_S = 3.0


class Kind(StrEnum):
    """The three kinds of delivery, by their Socket Mode names."""

    SLASH = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Retry:
    """A delivery sent again: how many times before, and why."""

    number: int
    reason: str = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One payload, sent once, and the app's answer.

    ``error`` is empty when it was acknowledged in time; else ``operation_timeout`` (no ack within
    the deadline), ``dispatch_failed`` (nobody there) or ``http_error`` (a status other than 2xx).
    ``at`` is when it was sent, in seconds since the epoch; ``status`` the HTTP status, 200 for a
    Socket Mode ack. ``body`` is what came with the ack: a dict, a text, or None.
    """

    kind: Kind
    payload: Mapping[str, Any]
    status: int | None = None
    body: Any = None
    at: float = 0.0
    took_s: float = 0.0
    error: str = ""
    retry: Retry | None = None

    @property
    def in_time(self) -> bool:
        """Whether the app acknowledged within the deadline."""
        return not self.error


class Transport(Protocol):
    """A way to the app."""

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], retry: Retry | None = None
    ) -> Delivery:
        """Send one payload and wait for its ack, no longer than the deadline."""
        ...
