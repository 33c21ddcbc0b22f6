"""How often to look, as a person types it: ``every 6h``, ``daily``, ``weekly``."""

from __future__ import annotations

import re

from bot.model.schedule import Schedule
from bot.request.typed import UsageError, normalise, quoted

DAILY = Schedule(24)
WEEKLY = Schedule(7 * 24)
MAX_HOURS = 30 * 24
_NAMED = {"hourly": Schedule(1), "daily": DAILY, "weekly": WEEKLY}
_EVERY = re.compile(
    r"(?:every\s+)?(?P<count>\d{1,4})?\s*(?P<unit>hours?|hrs?|h|days?|d|weeks?|w)", re.ASCII
)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


def parse_schedule(text: str) -> Schedule:
    """Read how often to look; nothing at all is daily.

    Raises:
        UsageError: It is none of the forms, more often than hourly, or less often than in 30 days.
    """
    typed = normalise(text).strip().lower()
    if not typed:
        return DAILY
    if typed in _NAMED:
        return _NAMED[typed]
    every = _EVERY.fullmatch(typed)
    if every is None or (every["count"] is None and not typed.startswith("every")):
        raise UsageError(
            f"{quoted(text)} is no interval: type for example "
            "`every 6h`, `daily` or `weekly` after the domain."
        )
    hours = int(every["count"] or 1) * _HOURS[every["unit"][0]]
    if not 1 <= hours <= MAX_HOURS:
        raise UsageError(
            "A watch looks at most once an hour and at least once in 30 days: "
            "type for example `every 6h`."
        )
    return Schedule(hours)
