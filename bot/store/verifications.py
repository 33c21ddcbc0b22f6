"""Since when a name is verified for a workspace: DNS says whether it is, we keep since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store.database import whole
from bot.store.tables import verifications
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from bot.store.database import Database


@whole
async def verified_since(database: Database, *, team: str, name: str, now: datetime) -> datetime:
    """Keep that a name was just found verified; return when it was first found so."""
    known = select(verifications.c.since).where(*_of(team, name))
    async with database.begin() as connection:
        since = await connection.scalar(known)
        if since is None:
            row = {"team": team, "name": name, "since": now}
            await connection.execute(upsert(connection, verifications), row)
    return since or now


@whole
async def forget_verification(database: Database, *, team: str, name: str) -> datetime | None:
    """Forget a name that is not verified any more; return since when it had been."""
    known = select(verifications.c.since).where(*_of(team, name))
    async with database.begin() as connection:
        since = await connection.scalar(known)
        await connection.execute(delete(verifications).where(*_of(team, name)))
    return since


def _of(team: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return verifications.c.team == team, verifications.c.name == name
