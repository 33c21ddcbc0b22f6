"""Tests of the engine that lives in this process."""

import asyncio
import itertools
import logging
from datetime import UTC, datetime

import pytest

from bot.deliver import Destination
from bot.jobs import AlreadyAskedError, InProcess, Job, Limits, NotAccepted
from bot.jobs.in_process import REMEMBERED_S
from bot.model.domain_name import DomainName
from bot.request import Request


def job(key: str, team: str = "T1", *, domain: str = "") -> Job:
    """Return a job that somebody in a workspace asked for; each key asks for its own domain."""
    name = domain or f"{key}.example.com"
    return Job(
        key=key,
        request=Request(domain=DomainName(name, name), shown=name),
        destination=Destination(
            team=team, channel="C1", user="U1", asked_at=datetime(2026, 11, 23, tzinfo=UTC)
        ),
    )


class Work:
    """Something to do that lasts until it is let go, and remembers what was done."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.interrupted: list[str] = []
        self.given_back: list[str] = []
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

    async def give_back(self, job_id: str, job: Job) -> None:
        """Remember what was never begun."""
        self.given_back.append(job.key)


class Clock:
    """A monotonic clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def engine(work: Work, limits: Limits | None = None, clock: Clock | None = None) -> InProcess:
    """Return an engine whose ids count up."""
    ids = itertools.count(1)
    return InProcess(
        work, work.give_back, new_id=lambda: f"id{next(ids)}", now=clock or Clock(), limits=limits
    )


async def settled() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_job_is_done_under_the_id_that_was_returned() -> None:
    """Submitting returns the id that the work is called with."""
    called: list[tuple[str, str]] = []

    async def run(job_id: str, job: Job) -> None:
        called.append((job_id, job.key))

    jobs = InProcess(run, run, new_id=lambda: "7F3A", now=Clock())
    job_id = await jobs.submit(job("trigger"))
    await jobs.drain(1)

    assert "7F3A" == job_id
    assert [("7F3A", "trigger")] == called


async def test_the_same_key_is_the_same_job() -> None:
    """However often Slack delivers a command, it runs once, while it runs and after."""
    work = Work()
    work.go.set()
    jobs = engine(work)
    first = await jobs.submit(job("trigger"))
    again = await jobs.submit(job("trigger"))
    await jobs.drain(1)
    later = await jobs.submit(job("trigger"))

    assert first == again == later
    assert ["trigger"] == work.done


async def test_the_same_question_is_asked_once() -> None:
    """Whoever asks the same a moment later is told which job answers it."""
    work = Work()
    jobs = engine(work)
    first = await jobs.submit(job("a", domain="example.com"))
    with pytest.raises(AlreadyAskedError) as told:
        await jobs.submit(job("b", domain="example.com"))
    jobs.refuse_the_same(job("a", domain="example.com"))
    await jobs.drain(0)

    assert first == told.value.job_id


async def test_keys_are_forgotten_after_an_hour() -> None:
    """The memory of keys ends after the last time at which Slack may deliver again."""
    work, clock = Work(), Clock()
    work.go.set()
    jobs = engine(work, clock=clock)
    await jobs.submit(job("a"))
    clock.now = REMEMBERED_S + 1
    await jobs.submit(job("b"))

    await jobs.submit(job("a"))
    await jobs.drain(1)

    assert ["a", "b", "a"] == work.done


async def test_only_so_many_run_at_once() -> None:
    """What goes beyond the limits waits its turn, and one workspace leaves room for another."""
    work = Work()
    jobs = engine(work, Limits(running=3, per_team=2, waiting=10))
    for key in ("a1", "a2", "a3"):
        await jobs.submit(job(key, team="A"))
    for key in ("b1", "b2"):
        await jobs.submit(job(key, team="B"))
    await settled()
    begun = list(work.begun)
    work.go.set()
    await jobs.drain(1)

    assert ["a1", "a2", "b1"] == begun
    assert {"a1", "a2", "a3", "b1", "b2"} == set(work.done)


async def test_a_full_queue_says_so() -> None:
    """When too many wait, the next is refused with a sentence, and not remembered."""
    jobs = engine(Work(), Limits(running=1, per_team=1, waiting=1))
    await jobs.submit(job("a"))
    await jobs.submit(job("b"))

    with pytest.raises(NotAccepted, match="2 checks are waiting already"):
        await jobs.submit(job("c"))

    assert jobs._known.get("c") is None
    await jobs.drain(0)


async def test_a_failing_job_is_logged_and_hurts_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours in one job ends that job, with its id in the log."""

    async def run(job_id: str, job: Job) -> None:
        if job.key == "bad":
            raise RuntimeError("boom")

    jobs = InProcess(run, run, new_id=lambda: "7F3A", now=Clock())
    with caplog.at_level(logging.ERROR):
        await jobs.submit(job("bad"))
        await jobs.submit(job("good"))

        assert 0 == await jobs.drain(1)

    assert ["job failed run=7F3A"] == caplog.messages


async def test_drain_lets_jobs_finish_and_interrupts_the_rest() -> None:
    """At the end what runs may finish in time; what does not is cancelled, and counted."""
    work = Work()
    jobs = engine(work)
    await jobs.submit(job("a"))
    await settled()

    assert 1 == await jobs.drain(0.01)
    assert ["a"] == work.interrupted


async def test_what_was_never_begun_is_given_back() -> None:
    """A job that waited its turn when the process stopped is not lost without a word."""
    work = Work()
    jobs = engine(work, Limits(running=1, per_team=1, waiting=5))
    for key in ("a", "b", "c"):
        await jobs.submit(job(key))
    await settled()

    assert 3 == await jobs.drain(0.01)
    assert ["a"] == work.interrupted
    assert ["b", "c"] == sorted(work.given_back)


async def test_nothing_is_accepted_while_draining() -> None:
    """A process that stops says so, and takes no more work."""
    jobs = engine(Work())

    assert 0 == await jobs.drain(1)

    with pytest.raises(NotAccepted, match="restarted"):
        await jobs.submit(job("a"))
