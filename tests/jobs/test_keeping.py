"""Tests of the ledger in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.jobs.keeping import Keeping
from bot.store.messages import Place
from tests.render.samples import NOW

if TYPE_CHECKING:
    import pytest

    from bot.store import Database


async def test_places_are_kept_for_the_next_process(database: Database) -> None:
    """Intents and places of this run are found again, of no other."""
    keeping = Keeping(database, "R1", lambda: NOW)
    await keeping.about_to_post("", "C1")
    await keeping.about_to_post("mx1", "C1")
    await keeping.posted("", "C1", "1.2", doubtful=True)

    expected = {
        "": Place(channel="C1", ts="1.2", doubtful=True),
        "mx1": Place(channel="C1", ts=None),
    }
    assert expected == await Keeping(database, "R1", lambda: NOW).kept()
    assert {} == await Keeping(database, "R2", lambda: NOW).kept()


async def test_without_its_database_a_delivery_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble of ours is logged, and no card fails for it."""
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE messages"))
    keeping = Keeping(database, "R1", lambda: NOW)
    await keeping.posted("", "C1", "1.2")

    assert {} == await keeping.kept()
    assert ["place not kept run=R1", "places not recalled run=R1"] == caplog.messages
