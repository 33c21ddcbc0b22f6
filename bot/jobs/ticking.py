"""The clock of the watches: who is due is started, the longest due first, and never too many.

One tick a second over the table of watches: an engine's own schedules take a thread each. What is
started is put off to its next run in the same tick; should the process end between the two, the
same run is asked for again under the same key, which is the same job. However many runs were missed
while nothing ran, one makes up for them.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot import metrics
from bot.store.watches import due, put_off

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.settings import Rate
    from bot.store import Database
    from bot.store.watches import Watch

    Start = Callable[[Watch], Awaitable[bool]]

log = logging.getLogger(__name__)

TICK_S = 1.0
# Where the operator has set no rate for all checks together.
PER_MINUTE = 600.0


def share(rate: Rate | None) -> float:
    """Return how many a minute the watches take of the rate for all checks together.

    Half of it, so that they leave the other half to whoever asks in person.
    """
    return PER_MINUTE if rate is None else rate.amount * 30 / rate.period_s


class Allowance:
    """How many may be started: so many a minute, spread over it, and none saved up in a pause."""

    def __init__(self, per_minute: float, begun: datetime) -> None:
        """Allow ``per_minute``, from ``begun`` on."""
        self._per_minute = per_minute
        self._last = begun
        self._left = 0.0

    def take(self, now: datetime) -> int:
        """Return how many may be started now; of a pause the last moments count alone."""
        passed_s = max(0.0, min((now - self._last).total_seconds(), 2 * TICK_S))
        self._last = now
        self._left += passed_s * self._per_minute / 60
        allowed = int(self._left)
        self._left -= allowed
        return allowed


async def tick(database: Database, start: Start, allowance: Allowance, now: datetime) -> int:
    """Start the watches that are due, as many as may be; return how many.

    Args:
        database: Where watches are kept.
        start: Starts one run; false: there is no room for more, and it stays due.
        allowance: How many may be started.
        now: What is due by then.
    """
    until: dict[str, datetime] = {}
    most = allowance.take(now)
    for watch in await due(database, now=now, most=most) if most else ():
        if not await start(watch):
            break
        until[watch.id] = watch.schedule.next_after(now, anchor=watch.made_at, salt=watch.id)
    await put_off(database, until, due_by=now)  # a look may have set its next time already
    metrics.watches_begun(len(until))
    return len(until)


async def keep_ticking(
    database: Database, start: Start, *, per_minute: float, now: Callable[[], datetime]
) -> None:
    """Tick once a second until cancelled, and start at most so many a minute."""
    allowance = Allowance(per_minute, now())
    while True:
        try:
            await tick(database, start, allowance, now())
        except Exception:  # the outermost handler: the next tick may do better
            log.exception("no watch was started")
        await asyncio.sleep(TICK_S)
