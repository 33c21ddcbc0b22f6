"""Since when a name is verified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store.verifications import forget_verification, verified_since

if TYPE_CHECKING:
    from bot.store import Database

NOW = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)


async def test_the_first_time_is_kept(database: Database) -> None:
    """It is of one workspace and one name, and stays until it is forgotten."""
    later = NOW + timedelta(days=1)

    assert NOW == await verified_since(database, team="T1", name="a.example", now=NOW)
    assert NOW == await verified_since(database, team="T1", name="a.example", now=later)
    assert later == await verified_since(database, team="T2", name="a.example", now=later)
    assert NOW == await forget_verification(database, team="T1", name="a.example")
    assert await forget_verification(database, team="T1", name="a.example") is None
    assert later == await verified_since(database, team="T1", name="a.example", now=later)
