"""Tests of the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.store.audit import Deed, deeds, note

if TYPE_CHECKING:
    from bot.store import Database


async def test_deeds_are_kept_in_order(database: Database) -> None:
    """The latest comes first, and only so many."""
    at = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
    done = [Deed(at=at, team="T1", person="U1", deed="check", subject=f"{n}.com") for n in range(3)]
    for deed in done:
        await note(database, deed)

    assert (done[2], done[1]) == await deeds(database, most=2)
