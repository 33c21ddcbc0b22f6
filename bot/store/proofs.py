"""When an endpoint was sent proof messages: not twice within a time, whoever asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.database import whole
from bot.store.tables import proofs
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.store.database import Database


@whole
async def take_proof(
    database: Database, ip: str, port: int, *, now: datetime, every: timedelta
) -> bool:
    """Whether an endpoint may be sent proof messages now; if so, it counts as done.

    One statement, so that of two who ask at once one is told no.
    """
    async with database.begin() as connection:
        taken = await connection.execute(
            upsert(connection, proofs, only=proofs.c.at <= now - every).returning(proofs.c.ip),
            {"ip": ip, "port": port, "at": now},
        )
        return taken.first() is not None
