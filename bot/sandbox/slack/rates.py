"""Slack's rate limits, as token buckets: so many calls a minute, a burst of as many.

docs.slack.dev/apis/web-api/rate-limits: tiers count calls of a method in a workspace;
chat.postMessage allows about one message a second in a channel, short bursts more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TIERS = {
    "chat.update": 50,
    "chat.delete": 50,
    "views.open": 100,
    "views.update": 100,
    "views.push": 100,
    "views.publish": 100,
    "chat.postEphemeral": 100,
    "conversations.open": 50,
    "conversations.info": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "usergroups.users.list": 20,
    "users.info": 100,
    "apps.connections.open": 20,
}
_POST_BURST = 10


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """Counts calls, and says how long to stay away.

    Args:
        clock: the time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait_s(self, method: str, channel: str) -> int:
        """Count one call; return 0, or the seconds of Retry-After when there were too many."""
        if method == "chat.postMessage":
            return self._take((method, channel), burst=_POST_BURST, a_second=1.0)
        if method in _TIERS:
            return self._take((method, ""), burst=_TIERS[method], a_second=_TIERS[method] / 60)
        return 0

    def _take(self, key: tuple[str, str], *, burst: int, a_second: float) -> int:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        bucket.left = min(burst, bucket.left + (now - bucket.at) * a_second)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / a_second))
