"""Watches: kept, found by whom they are for, and by when they are due."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from bot.model.domain_name import DomainName
from bot.model.schedule import Schedule
from bot.settling import Standing
from bot.store.codec import Codec, adapter_of
from bot.store.database import whole
from bot.store.tables import watches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from bot.store.database import Database


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What the looks of a watch have come to so far.

    Attributes:
        standings: what is held of each host.
        looked_at: when the last look was made; None: there was none yet.
        last_run: the id of that look's run, which must not count twice.
        thread_ts: the message in the channel below which changes are told; empty: none stands.
        untold: the owner has not been told yet that the watch was stopped.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    looked_at: datetime | None = None
    last_run: str = ""
    thread_ts: str = ""
    untold: bool = False


_LOOKS = Codec(adapter_of(Looks, Standing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A domain that is looked at again and again.

    ``channel`` is told of changes, ``owner`` (a person's id) of what concerns the watch itself.
    ``paused`` says why it rests; empty: it runs.
    """

    id: str
    team: str
    channel: str
    owner: str
    domain: DomainName
    schedule: Schedule
    made_at: datetime
    due_at: datetime
    paused: str = ""
    looks: Looks = field(default_factory=Looks)


@whole
async def keep_watch(database: Database, watch: Watch, *, most: int | None = None) -> bool:
    """Keep a watch, in place of one of the same domain for the same channel.

    ``most``: how many a workspace may have; returns false, and keeps nothing, where there would be
    more.
    """
    row = {
        "id": watch.id,
        "team": watch.team,
        "channel": watch.channel,
        "owner": watch.owner,
        "domain": watch.domain.ascii,
        "shown": watch.domain.unicode,
        "hours": watch.schedule.hours,
        "made_at": watch.made_at,
        "due_at": watch.due_at,
        "paused": watch.paused,
        "packed": _LOOKS.pack(watch.looks),
    }
    same = _is(watch.team, watch.channel, watch.domain.ascii) | (watches.c.id == watch.id)
    others = select(func.count()).where(watches.c.team == watch.team, ~same)
    async with database.begin() as connection:
        if most is not None and (await connection.scalar(others) or 0) >= most:
            return False
        await connection.execute(delete(watches).where(same))
        await connection.execute(insert(watches), row)
    return True


@whole
async def change_watch(database: Database, watch: Watch) -> None:
    """Keep whose a watch is, how often it looks, when next, and whether it rests.

    What its looks have come to is left alone: one may be under way.
    """
    changed = {
        "owner": watch.owner,
        "hours": watch.schedule.hours,
        "due_at": watch.due_at,
        "paused": watch.paused,
    }
    async with database.begin() as connection:
        await connection.execute(update(watches).where(watches.c.id == watch.id).values(changed))


@whole
async def drop_watch(database: Database, watch_id: str) -> bool:
    """End a watch; return whether there was one."""
    async with database.begin() as connection:
        gone = await connection.execute(delete(watches).where(watches.c.id == watch_id))
    return bool(gone.rowcount)


@whole
async def find_watch(database: Database, watch_id: str) -> Watch | None:
    """Return a watch by its id; None: it was ended."""
    async with database.begin() as connection:
        row = (await connection.execute(select(watches).where(watches.c.id == watch_id))).first()
    return None if row is None else _watch(row)


@whole
async def watches_of(database: Database, team: str) -> tuple[Watch, ...]:
    """Return the watches of a workspace, by domain."""
    wanted = select(watches).where(watches.c.team == team).order_by(watches.c.domain, watches.c.id)
    async with database.begin() as connection:
        return tuple(map(_watch, (await connection.execute(wanted)).all()))


@whole
async def due(database: Database, *, now: datetime, most: int) -> tuple[Watch, ...]:
    """Return watches that are due, those first that have been the longest."""
    wanted = (
        select(watches)
        .where(watches.c.due_at <= now, watches.c.paused == "")
        .order_by(watches.c.due_at, watches.c.id)
        .limit(most)
    )
    async with database.begin() as connection:
        return tuple(map(_watch, (await connection.execute(wanted)).all()))


@whole
async def count_due(database: Database, *, now: datetime) -> int:
    """Return how many watches wait for their run."""
    waiting = select(func.count()).where(watches.c.due_at <= now, watches.c.paused == "")
    async with database.begin() as connection:
        return int(await connection.scalar(waiting) or 0)


@whole
async def put_off(
    database: Database, until: Mapping[str, datetime], *, due_by: datetime | None = None
) -> None:
    """Set when watches, by their ids, are due next; with ``due_by``, those due by then alone."""
    if not until:
        return
    statement = update(watches).where(watches.c.id == bindparam("which"))
    if due_by is not None:
        statement = statement.where(watches.c.due_at <= due_by)
    rows = [{"which": watch_id, "due_at": moment} for watch_id, moment in until.items()]
    async with database.begin() as connection:
        await connection.execute(statement.values(due_at=bindparam("due_at")), rows)


@whole
async def keep_looks(database: Database, watch_id: str, looks: Looks) -> None:
    """Keep what the looks of a watch have come to."""
    async with database.begin() as connection:
        await connection.execute(
            update(watches).where(watches.c.id == watch_id).values(packed=_LOOKS.pack(looks))
        )


@whole
async def stopped_watches(database: Database) -> tuple[Watch, ...]:
    """Return the watches that rest."""
    wanted = select(watches).where(watches.c.paused != "").order_by(watches.c.id)
    async with database.begin() as connection:
        return tuple(map(_watch, (await connection.execute(wanted)).all()))


@whole
async def pause_watch(database: Database, watch_id: str, why: str) -> None:
    """Let a watch rest, and say why; an empty reason lets it run again."""
    async with database.begin() as connection:
        await connection.execute(update(watches).where(watches.c.id == watch_id).values(paused=why))


def _is(team: str, channel: str, domain: str) -> ColumnElement[bool]:
    return (watches.c.team == team) & (watches.c.channel == channel) & (watches.c.domain == domain)


def _watch(row: Row[tuple[object, ...]]) -> Watch:
    return Watch(
        id=row.id,
        team=row.team,
        channel=row.channel,
        owner=row.owner,
        domain=DomainName(row.domain, row.shown),
        schedule=Schedule(row.hours),
        made_at=row.made_at,
        due_at=row.due_at,
        paused=row.paused,
        looks=_looks(row.id, row.packed),
    )


def _looks(watch_id: str, packed: bytes) -> Looks:
    """Return what looks have come to; of another version's, nothing: one watch stops no other."""
    try:
        return _LOOKS.unpack(packed)
    except ValueError:
        log.warning("looks of another version, begun anew watch=%s", watch_id)
        return Looks()
