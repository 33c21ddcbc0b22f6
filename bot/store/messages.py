"""Where the messages of a run stand in Slack, so that a restart changes them instead of posting.

An intent is kept before a message is posted, its ``ts`` when Slack has told it. An intent without a
``ts`` after a restart means that the message may stand or may not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.database import whole
from bot.store.tables import messages
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one message of a run stands; ``ts`` None: it was about to be posted.

    ``doubtful``: it may stand twice.
    """

    channel: str
    ts: str | None
    doubtful: bool = False


@whole
async def keep_place(
    database: Database, run_id: str, part: str, place: Place, *, now: datetime
) -> None:
    """Keep where a part of a run's result stands, or is about to."""
    row = {"run_id": run_id, "part": part, "at": now, **asdict(place)}
    async with database.begin() as connection:
        await connection.execute(upsert(connection, messages), row)


@whole
async def places(database: Database, run_id: str) -> dict[str, Place]:
    """Return where the parts of a run's result stand, by part."""
    wanted = select(messages).where(messages.c.run_id == run_id)
    async with database.begin() as connection:
        rows = (await connection.execute(wanted)).all()
    return {row.part: Place(channel=row.channel, ts=row.ts, doubtful=row.doubtful) for row in rows}
