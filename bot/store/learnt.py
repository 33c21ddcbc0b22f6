"""What a check under way has learnt from the world, kept until its report is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.database import whole
from bot.store.tables import learnt
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.store.database import Database


@whole
async def learn(
    database: Database, run_id: str, facts: Mapping[str, bytes], *, now: datetime
) -> None:
    """Keep facts of a run by name, all of them or none."""
    if not facts:
        return
    rows = [
        {"run_id": run_id, "what": what, "at": now, "packed": packed}
        for what, packed in facts.items()
    ]
    async with database.begin() as connection:
        statement = upsert(connection, learnt)
        await connection.execute(statement, rows)


@whole
async def recall(database: Database, run_id: str, *, since: datetime) -> dict[str, bytes]:
    """Return the facts of a run that were learnt at ``since`` or later."""
    wanted = select(learnt.c.what, learnt.c.packed).where(
        learnt.c.run_id == run_id, learnt.c.at >= since
    )
    async with database.begin() as connection:
        return {row.what: row.packed for row in await connection.execute(wanted)}
