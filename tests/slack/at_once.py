"""Jobs as tasks of the test, begun at once: all that the desk knows of an engine, and no more.

While ``turn`` is clear, they wait for their turn.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.jobs import NotAccepted
from bot.jobs.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.jobs import Job, Run


class AtOnce:
    """An engine that keeps nothing. ``run`` does a job; ``new_id`` names it; ``now``: seconds."""

    def __init__(self, run: Run, *, new_id: Callable[[], str], now: Callable[[], float]) -> None:
        self._run = run
        self._new_id = new_id
        self._known: dict[str, str] = {}
        self._questions = Questions(now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: list[str] = []
        self.turn = asyncio.Event()
        self.turn.set()
        self._is_stopping = False

    def refuse_the_same(self, job: Job) -> None:
        """See ``Jobs.refuse_the_same``."""
        self._questions.refuse_the_same(job, self._known.get(job.key, ""))

    async def submit(self, job: Job) -> str:
        """See ``Jobs.submit``; there is always room."""
        if job.key in self._known:
            return self._known[job.key]
        if self._is_stopping:
            raise NotAccepted("relaycheck is being restarted. Please try again in a minute.")
        self.refuse_the_same(job)
        job_id = self._known[job.key] = self._new_id()
        self._questions.put(job, job_id)
        task = asyncio.ensure_future(self._work(job_id, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job_id

    async def _work(self, job_id: str, job: Job) -> None:
        self._again.append(job.again)
        try:
            await self.turn.wait()
            await self._run(job_id, job)
        finally:
            self._again.remove(job.again)

    def awaits(self, handle: str) -> bool:
        """See ``Jobs.awaits``."""
        return handle in self._again

    def load(self) -> tuple[int, int]:
        """See ``Jobs.load``; nobody waits."""
        return len(self._tasks), 0

    async def drain(self, timeout_s: float) -> int:
        """See ``Jobs.drain``."""
        self._is_stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        return len(self._tasks)
