"""Tests of keeping where messages stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.store.messages import Place, keep_place, places

if TYPE_CHECKING:
    from bot.store import Database

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)


async def test_an_intent_becomes_a_place(database: Database) -> None:
    """A message is about to be posted, then stands; a run knows its own parts only."""
    intent, posted = Place(channel="C1", ts=None), Place(channel="C1", ts="1.2", doubtful=True)
    await keep_place(database, "R1", "", intent, now=NOW)
    await keep_place(database, "R1", "mx1", intent, now=NOW)
    await keep_place(database, "R1", "", posted, now=NOW)

    assert {"": posted, "mx1": intent} == await places(database, "R1")
    assert {} == await places(database, "R2")
