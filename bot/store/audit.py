"""Who did what, in order; for an operator who has to find out later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from bot.store.database import whole
from bot.store.tables import audit

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act: by whom (Slack's ids; empty on the command line), what (``check``), to what."""

    at: datetime
    team: str
    person: str
    deed: str
    subject: str


@whole
async def note(database: Database, deed: Deed) -> None:
    """Keep one act."""
    row = {
        "at": deed.at,
        "team": deed.team,
        "person": deed.person,
        "deed": deed.deed,
        "subject": deed.subject,
    }
    async with database.begin() as connection:
        await connection.execute(insert(audit), row)


@whole
async def deeds(database: Database, *, most: int = 100) -> tuple[Deed, ...]:
    """Return the latest acts, the latest first."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(most)
    async with database.begin() as connection:
        rows = (await connection.execute(wanted)).all()
    return tuple(
        Deed(at=row.at, team=row.team, person=row.person, deed=row.deed, subject=row.subject)
        for row in rows
    )
