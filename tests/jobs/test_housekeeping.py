"""Tests of retention in the running service."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.jobs.housekeeping import keep_house
from bot.store.audit import deeds, note
from tests.jobs.test_durable import Work, engine, until
from tests.render.samples import NOW
from tests.store.test_audit import DEED

if TYPE_CHECKING:
    import pytest

    from bot.store import Database


async def test_it_sweeps_at_once_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is older than the retention goes, at the start and from time to time."""
    monkeypatch.setattr("bot.jobs.housekeeping.EVERY_S", 0.01)
    await note(database, [replace(DEED, at=NOW, run_id="old")])
    later = NOW + timedelta(days=91)
    await note(database, [replace(DEED, at=later, run_id="new")])
    async with engine(database, Work()) as jobs:
        with caplog.at_level(logging.INFO, "bot.jobs.housekeeping"):
            house = asyncio.create_task(
                keep_house(database, jobs, retention=timedelta(days=90), now=lambda: later)
            )
            await until(lambda: len(caplog.messages) > 1)
            house.cancel()
            await asyncio.gather(house, return_exceptions=True)

    assert ["swept 1 rows and 0 jobs", "swept 0 rows and 0 jobs"] == caplog.messages[:2]
    assert ["new"] == [deed.run_id async for deed in deeds(database, since=NOW)]


async def test_without_its_database_it_tries_again_later(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble with the database stops no sweep but this one."""
    monkeypatch.setattr("bot.jobs.housekeeping.EVERY_S", 0.01)
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE audit"))
    async with engine(database, Work()) as jobs:
        house = asyncio.create_task(
            keep_house(database, jobs, retention=timedelta(days=90), now=lambda: NOW)
        )
        await until(lambda: len(caplog.messages) > 1)
        house.cancel()
        await asyncio.gather(house, return_exceptions=True)

    assert ["not swept", "not swept"] == caplog.messages[:2]
