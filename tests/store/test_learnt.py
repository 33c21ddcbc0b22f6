"""Tests of keeping what a check has learnt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store.learnt import learn, recall

if TYPE_CHECKING:
    from bot.store import Database

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)


async def test_facts_are_recalled_by_run(database: Database) -> None:
    """Each run has its own, the latest of each name."""
    await learn(database, "R1", {}, now=NOW)
    await learn(database, "R1", {"a": b"1", "b": b"2"}, now=NOW)
    await learn(database, "R1", {"b": b"3"}, now=NOW)
    await learn(database, "R2", {"a": b"4"}, now=NOW)

    assert {"a": b"1", "b": b"3"} == await recall(database, "R1", since=NOW)
    assert {} == await recall(database, "R3", since=NOW)


async def test_old_facts_are_not_recalled(database: Database) -> None:
    """After a long stop the world has moved on: it is asked anew."""
    await learn(database, "R1", {"a": b"1"}, now=NOW)

    assert {} == await recall(database, "R1", since=NOW + timedelta(seconds=1))
