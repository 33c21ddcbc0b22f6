"""Tests of the durable engine, over SQLite and PostgreSQL; kills are in ``test_durable_kill``."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.jobs import AlreadyAskedError, Job, Limits, NotAccepted
from bot.jobs.durable import Durable
from bot.logs import LogFormatter
from bot.model.domain_name import DomainName
from bot.request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.jobs import Run
    from bot.store import Database


def job(key: str, team: str = "T1", *, domain: str = "", private: bool = False) -> Job:
    """Return a job that somebody in a workspace asked for; each key asks for its own domain."""
    name = domain or f"{key}.example.com"
    return Job(
        key=key,
        request=Request(domain=DomainName(name, name), shown=name, private=private),
        destination=Destination(
            team=team,
            channel="C1",
            user="U1",
            asked_at=datetime(2026, 11, 23, tzinfo=UTC),
            private=private,
        ),
    )


def look(key: str) -> Job:
    """Return a look of a watch at one domain."""
    return replace(job(key, domain="watched.example"), watch="W1")


class Work:
    """Something to do that lasts until it is let go, and remembers what was done."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.interrupted: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, job_id: str, job: Job) -> None:
        """Do it."""
        self.begun.append(job.key)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.interrupted.append(job.key)
            raise
        self.done.append(job.key)


@asynccontextmanager
async def engine(
    database: Database, work: Run, limits: Limits | None = None
) -> AsyncIterator[Durable]:
    """Run an engine; at the end of the block it is stopped as a process is."""
    jobs = Durable(database, work, now=lambda: datetime.now(UTC), limits=limits)  # noqa: TID251
    await jobs.start()
    try:
        yield jobs
    finally:
        await jobs.drain(0)


async def until(condition: object, within_s: float = 20) -> None:
    """Wait until a condition (a function) holds."""
    assert callable(condition)
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - whatever the test looks at
            await asyncio.sleep(0.01)


async def test_a_job_is_done_under_the_id_that_was_returned(database: Database) -> None:
    """Submitting returns the id that the work is called with; the job comes whole."""
    called: list[tuple[str, Job]] = []

    async def run(job_id: str, job: Job) -> None:
        called.append((job_id, job))

    wanted = replace(job("trigger"), note="_small print_")
    async with engine(database, run) as jobs:
        job_id = await jobs.submit(wanted)
        await until(lambda: called)

    assert [(job_id, wanted)] == called


async def test_the_same_key_is_the_same_job(database: Database) -> None:
    """However often Slack delivers a command, it runs once: while it runs, after, and next time."""
    work = Work()
    async with engine(database, work) as jobs:
        first = await jobs.submit(job("trigger"))
        again = await jobs.submit(job("trigger"))
        await until(lambda: work.begun)
        while_it_runs = await jobs.submit(job("trigger"))
        work.go.set()
        await until(lambda: jobs.load() == (0, 0))
        after = await jobs.submit(job("trigger"))
    async with engine(database, work) as jobs:
        next_time = await jobs.submit(job("trigger"))

    assert {first} == {again, while_it_runs, after, next_time}
    assert ["trigger"] == work.done


async def test_the_same_question_within_a_minute_is_asked_once(database: Database) -> None:
    """The second is told where the first is; in another place, or in private, it is another."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        first = await jobs.submit(job("a", domain="example.com"))
        with pytest.raises(AlreadyAskedError) as told:
            await jobs.submit(job("b", domain="example.com"))
        with pytest.raises(AlreadyAskedError):
            jobs.refuse_the_same(job("b", domain="example.com"))
        jobs.refuse_the_same(job("a", domain="example.com"))
        await jobs.submit(job("c", "T2", domain="example.com"))
        await jobs.submit(job("d", domain="example.com", private=True))
        await jobs.submit(replace(job("e", domain="example.com"), again="handle"))
        await until(lambda: len(work.done) == 4)

    assert first == told.value.job_id
    assert {"a", "c", "d", "e"} == set(work.done)


async def test_every_line_about_a_job_names_it(database: Database) -> None:
    """From its being stored on, whoever writes it: whoever searches for a check finds all of it."""
    lines: list[str] = []

    class Listening(logging.Handler):
        """Writes lines as the log has them."""

        def emit(self, record: logging.LogRecord) -> None:
            """Take a record."""
            lines.append(LogFormatter().format(record))

    async def fail(_job_id: str, _job: Job) -> None:
        logging.getLogger("somebody.else").warning("a line")
        raise RuntimeError

    handler, root = Listening(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        async with engine(database, fail) as jobs:
            job_id = await jobs.submit(job("a"))
            await until(lambda: any("job failed" in line for line in lines))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    found = [line for line in lines if "durable" in line or "somebody.else" in line]
    assert ["begun", "a line", "job failed"] == [
        re.search(r'message="(begun|a line|job failed)', line)[1]  # type: ignore[index] # each has one
        for line in found
    ]
    assert all(f"check={job_id}" in line for line in found)


async def test_a_question_is_remembered_over_a_restart(database: Database) -> None:
    """The minute does not begin anew with a process."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        first = await jobs.submit(job("a", domain="example.com"))
        await until(lambda: work.done)
    async with engine(database, work) as jobs:
        with pytest.raises(AlreadyAskedError) as told:
            await jobs.submit(job("b", domain="example.com"))

    assert first == told.value.job_id


async def test_a_job_that_was_not_stored_was_not_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database fails, the command fails, and may be given again at once."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        with monkeypatch.context() as patch:
            patch.setattr("bot.jobs.durable.pack_job", lambda _: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await jobs.submit(job("a", domain="example.com"))
        await jobs.submit(job("b", domain="example.com"))
        await until(lambda: work.done)

    assert ["b"] == work.done


async def test_only_so_many_run_at_once(database: Database) -> None:
    """What goes beyond the limits waits its turn, and one workspace leaves room for another."""
    work = Work()
    async with engine(database, work, Limits(running=3, per_team=2, waiting=10)) as jobs:
        for key in ("a1", "a2", "a3"):
            await jobs.submit(job(key, team="A"))
        for key in ("b1", "b2"):
            await jobs.submit(job(key, team="B"))
        await until(lambda: jobs.load() == (3, 2))
        begun = sorted(key[0] for key in work.begun)
        work.go.set()
        await until(lambda: len(work.done) == 5)

    assert ["a", "a", "b"] == begun
    assert {"a1", "a2", "a3", "b1", "b2"} == set(work.done)


async def test_watches_leave_turns_to_people(database: Database) -> None:
    """Looks have a few turns of their own, and none while people wait; they are asked for again."""
    work = Work()
    async with engine(database, work, Limits(running=2, per_team=2, scheduled=1)) as jobs:
        await jobs.submit(look("w1"))
        await until(lambda: work.begun)
        with pytest.raises(NotAccepted, match="goes first"):
            await jobs.submit(look("w2"))
        await jobs.submit(job("a"))
        await jobs.submit(job("b"))
        await until(lambda: jobs.load() == (2, 1))
        work.go.set()
        await until(lambda: jobs.load() == (0, 0))
        work.go.clear()
        for key in ("c", "d"):
            await jobs.submit(job(key))
        await until(lambda: jobs.load() == (2, 0))
        with pytest.raises(NotAccepted, match="goes first"):
            await jobs.submit(look("w2"))
        work.go.set()
        await until(lambda: jobs.load() == (0, 0))
        await jobs.submit(look("w2"))
        await until(lambda: "w2" in work.done)

    assert ["w1", "a"] == work.begun[:2]


async def test_a_watch_answers_nobody(database: Database) -> None:
    """Its look shows no card, so whoever asks the same has a check of their own, and it one too."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        await jobs.submit(look("w1"))
        await until(lambda: work.done)
    async with engine(database, work) as jobs:
        await jobs.submit(job("a", domain="watched.example"))
        await jobs.submit(look("w2"))
        await until(lambda: len(work.done) == 3)

    assert ["w1", "a", "w2"] == work.done


async def test_what_is_to_be_brought_up_to_date_is_known(database: Database) -> None:
    """From its acceptance to its end, also in the next process, a card awaits its new check."""
    work = Work()
    async with engine(database, work, Limits(running=1)) as jobs:
        await jobs.submit(job("a"))
        await jobs.submit(replace(job("b"), again="HANDLE"))
        await until(lambda: jobs.load() == (1, 1))
        assert jobs.awaits("HANDLE")
        assert not jobs.awaits("")
    async with engine(database, work) as jobs:
        await until(lambda: jobs.awaits("HANDLE"))
        work.go.set()
        await until(lambda: jobs.load() == (0, 0))
        assert not jobs.awaits("HANDLE")


async def test_a_full_queue_says_so(database: Database) -> None:
    """When too many wait, the next is refused with a sentence, and not stored."""
    work = Work()
    async with engine(database, work, Limits(running=1, per_team=1, waiting=1)) as jobs:
        await jobs.submit(job("a"))
        await jobs.submit(job("b"))
        await until(lambda: jobs.load() == (1, 1))
        with pytest.raises(NotAccepted, match="2 checks are waiting already"):
            await jobs.submit(job("c"))
        work.go.set()
        await until(lambda: jobs.load() == (0, 0))

    assert ["a", "b"] == work.done


async def test_a_failing_job_is_logged_and_hurts_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours in one job ends that job for good, with its id in the log."""
    done: list[str] = []

    async def run(job_id: str, job: Job) -> None:
        done.append(job_id)
        if job.key == "bad":
            raise RuntimeError("boom")

    with caplog.at_level(logging.ERROR):
        async with engine(database, run) as jobs:
            bad = await jobs.submit(job("bad"))
            good = await jobs.submit(job("good"))
            await until(lambda: len(done) == 2)
        async with engine(database, run) as jobs:
            await until(lambda: jobs.load() == (0, 0))

    assert {bad, good} == set(done)
    assert [f"job failed run={bad}"] == caplog.messages


async def test_drain_lets_jobs_finish(database: Database) -> None:
    """What ends in time has ended: the next process does not do it again."""
    work = Work()
    async with engine(database, work) as jobs:
        await jobs.submit(job("a"))
        await until(lambda: work.begun)
        work.go.set()
        assert 0 == await jobs.drain(10)
    await restart_and_rest(database, work)

    assert ["a"] == work.begun


async def test_what_drain_interrupts_the_next_process_resumes(database: Database) -> None:
    """What runs too long, or had not begun, is handed over, under its id."""
    work = Work()
    ids: list[str] = []

    async def resume(job_id: str, job: Job) -> None:
        ids.append(job_id)

    async with engine(database, work, Limits(running=1)) as jobs:
        submitted = [await jobs.submit(job("a")), await jobs.submit(job("b"))]
        await until(lambda: jobs.load() == (1, 1))
        assert 2 == await jobs.drain(0.01)
    assert 1 == len(work.interrupted)
    async with engine(database, resume):
        await until(lambda: len(ids) == 2)

    assert set(submitted) == set(ids)


async def test_a_job_that_had_just_been_accepted_is_handed_over(database: Database) -> None:
    """Between a job's being stored and its being begun, the process may stop as well."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        await jobs.submit(job("a"))
    async with engine(database, work):
        await until(lambda: work.done)

    assert ["a"] == work.done


async def test_a_job_that_had_just_been_accepted_is_done_where_there_is_time(
    database: Database,
) -> None:
    """A process that stops right after an acknowledgement begins what it acknowledged."""
    work = Work()
    work.go.set()
    async with engine(database, work) as jobs:
        await jobs.submit(job("a"))
        assert 0 == await jobs.drain(10)

    assert ["a"] == work.done


async def test_nothing_is_accepted_while_draining(database: Database) -> None:
    """A process that stops says so, and takes no more work."""
    async with engine(database, Work()) as jobs:
        assert 0 == await jobs.drain(1)
        with pytest.raises(NotAccepted, match="restarted"):
            await jobs.submit(job("a"))


async def test_a_cancelled_job_is_over(database: Database) -> None:
    """It is interrupted, and no later process takes it up; one that has ended stays as it was."""
    work = Work()
    async with engine(database, work) as jobs:
        job_id = await jobs.submit(job("a"))
        await until(lambda: work.begun)
        await jobs.cancel(job_id)
        await until(lambda: work.interrupted)
        await jobs.cancel(job_id)
    await restart_and_rest(database, work)

    assert ["a"] == work.begun


async def test_the_loop_has_its_threads_back_after_drain(database: Database) -> None:
    """DBOS replaces the threads of the event loop by its own, which end with it."""
    async with engine(database, Work()):
        pass

    assert 1 == await asyncio.to_thread(lambda: 1)


async def test_old_jobs_are_swept(database: Database) -> None:
    """The engine keeps all jobs unless it is told not to; what still runs is left alone."""
    work = Work()
    async with engine(database, work) as jobs:
        await jobs.submit(job("a"))
        await until(lambda: work.begun)
        tomorrow = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - DBOS has its own clock
        assert 0 == await jobs.sweep(before=tomorrow)
        work.go.set()
        assert 0 == await jobs.drain(10)
    async with engine(database, work) as jobs:
        assert 0 == await jobs.sweep(before=tomorrow - timedelta(days=2))
        assert 1 == await jobs.sweep(before=tomorrow)
        assert 0 == await jobs.sweep(before=tomorrow)


async def restart_and_rest(database: Database, work: Work) -> None:
    """Run another engine long enough for it to have taken up what it would."""
    async with engine(database, work) as jobs:
        last = await jobs.submit(job("canary"))
        await until(lambda: "canary" in work.begun)
        # DBOS takes up the past through a queue that it polls once a second.
        await asyncio.sleep(2.5)
        work.begun.remove("canary")
        await jobs.cancel(last)
