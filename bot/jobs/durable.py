"""Jobs that survive the process: stored by DBOS before they are accepted, resumed after a crash.

A job is one DBOS workflow without steps of its own. DBOS replays steps in the order in which a
workflow first took them, and a check has no order: it asks DNS and mail hosts side by side. So the
workflow is simply run again after a crash, and what it had learnt until then answers before the
world does (``resume``). What is left to DBOS is what it is for: a job is stored before it is
acknowledged, it is run until it has ended, and never by two at once.

One process does all jobs, with one fixed executor id: on SQLite there can be no other, and on
PostgreSQL the database has one owner (``bot.store``). Several processes would need an id each and
somebody who takes over from the dead; the port has room for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dbos import DBOS, SetWorkflowID
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.calm import Calm
from bot.jobs.dbos_settings import dbos_config
from bot.jobs.places import Limits, Places
from bot.jobs.port import NotAccepted
from bot.jobs.questions import SAME_QUESTION_S, Questions
from bot.jobs.recently import Recently
from bot.jobs.stored_job import id_of, pack_job, unpack_job
from bot.logs import about

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.jobs.port import Job, Run
    from bot.store import Database

log = logging.getLogger(__name__)

_WORKFLOW = "check"
# A job that has brought the process down this often is left alone.
_MOST_RECOVERIES = 100
_SETTLE_S = 2.0
_BATCH = 500


class Durable:
    """The engine on DBOS, of which a process has one: ``start`` it, ``drain`` it."""

    def __init__(
        self,
        database: Database,
        run: Run,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        calm: Calm | None = None,
    ) -> None:
        """Make an engine; ``now`` is the time of day, ``calm`` told when it accepts."""
        self._database = database
        self._run = run
        self._now = now
        self._limits = limits or Limits()
        self._places = Places(self._limits)
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._again: dict[str, str] = {}
        self._questions = Questions(time.monotonic)
        self._ended: Recently[bool] = Recently(_SETTLE_S, time.monotonic)
        self._begun = 0
        self._calm = calm or Calm()
        self._is_stopping = False
        self._is_over = False

    async def start(self) -> None:
        """Open the engine's tables, and resume what the last process left; inside the loop.

        Blocks for the time of a connection and, the first time, of the migrations. It must not be
        moved to a thread: DBOS takes the running loop for its workflows.
        """
        # With a handler of ours DBOS adds none of its own, and its log goes where all logs go.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        DBOS(config=dbos_config(self._database.url))

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
        async def work(packed: str) -> None:
            await self._work(str(DBOS.workflow_id), packed)

        self._workflow = work
        DBOS.listen_queues([])
        DBOS.launch()
        await self._remember_questions()

    def refuse_the_same(self, job: Job) -> None:
        """See ``Jobs.refuse_the_same``; a restart forgets nothing."""
        self._questions.refuse_the_same(job, id_of(job.key))

    async def submit(self, job: Job) -> str:
        """See ``Jobs.submit``; what was accepted survives the process."""
        if self._is_stopping:
            raise NotAccepted("relaycheck is being restarted. Please try again in a minute.")
        job_id = id_of(job.key)
        if job_id in self._tasks:
            return job_id
        if job.watch and self._places.are_scheduled_full:
            raise NotAccepted("Whoever asks in person goes first: a look of a watch waits.")
        if len(self._tasks) >= self._limits.running + self._limits.waiting:
            raise NotAccepted(
                f"{len(self._tasks)} checks are waiting already. Please try again in a few minutes."
            )
        self._questions.refuse_the_same(job, job_id)
        self._questions.put(job, job_id)
        try:
            # What DBOS logs of it names it, too.
            with self._calm.accepting(), about(job_id), SetWorkflowID(job_id):
                # By name: with a positional argument DBOS inspects the signature, each time anew.
                await DBOS.start_workflow_async(self._workflow, packed=pack_job(job))
        except BaseException:
            self._questions.forget(job)
            raise
        return job_id

    async def cancel(self, job_id: str) -> None:
        """End a job for good: it is interrupted, and not resumed; one that has ended stays so."""
        await DBOS.cancel_workflow_async(job_id)
        if job_id in self._tasks:
            self._tasks[job_id].cancel()

    def awaits(self, handle: str) -> bool:
        """See ``Jobs.awaits``."""
        return handle in self._again.values()

    def load(self) -> tuple[int, int]:
        """See ``Jobs.load``."""
        return self._begun, len(self._tasks) - self._begun

    async def drain(self, timeout_s: float) -> int:
        """See ``Jobs.drain``; what is interrupted is resumed by the next process."""
        if self._is_stopping:
            return 0
        self._is_stopping = True
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        await self._let_begin(min(timeout_s, _SETTLE_S))
        self._is_over = True
        late: set[asyncio.Task[None]] = set()
        if self._tasks:
            left_s = max(until - loop.time(), 0)
            _, late = await asyncio.wait(set(self._tasks.values()), timeout=left_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self._settle()
        with ThreadPoolExecutor(1) as thread:
            await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
            # DBOS had put its own threads in, which have ended with it.
            loop.set_default_executor(ThreadPoolExecutor())
        return len(late)

    async def sweep(self, *, before: datetime) -> int:
        """Delete jobs that ended before a moment from the engine's tables; return how many."""
        swept = 0
        while ended := await DBOS.list_workflows_async(
            completed_before=before.isoformat(), limit=_BATCH, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([each.workflow_id for each in ended])
            swept += len(ended)
        return swept

    async def _remember_questions(self) -> None:
        """Learn what was asked in the last minute before this process began."""
        since = self._now() - timedelta(seconds=SAME_QUESTION_S)
        for asked in await DBOS.list_workflows_async(
            start_time=since.isoformat(), load_output=False
        ):
            with suppress(ValueError):  # of another version: `_work` says so
                job = unpack_job((asked.input or {"kwargs": {}})["kwargs"].get("packed", ""))
                self._questions.put(job, asked.workflow_id)

    async def _work(self, job_id: str, packed: str) -> None:
        """Do a job in its turn. A fault of ours ends it, and is logged."""
        if self._is_over:
            raise asyncio.CancelledError  # left for the next process
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a workflow is always run as one
        self._tasks[job_id] = task
        with about(job_id):
            try:
                job = unpack_job(packed)
                if job.again:
                    self._again[job_id] = job.again
                await self._in_turn(job_id, job)
            except Exception:
                log.exception("job failed run=%s", job_id)
            finally:
                del self._tasks[job_id]
                self._again.pop(job_id, None)
                self._ended.put(job_id, value=True)

    async def _in_turn(self, job_id: str, job: Job) -> None:
        async with self._places.place(job):
            await self._calm.wait()
            self._begun += 1
            log.info("begun")
            try:
                await self._run(job_id, job)
            finally:
                self._begun -= 1

    async def _let_begin(self, within_s: float) -> None:
        """Wait until what was accepted last has begun: DBOS begins it a moment after."""
        with suppress(TimeoutError, SQLAlchemyError):
            async with asyncio.timeout(within_s):
                while any(  # noqa: ASYNC110 - DBOS tells nobody
                    job_id not in self._tasks and not self._ended.get(job_id)
                    for job_id in await _pending()
                ):
                    await asyncio.sleep(0.01)

    async def _settle(self) -> None:
        """Wait until DBOS has written down what has ended; without it, that would be done again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_S):
                while any(map(self._ended.get, await _pending())):  # noqa: ASYNC110 - DBOS tells nobody
                    await asyncio.sleep(0.01)


async def _pending() -> list[str]:
    found = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
    return [each.workflow_id for each in found]
