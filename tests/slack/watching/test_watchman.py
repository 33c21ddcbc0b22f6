"""Tests of watches kept going: on a simulated clock, over both databases, and never too many."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from bot.deliver import Slack, make_client, make_session
from bot.jobs.ticking import Allowance, share, tick
from bot.sandbox.slack import StandIn
from bot.settings import Rate, Settings
from bot.settling import Standing
from bot.slack.permissions import Permissions
from bot.slack.watching import watchman
from bot.slack.watching.watchman import either, job_of, make_start, watching
from bot.store import open_database
from bot.store.codec import Codec, adapter_of
from bot.store.tables import watches
from bot.store.watches import Looks, find_watch, keep_watch, pause_watch
from tests.jobs.test_durable import engine, until
from tests.jobs.test_durable import job as asked_by_a_person
from tests.slack.kept import Kept, nodata
from tests.store.test_watches import NOW, watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.jobs import Durable, Job
    from bot.store import Database

SECOND = timedelta(seconds=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A store, of each kind in turn."""
    async with open_database(database_url) as opened:
        yield opened


def permissions(**settings: object) -> Permissions:
    """Return what these settings allow."""
    return Permissions(Settings(**settings), time.monotonic, nodata)  # type: ignore[arg-type]


class Clock:
    """The time of day as it is set, for rates too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr("limits.aio.storage.memory.time.time", self.time)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def time(self) -> float:
        """Return the time as `limits` reads it."""
        return self.now.timestamp()


def test_a_look_is_the_same_job_until_it_was_made() -> None:
    """Asked for again after a crash it is one job; when it is due again it is another."""
    due = watch(1)

    assert job_of(due) == job_of(due)
    assert job_of(due).key != job_of(replace(due, due_at=NOW + timedelta(days=1))).key
    assert ("W1", "C1", "U1") == (
        job_of(due).watch,
        job_of(due).destination.channel,
        job_of(due).asker,
    )


async def test_a_job_goes_to_whom_it_is_for() -> None:
    """A look to the watches, whatever a person asked for to the checks."""
    done: list[str] = []

    async def check(job_id: str, _: Job) -> None:
        done.append(f"check {job_id}")

    async def look(job_id: str, _: Job) -> None:
        done.append(f"look {job_id}")

    run = either(check, look)
    await run("A", asked_by_a_person("a"))
    await run("B", job_of(watch(1)))

    assert ["check A", "look B"] == done


async def test_without_room_or_rate_nothing_is_started() -> None:
    """A full queue, the total rate, and a pause of ours put a look off; it stays due."""
    jobs, full = Kept(), Kept("full")
    start = make_start(jobs, permissions(rate_total=Rate(1, 60, "minute")), lambda: NOW)

    assert not await make_start(full, permissions(), lambda: NOW)(watch(1))
    assert await start(watch(1))
    assert not await start(watch(2))
    assert ["W1"] == [job.watch for job in jobs.jobs]


async def test_looks_leave_a_persons_rate_alone() -> None:
    """They count against the rate for all, and nobody else's."""
    allowed = permissions(rate_user=Rate(1, 3600, "hour"), rate_workspace=Rate(1, 3600, "hour"))
    start = make_start(Kept(), allowed, lambda: NOW)
    for number in range(3):
        assert await start(watch(number))

    assert await allowed.count(asked_by_a_person("a")) is None


async def test_ten_thousand_due_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People and watches together stay within the rate for all, and no watch is left out.

    It takes seconds: ten thousand rows, each of which becomes a job.
    """
    clock, jobs, rate = Clock(monkeypatch), Kept(), Rate(12_000, 60, "minute")
    allowed = permissions(rate_total=rate, rate_user=None, rate_workspace=None)
    start, asked = make_start(jobs, allowed, clock), asked_by_a_person("a")
    people: list[datetime] = []
    looks: list[datetime] = []
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as database:
        await _fill(database, 10_000)
        allowance = Allowance(share(rate), clock.now)
        while len(jobs.jobs) < 10_000:
            clock.now += SECOND
            for number in range(500 if len(people) < 6000 else 0):
                by_a_person = replace(asked, key=f"{clock.now} {number}")
                people += [clock.now] if await allowed.count(by_a_person) is None else []
            started = await tick(database, start, allowance, clock.now)
            looks += [clock.now] * started
        assert 0 == await tick(database, start, allowance, clock.now + SECOND)

    assert 10_000 == len(looks) == len({job.watch for job in jobs.jobs})
    assert clock.now - NOW < timedelta(seconds=110)  # half the rate, and no less
    half = rate.amount // 2
    minute = timedelta(seconds=59)
    assert all(later - at >= minute for at, later in zip(looks, looks[half:], strict=False))
    windows = Counter((at - NOW - SECOND) // timedelta(minutes=1) for at in (*people, *looks))
    assert max(windows.values()) <= rate.amount


async def test_a_rate_that_people_use_up_skips_no_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watches wait for what people leave, the longest due first."""
    clock, jobs = Clock(monkeypatch), Kept()
    allowed = permissions(rate_total=Rate(60, 60, "minute"), rate_user=None, rate_workspace=None)
    start = make_start(jobs, allowed, clock)
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as database:
        await _fill(database, 20)
        allowance = Allowance(30, clock.now)
        for second in range(180):
            clock.now = NOW + (second + 1) * SECOND
            if second % 60 < 2:  # sixty people at the beginning of each minute
                for number in range(30):
                    await allowed.count(asked_by_a_person(f"{second} {number}"))
            await tick(database, start, allowance, clock.now)
        assert [] == jobs.jobs
        for second in range(180, 240):
            clock.now = NOW + (second + 1) * SECOND
            await tick(database, start, allowance, clock.now)

    assert [f"W{number:05}" for number in range(20)] == [job.watch for job in jobs.jobs]


async def test_looks_are_jobs_of_the_engine(database: Database) -> None:
    """Each due watch becomes one job that survives the process, and is put off to its next look."""
    looked: list[str] = []

    async def look(_: str, job: Job) -> None:
        looked.append(job.watch)

    for number in range(5):
        await keep_watch(database, watch(number))
    async with engine(database, either(look, look)) as jobs:
        await _tick_all(database, jobs)
        await until(lambda: len(looked) == 5)
        await keep_watch(database, watch(3))  # as if the process had died before it was put off
        await _tick_all(database, jobs)
        await until(lambda: jobs.load() == (0, 0))

    assert ["W0", "W1", "W2", "W3", "W4"] == sorted(looked)
    put_off = await find_watch(database, "W3")
    assert put_off is not None
    assert put_off.due_at > NOW


async def test_while_the_app_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is due is started, owners who could not be told are told, and trouble is survived."""
    monkeypatch.setattr("bot.jobs.ticking.TICK_S", 0.01)
    monkeypatch.setattr(watchman, "TELL_EVERY_S", 0.01)
    jobs = Kept()
    await keep_watch(database, watch(1))
    stopped = replace(watch(2), owner="U0DANA", looks=Looks(untold=True))
    await keep_watch(database, stopped)
    await pause_watch(database, "W2", "token_revoked")
    async with StandIn(rate_limits=False) as slack, make_session() as session:
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        out = Slack(client=client, session=session, api_url=slack.base_url)
        start = make_start(jobs, permissions(), lambda: NOW)
        moments = iter(range(10**6))
        async with watching(
            database, out, start, 60_000, lambda: NOW + next(moments) * SECOND / 100
        ):
            await until(lambda: jobs.jobs)
            await until(lambda: slack.channel("relaycheck").messages)
            await asyncio.sleep(0.1)
            async with database.begin() as connection:
                await connection.execute(text("DROP TABLE watches"))
            await until(lambda: any("owners of stopped" in each for each in caplog.messages))

        assert ["W1"] == [job.watch for job in jobs.jobs]
        assert 1 == len(slack.channel("relaycheck").messages)


async def _tick_all(database: Database, jobs: Durable) -> None:
    """Let everything that is due be started; the first tick allows a minute's share."""
    start = make_start(jobs, permissions(rate_total=None), lambda: datetime.now(UTC))  # noqa: TID251
    allowance = Allowance(600, NOW - SECOND)
    while await tick(database, start, allowance, NOW + SECOND - SECOND):
        pass


async def _fill(database: Database, many: int) -> None:
    """Keep so many watches, all of them due."""
    row = {**asdict(watch(0)), "shown": "", "hours": 24}
    del row["schedule"], row["looks"]
    rows = [{**row, "id": f"W{number:05}", "domain": f"{number}.com"} for number in range(many)]
    packed = Codec(adapter_of(Looks, Standing)).pack(Looks())
    async with database.begin() as connection:
        await connection.execute(insert(watches).values(packed=packed), rows)
