"""Who did what, in order; for an operator who has to find out later.

A line names people, channels and domains by Slack's ids and names, and never holds what lets
somebody act: no token, no response_url.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from bot.store.database import whole
from bot.store.tables import audit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.store.database import Database

_BATCH = 500


class Act(StrEnum):
    """What kind of act a line of the audit tells of."""

    RUN = "run"
    PRESS = "press"
    VERIFY = "verify"
    WATCH = "watch"
    # Somebody stood in for a missing verification, or tried to.
    GLASS = "glass"
    # A check under way met somebody who may not be asked.
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act.

    Attributes:
        at: when.
        team: the workspace, by Slack's id.
        channel: where, by Slack's id; empty where it was in no channel.
        person: who, by Slack's id.
        act: what kind of act.
        what: which, exactly: the options of a run, the button that was pressed.
        domain: in A-labels; empty where it concerns none.
        run_id: the check that it began or was done to; empty where there is none.
        outcome: what came of it, in words.
    """

    at: datetime
    team: str
    channel: str
    person: str
    act: Act
    what: str = ""
    domain: str = ""
    run_id: str = ""
    outcome: str


@whole
async def note(database: Database, deeds: Sequence[Deed]) -> None:
    """Keep acts, all of them or none."""
    async with database.begin() as connection:
        await add(connection, deeds)


async def add(connection: AsyncConnection, deeds: Sequence[Deed]) -> None:
    """Keep acts in a transaction that is under way."""
    if deeds:
        await connection.execute(insert(audit), [asdict(deed) for deed in deeds])


async def deeds(database: Database, *, since: datetime) -> AsyncIterator[Deed]:
    """Yield the acts since a moment, in the order in which they were kept."""
    last = 0
    while batch := await _batch(database, since, last):
        for last, deed in batch:  # noqa: B007 - the next batch begins after the last
            yield deed


@whole
async def _batch(database: Database, since: datetime, after: int) -> list[tuple[int, Deed]]:
    wanted = select(audit).where(audit.c.id > after, audit.c.at >= since)
    async with database.begin() as connection:
        rows = (await connection.execute(wanted.order_by(audit.c.id).limit(_BATCH))).mappings()
        return [(row["id"], _deed(dict(row))) for row in rows]


def _deed(row: dict[str, object]) -> Deed:
    del row["id"]
    return Deed(**row | {"act": Act(str(row["act"]))})  # type: ignore[arg-type] # the table's columns
