"""How many jobs run at once: in all, for one workspace, and for watches.

A job that waits on purpose (for a greylisting server, for the delivery of a proof) asks nothing
meanwhile, so others have its place. It takes its place back without waiting for it: it was let in
before, and its check has deadlines to keep. So for a moment more may run than the limits say.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.model.report import Awaited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.jobs.port import Job
    from bot.model.report import Progress

_ON_PURPOSE = (Awaited.DELIVERY, Awaited.RETRY)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs run at once, in all, for one workspace and for watches; how many may wait."""

    running: int = 50
    per_team: int = 25
    scheduled: int = 10
    waiting: int = 10_000


@dataclass(slots=True)
class _Row:
    """So many places, given out in the order of asking."""

    most: int
    taken: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now has to wait."""
        return self.taken >= self.most or any(not turn.done() for turn in self.waiting)

    async def take(self) -> None:
        """Wait for a place, and take it."""
        if not self.is_full:
            self.taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given one at the same moment
                self.leave()
            raise

    def take_back(self) -> None:
        """Take a place at once, be there one or not."""
        self.taken += 1

    def leave(self) -> None:
        """Give a place to whoever waits."""
        self.taken -= 1
        while self.waiting and self.taken < self.most:
            turn = self.waiting.popleft()
            if not turn.done():
                self.taken += 1
                turn.set_result(None)


@dataclass(slots=True)
class _Place:
    """The place of one job, in each row that it stands in."""

    rows: tuple[_Row, ...]
    is_left: bool = False

    def rest(self, *, resting: bool) -> None:
        """Leave it while the job rests, and take it back."""
        if resting == self.is_left:
            return
        self.is_left = resting
        for row in self.rows:
            row.leave() if resting else row.take_back()


_place: ContextVar[_Place | None] = ContextVar("place", default=None)


def keep_place(progress: Progress) -> None:
    """Let the job whose check this is rest while all that it waits for is waited for on purpose."""
    waiting = progress.waiting
    if (place := _place.get()) is not None:
        place.rest(resting=bool(waiting) and all(each.what in _ON_PURPOSE for each in waiting))


class Places:
    """The places of an engine."""

    def __init__(self, limits: Limits) -> None:
        self._running = _Row(limits.running)
        self._scheduled = _Row(limits.scheduled)
        self._per_team: defaultdict[str, _Row] = defaultdict(lambda: _Row(limits.per_team))

    @property
    def are_scheduled_full(self) -> bool:
        """Whether a look of a watch would have to wait."""
        return self._scheduled.is_full or self._running.is_full

    @asynccontextmanager
    async def place(self, job: Job) -> AsyncIterator[None]:
        """Wait for a job's turn, and hold its place while the block runs."""
        # The workspace's turn first: one that asks for much must not hold turns it cannot use.
        # Watches have a few turns of their own, so that most are always left to people.
        first = self._scheduled if job.watch else self._per_team[job.destination.team]
        async with _standing(first), _standing(self._running):
            place = _Place((first, self._running))
            before = _place.set(place)
            try:
                yield
            finally:
                place.rest(resting=False)
                _place.reset(before)


@asynccontextmanager
async def _standing(row: _Row) -> AsyncIterator[None]:
    await row.take()
    try:
        yield
    finally:
        row.leave()
