"""How long a greylisting server asks us to stay away, read from its own words.

Greylisting has no standard; most servers name a time in the text of the reply (postgrey "Greylisted
for 300 seconds", milter-greylist "please come back in 00:05:00"), and some name none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.model.report import Outcome

if TYPE_CHECKING:
    from bot.model.report import EndpointReport

_UNITS = {"s": 1, "m": 60, "h": 3600}
_WORDS = re.compile(r"\b(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\b")
_MARGIN_S = 1


def delay_s(endpoint: EndpointReport) -> int | None:
    """Return after how many seconds a greylisting server will have us back.

    Returns:
        The longest time that its greylisting replies name, and a second more; None where they name
        none.
    """
    texts = [
        attempt.reply.text
        for attempt in endpoint.attempts
        if attempt.outcome is Outcome.GREYLISTED and attempt.reply is not None
    ]
    times = [seconds for text in texts for seconds in _named(text)]
    return max(times) + _MARGIN_S if times else None


def _named(text: str) -> list[int]:
    words = [int(number) * _UNITS[unit[0].lower()] for number, unit in _WORDS.findall(text)]
    if words:
        return [sum(words)]  # "4 minutes 30 seconds" is one time
    clock = _CLOCK.search(text)
    if clock is None:
        return []
    hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    return [hours * 3600 + minutes * 60 + seconds]
