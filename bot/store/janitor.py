"""Retention: what is older than it is deleted, wherever it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from bot.store.database import whole
from bot.store.tables import audit, cards, learnt, messages, proofs, reports

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.database import Database

_AGED_BY = (
    reports.c.started_at,
    learnt.c.at,
    messages.c.at,
    cards.c.begun_at,
    proofs.c.at,
    audit.c.at,
)


@whole
async def sweep(database: Database, *, before: datetime) -> int:
    """Delete all that is older than a moment; return how many rows that were.

    Each table is a transaction of its own, so that nobody waits long. Verdicts go with their
    reports.
    """
    swept = 0
    for column in _AGED_BY:
        async with database.begin() as connection:
            gone = await connection.execute(delete(column.table).where(column < before))
        swept += gone.rowcount
    return swept
