"""What was seen lately, so that what Slack delivers twice is done once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MOST = 100_000


class Recently(Generic[T]):
    """Keys seen within a time, each with a value, and no more of them than ``most``."""

    def __init__(self, lifetime_s: float, now: Callable[[], float], most: int = MOST) -> None:
        """Remember for ``lifetime_s`` seconds by the clock ``now``, which may be any in seconds."""
        self._lifetime_s = lifetime_s
        self._now = now
        self._most = most
        self._seen: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, key: str) -> T | None:
        """Return what a key was seen with, or None."""
        self._forget(keep=self._most)
        found = self._seen.get(key)
        return found[1] if found else None

    def put(self, key: str, value: T) -> None:
        """Remember a key from now on."""
        self._seen.pop(key, None)  # the order is that of time
        self._forget(keep=self._most - 1)
        self._seen[key] = self._now(), value

    def is_new(self, key: str, value: T) -> bool:
        """Remember a key, and say whether it was not known."""
        if self.get(key) is not None:
            return False
        self.put(key, value)
        return True

    def __len__(self) -> int:
        return len(self._seen)

    def _forget(self, keep: int) -> None:
        oldest = self._now() - self._lifetime_s
        while self._seen and (
            len(self._seen) > keep or next(iter(self._seen.values()))[0] < oldest
        ):
            self._seen.popitem(last=False)
