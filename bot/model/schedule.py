"""How often a watch runs, and when next: spread out, and once after a time when nothing ran."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Of an interval, so that watches made at once do not run at once; and never more than half an hour.
_JITTER = 0.1
_MAX_JITTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole number of hours between two runs."""

    hours: int

    @property
    def interval(self) -> timedelta:
        """The time from one run to the next, jitter apart."""
        return timedelta(hours=self.hours)

    def next_after(self, now: datetime, *, anchor: datetime, salt: str) -> datetime:
        """Return when to run next.

        Args:
            now: The run will be later than this. However many were missed before, none of them is
                made up for: the watch that was due ran once, and goes on from here.
            anchor: When the watch was made: runs keep to its time of day.
            salt: What sets its jitter apart from that of others: the watch's id.
        """
        return self._run((now - anchor) // self.interval + 1, anchor, salt)

    def _run(self, number: int, anchor: datetime, salt: str) -> datetime:
        share = zlib.crc32(f"{salt} {number}".encode()) / 2**32
        jitter = min(self.interval * _JITTER, _MAX_JITTER)
        return anchor + number * self.interval + share * jitter
