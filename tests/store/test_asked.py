"""Tests of telling the same question from another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store.asked import answered_by, answers_instead

if TYPE_CHECKING:
    from bot.store import Database

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def ask(database: Database, question: str, run_id: str, after_s: int = 0) -> str:
    """Ask some seconds after the first."""
    now = NOW + timedelta(seconds=after_s)
    return await answered_by(database, question, run_id, now=now, since=now - MINUTE)


async def test_the_same_question_within_a_minute_has_the_same_answer(database: Database) -> None:
    """The first run answers until its minute is over, whoever asks; others are other questions."""
    assert "R1" == await ask(database, "q", "R1")
    assert "R1" == await ask(database, "q", "R2", 60)
    assert "R3" == await ask(database, "another", "R3")
    assert "R4" == await ask(database, "q", "R4", 61)
    assert "R4" == await ask(database, "q", "R5", 62)


async def test_of_many_at_once_one_is_the_first(database: Database) -> None:
    """However they race, all are told the same run."""
    told = await asyncio.gather(*(ask(database, "q", f"R{n}") for n in range(20)))

    assert 1 == len(set(told))


async def test_another_run_may_answer_instead(database: Database) -> None:
    """Where the first run never began, the second takes its place."""
    await ask(database, "q", "R1")
    await answers_instead(database, "q", "R2", now=NOW)

    assert "R2" == await ask(database, "q", "R3", 1)
