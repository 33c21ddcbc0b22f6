"""Tests of when a watch runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model.schedule import Schedule

MADE = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def runs(schedule: Schedule, count: int, salt: str = "W1") -> list[datetime]:
    """Return the first runs of a watch."""
    found: list[datetime] = []
    for _ in range(count):
        latest = found[-1] if found else MADE
        found.append(schedule.next_after(latest, anchor=MADE, salt=salt))
    return found


def test_runs_keep_to_their_interval() -> None:
    """Jitter does not add up: after a hundred runs it is the same time of day, give or take."""
    for number, run in enumerate(runs(Schedule(6), 100), 1):
        late = run - MADE - number * 6 * HOUR
        assert timedelta() <= late <= 0.5 * HOUR


def test_jitter_is_small_for_short_intervals() -> None:
    """At most a tenth of the interval, at most half an hour."""
    assert all((run - MADE) % HOUR <= HOUR / 10 for run in runs(Schedule(1), 50))
    assert max((run - MADE) % HOUR for run in runs(Schedule(168), 50)) > HOUR / 10


def test_watches_that_were_made_at_once_do_not_run_at_once() -> None:
    """Each has a jitter of its own, which is the same each time that it is computed."""
    first = {Schedule(24).next_after(MADE, anchor=MADE, salt=f"W{n}") for n in range(100)}

    assert len(first) > 90
    assert all(run >= MADE + 24 * HOUR for run in first)
    assert runs(Schedule(24), 3) == runs(Schedule(24), 3)


def test_what_was_missed_is_not_made_up_for() -> None:
    """After a week of standstill the next run is within one interval from now."""
    now = MADE + timedelta(days=7, minutes=31)
    run = Schedule(6).next_after(now, anchor=MADE, salt="W1")

    assert now < run <= now + 6.5 * HOUR


def test_the_next_run_is_always_later() -> None:
    """At the very moment of a run the next one is another."""
    for run in runs(Schedule(2), 20):
        assert Schedule(2).next_after(run, anchor=MADE, salt="W1") > run + HOUR
