"""Jobs as tasks of this process: nothing to install, and nothing kept over a restart.

Holds a reference to every task (the event loop itself does not), bounds how many run at once, and
drains at the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from bot.jobs.places import Limits
from bot.jobs.port import NotAccepted
from bot.jobs.questions import Questions
from bot.jobs.recently import Recently

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.jobs.port import Job, Run

log = logging.getLogger(__name__)

# Slack was seen to deliver again after six minutes; an hour is on the safe side.
REMEMBERED_S = 3600.0


class InProcess:
    """The engine without an engine."""

    def __init__(
        self,
        run: Run,
        give_back: Run,
        *,
        new_id: Callable[[], str],
        now: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        """Make an engine.

        Args:
            run: What a job does.
            give_back: What is done instead with a job that was accepted and, since the process
                stops, never begun.
            new_id: Makes the ids of jobs.
            now: A monotonic clock, in seconds.
            limits: How many at once.
        """
        self._run = run
        self._give_back = give_back
        self._new_id = new_id
        self._limits = limits or Limits()
        self._running = asyncio.Semaphore(self._limits.running)
        self._per_team: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(self._limits.per_team)
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: Recently[str] = Recently(REMEMBERED_S, now)
        self._questions = Questions(now)
        self._begun = 0
        self._is_stopping = False

    def refuse_the_same(self, job: Job) -> None:
        """See ``Jobs.refuse_the_same``."""
        self._questions.refuse_the_same(job, self._known.get(job.key) or "")

    async def submit(self, job: Job) -> str:
        """See ``Jobs.submit``; what is stored here lives as long as the process."""
        if (known := self._known.get(job.key)) is not None:
            return known
        if self._is_stopping:
            raise NotAccepted("relaycheck is being restarted. Please try again in a minute.")
        if len(self._tasks) >= self._limits.running + self._limits.waiting:
            raise NotAccepted(
                f"{len(self._tasks)} checks are waiting already. Please try again in a few minutes."
            )
        self.refuse_the_same(job)
        job_id = self._new_id()
        self._questions.put(job, job_id)
        self._known.put(job.key, job_id)
        task = asyncio.create_task(self._do(job_id, job), name=f"job {job_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job_id

    def load(self) -> tuple[int, int]:
        """See ``Jobs.load``."""
        return self._begun, len(self._tasks) - self._begun

    async def drain(self, timeout_s: float) -> int:
        """See ``Jobs.drain``."""
        self._is_stopping = True
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return len(late)

    async def _do(self, job_id: str, job: Job) -> None:
        do = self._give_back
        try:
            # The workspace's turn first: one that asks for much must not hold turns it cannot use.
            async with self._per_team[job.destination.team], self._running:
                do = self._run
                self._begun += 1
                try:
                    await self._guarded(do, job_id, job)
                finally:
                    self._begun -= 1
        except asyncio.CancelledError:
            if do is self._give_back:
                await self._guarded(do, job_id, job)
            raise

    async def _guarded(self, do: Run, job_id: str, job: Job) -> None:
        try:
            await do(job_id, job)
        except Exception:
            log.exception("job failed run=%s", job_id)
