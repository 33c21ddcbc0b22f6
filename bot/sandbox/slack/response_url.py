"""response_url: a way back to where something was typed or pressed, member or not.

docs.slack.dev/interactivity/handling-user-interaction: five uses within thirty minutes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

USES = 5
LIFE_S = 30 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: the channel, the person who asked, the message that was pressed."""

    channel: str
    user: str
    message_ts: str | None = None


@dataclass(slots=True)
class _Hook:
    place: Place
    issued_at: float
    uses: int = 0


class ResponseUrls:
    """All response URLs that were handed out.

    Args:
        clock: the time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._hooks: dict[str, _Hook] = {}

    def issue(self, place: Place) -> str:
        """Return the path of a fresh response URL."""
        token = secrets.token_hex(12)
        self._hooks[token] = _Hook(place, self._clock())
        return f"/response/{token}"

    def use(self, token: str) -> Place:
        """Count one use and return the place; Slack's errors when it is used up or too old."""
        hook = self._hooks.get(token)
        if hook is None:
            raise SlackError("invalid_token", status=404)
        if self._clock() - hook.issued_at > LIFE_S:
            raise SlackError("expired_url", status=404)
        if hook.uses >= USES:
            raise SlackError("used_url", status=404)
        hook.uses += 1
        return hook.place
