"""Tests of the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store.audit import Act, Deed, deeds, note

if TYPE_CHECKING:
    import pytest

    from bot.store import Database

AT = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
DEED = Deed(
    at=AT,
    team="T1",
    channel="C1",
    person="U1",
    act=Act.PRESS,
    what="prove",
    domain="example.com",
    run_id="RUN1",
    outcome="done",
)


async def test_deeds_come_back_in_the_order_of_their_keeping(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, each comes once and as it was; none before the moment asked for."""
    monkeypatch.setattr("bot.store.audit._BATCH", 2)
    done = [replace(DEED, at=AT + timedelta(seconds=n), what=f"{n}") for n in range(5)]
    await note(database, done[:2])
    await note(database, done[2:])
    await note(database, [])

    since = AT + timedelta(seconds=1)
    assert done[1:] == [deed async for deed in deeds(database, since=since)]
