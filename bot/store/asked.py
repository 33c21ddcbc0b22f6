"""Which run answers a question: the same one again within a short while is not run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.tables import asked
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.database import Database


async def answered_by(
    database: Database, question: str, run_id: str, *, now: datetime, since: datetime
) -> str:
    """Return the run that answers a question: one that was asked at ``since`` or later, or ours.

    Deciding and keeping are one statement, so that of two that ask at once one is the first.
    """
    row = {"question": question, "run_id": run_id, "at": now}
    async with database.begin() as connection:
        await connection.execute(upsert(connection, asked, where=asked.c.at < since), row)
        found = await connection.scalar(select(asked.c.run_id).where(asked.c.question == question))
    return str(found)


async def answers_instead(database: Database, question: str, run_id: str, *, now: datetime) -> None:
    """Let a run answer a question from now on, whichever did before."""
    row = {"question": question, "run_id": run_id, "at": now}
    async with database.begin() as connection:
        await connection.execute(upsert(connection, asked), row)
