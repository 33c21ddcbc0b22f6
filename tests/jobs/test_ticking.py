"""Tests of the clock of the watches, on a simulated one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.jobs.ticking import PER_MINUTE, Allowance, keep_ticking, share, tick
from bot.settings import Rate
from bot.store.watches import find_watch, keep_watch
from tests.jobs.test_durable import until
from tests.store.test_watches import NOW, watch

if TYPE_CHECKING:
    from bot.store import Database
    from bot.store.watches import Watch

SECOND = timedelta(seconds=1)


class Started:
    """Starts nothing, and remembers what it was asked to; there may be no room."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.watches: list[str] = []
        self.room = room

    async def __call__(self, watch: Watch) -> bool:
        """Start a run, if there is room."""
        if len(self.watches) >= self.room:
            return False
        self.watches.append(watch.id)
        return True


async def test_what_is_due_is_started_and_put_off(database: Database) -> None:
    """Each once, then not before its next run."""
    started, allowance = Started(), Allowance(600, NOW - SECOND)
    await keep_watch(database, watch(1))
    await keep_watch(database, watch(2, due_in_s=1))

    assert 1 == await tick(database, started, allowance, NOW)
    assert 1 == await tick(database, started, allowance, NOW + SECOND)
    assert 0 == await tick(database, started, allowance, NOW + 2 * SECOND)
    assert ["W1", "W2"] == started.watches
    put_off = await find_watch(database, "W1")
    assert put_off is not None
    assert NOW + timedelta(hours=24) <= put_off.due_at <= NOW + timedelta(hours=24.5)


async def test_after_a_long_stop_each_watch_runs_once(database: Database) -> None:
    """A week of missed runs is one run."""
    started, late = Started(), NOW + timedelta(days=7)
    allowance = Allowance(600, late - SECOND)
    await keep_watch(database, watch(1))
    for second in range(5):
        await tick(database, started, allowance, late + second * SECOND)

    assert ["W1"] == started.watches


async def test_without_room_a_watch_stays_due(database: Database) -> None:
    """A full queue skips nobody."""
    started, allowance = Started(room=1), Allowance(600, NOW - SECOND)
    await keep_watch(database, watch(1, due_in_s=-2))
    await keep_watch(database, watch(2, due_in_s=-1))
    assert 1 == await tick(database, started, allowance, NOW)
    started.room = 2
    assert 1 == await tick(database, started, allowance, NOW + SECOND)

    assert ["W1", "W2"] == started.watches


@pytest.mark.parametrize(
    ("rate", "per_minute"),
    [
        (Rate(60, 60, "minute"), 30.0),
        (Rate(10, 3600, "hour"), 1 / 12),
        (Rate(1, 1, "second"), 30.0),
        (None, PER_MINUTE),
    ],
)
def test_watches_take_half_of_all(rate: Rate | None, per_minute: float) -> None:
    """Whoever asks in person has the other half; without a rate they are bounded all the same."""
    assert per_minute == share(rate)


@pytest.mark.parametrize(
    ("per_minute", "seconds"), [(30, 3600), (60, 600), (600, 60), (7, 3600), (1 / 12, 7200)]
)
def test_an_allowance_is_never_exceeded(per_minute: float, seconds: int) -> None:
    """In no minute are there more, over an hour there are as many, and none is saved up."""
    allowance = Allowance(per_minute, NOW)
    taken = [allowance.take(NOW + (n + 1) * SECOND) for n in range(seconds)]

    assert max(sum(taken[n : n + 60]) for n in range(seconds)) <= max(per_minute, 1)
    assert sum(taken) >= int(per_minute * seconds / 60) - 1
    assert allowance.take(NOW + timedelta(days=1)) <= per_minute / 30 + 1


@given(st.floats(0.01, 1000), st.lists(st.integers(-5, 30), min_size=1, max_size=50))
def test_however_late_the_ticks_are(per_minute: float, gaps: list[int]) -> None:
    """Never more than the rate allows for the time that passed; each late tick has its share."""
    allowance, now, least, taken = Allowance(per_minute, NOW), NOW, 0.0, 0
    for gap in gaps:
        now += gap * SECOND
        least += max(0, min(gap, 2)) * per_minute / 60
        taken += allowance.take(now)

    forward = sum(gap for gap in gaps if gap > 0)
    assert taken <= forward * per_minute / 60 + 1e-6
    assert taken > least - 1 - 1e-6


async def test_it_ticks_on_though_the_database_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble with the database is logged, and the clock goes on."""
    monkeypatch.setattr("bot.jobs.ticking.TICK_S", 0.01)
    started, moments = Started(), iter(range(10_000))
    await keep_watch(database, watch(1))
    ticking = asyncio.create_task(
        keep_ticking(
            database, started, per_minute=60_000, now=lambda: NOW + next(moments) * SECOND / 100
        )
    )
    await until(lambda: started.watches)
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE watches"))
    await until(lambda: len(caplog.messages) > 1)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)

    assert {"no watch was started"} == set(caplog.messages)
