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
import json
import logging
import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID

from bot.jobs.in_process import Limits
from bot.jobs.port import NotAccepted
from bot.jobs.stored_job import id_of, pack_job, question_of, unpack_job
from bot.store.asked import answered_by, answers_instead

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from bot.jobs.port import Job, Run
    from bot.store import Database

log = logging.getLogger(__name__)

# DBOS resumes only what the same version began: pinned, or every release would strand what is in
# flight. A job that a later version cannot read must get a workflow of another name.
_VERSION = "1"
_EXECUTOR = "relaycheck"
_WORKFLOW = "check"
# A job that has brought the process down this often is left alone.
_MOST_RECOVERIES = 100
SAME_QUESTION = timedelta(minutes=1)
_SETTLE_S = 2.0


class AlreadyAsked(NotAccepted):
    pass


class _Json(Serializer):
    """DBOS's own default is pickle, which no other version may be able to read, and no person."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401 - whatever DBOS stores
        return json.dumps(data, default=repr)

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 - likewise
        return json.loads(serialized_data)

    def name(self) -> str:
        return "json"


class Durable:
    """The engine on DBOS, of which a process has one: ``start`` it, ``drain`` it."""

    def __init__(
        self,
        database: Database,
        run: Run,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
    ) -> None:
        """Make an engine; ``now`` is the time of day, since it is stored."""
        self._database = database
        self._run = run
        self._now = now
        self._limits = limits or Limits()
        self._running = asyncio.Semaphore(self._limits.running)
        self._per_team: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(self._limits.per_team)
        )
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._begun = 0
        self._is_stopping = False

    def start(self) -> None:
        """Open the engine's tables, and resume what the last process left; inside the loop.

        Blocks for the time of a connection and, the first time, of the migrations. It must not be
        moved to a thread: DBOS takes the running loop for its workflows.
        """
        DBOS(config=_config(self._database.url))

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
        async def work(packed: str) -> None:
            await self._work(str(DBOS.workflow_id), packed)

        self._workflow = work
        DBOS.listen_queues([])
        DBOS.launch()

    async def submit(self, job: Job) -> str:
        """See ``Jobs.submit``; what was accepted survives the process."""
        if self._is_stopping:
            raise NotAccepted("relaycheck is being restarted. Please try again in a minute.")
        job_id = id_of(job.key)
        if job_id in self._tasks:
            return job_id
        if len(self._tasks) >= self._limits.running + self._limits.waiting:
            raise NotAccepted(
                f"{len(self._tasks)} checks are waiting already. Please try again in a few minutes."
            )
        await self._refuse_the_same(job, job_id)
        with SetWorkflowID(job_id):
            await DBOS.start_workflow_async(self._workflow, pack_job(job))
        return job_id

    async def cancel(self, job_id: str) -> None:
        """End a job for good: it is interrupted, and not resumed; one that has ended stays so."""
        await DBOS.cancel_workflow_async(job_id)
        if job_id in self._tasks:
            self._tasks[job_id].cancel()

    def load(self) -> tuple[int, int]:
        """See ``Jobs.load``."""
        return self._begun, len(self._tasks) - self._begun

    async def drain(self, timeout_s: float) -> int:
        """See ``Jobs.drain``; what is interrupted is resumed by the next process."""
        self._is_stopping = True
        late: set[asyncio.Task[Any]] = set()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks.values()), timeout=timeout_s)
        left = {job_id for job_id, task in self._tasks.items() if task in late}
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self._settle(left)
        with ThreadPoolExecutor(1) as thread:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
            # DBOS had put its own threads in, which have ended with it.
            loop.set_default_executor(ThreadPoolExecutor())
        return len(late)

    async def sweep(self, *, before: datetime) -> int:
        """Delete jobs that ended before a moment from the engine's tables; return how many."""
        ended = await DBOS.list_workflows_async(
            completed_before=before.isoformat(), load_input=False, load_output=False
        )
        if ended:
            await DBOS.delete_workflows_async([each.workflow_id for each in ended])
        return len(ended)

    async def _refuse_the_same(self, job: Job, job_id: str) -> None:
        """Raise where somebody asked the same a moment ago, and it is being done or was."""
        if job.again:
            return
        now = self._now()
        question = question_of(job)
        first = await answered_by(
            self._database, question, job_id, now=now, since=now - SAME_QUESTION
        )
        if first == job_id:
            return
        if await DBOS.get_workflow_status_async(first) is not None:
            raise AlreadyAsked(job.request.domain.shown, first)
        # The process ended between the question and the job, which was never acknowledged.
        await answers_instead(self._database, question, job_id, now=now)

    async def _work(self, job_id: str, packed: str) -> None:
        """Do a job in its turn. A fault of ours ends it, and is logged."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a workflow is always run as one
        self._tasks[job_id] = task
        try:
            job = unpack_job(packed)
            # The workspace's turn first: one that asks for much must not hold turns it cannot use.
            async with self._per_team[job.destination.team], self._running:
                self._begun += 1
                try:
                    await self._run(job_id, job)
                finally:
                    self._begun -= 1
        except Exception:
            log.exception("job failed run=%s", job_id)
        finally:
            del self._tasks[job_id]

    async def _settle(self, left: set[str]) -> None:
        """Wait until DBOS has written down that jobs have ended; without it they would be redone."""
        async with asyncio.timeout(_SETTLE_S):
            while {each.workflow_id for each in await self._pending()} - left:
                await asyncio.sleep(0.01)

    async def _pending(self):
        return await DBOS.list_workflows_async(
            status="PENDING", load_input=False, load_output=False
        )


def _config(url: URL) -> DBOSConfig:
    is_sqlite = url.get_backend_name() == "sqlite"
    return DBOSConfig(
        name="relaycheck",
        system_database_url=_beside(url) if is_sqlite else _psycopg(url),
        application_version=_VERSION,
        executor_id=_EXECUTOR,
        serializer=_Json(),
        max_executor_threads=64,
        log_level="WARNING",
    )


def _psycopg(url: URL) -> str:
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _beside(url: URL) -> str:
    """Return the engine's own file: two writers of one SQLite file would wait for each other."""
    file = f"{url.database}.jobs"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # stays with the file
    return f"sqlite:///{file}"
