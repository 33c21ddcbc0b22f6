"""Tests of keeping watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from bot.model.domain_name import DomainName
from bot.model.schedule import Schedule
from bot.model.verdict import Judgement, Reason, Verdict
from bot.settling import Standing
from bot.store.tables import watches
from bot.store.watches import (
    Looks,
    Watch,
    change_watch,
    count_due,
    drop_watch,
    due,
    find_watch,
    keep_looks,
    keep_watch,
    pause_watch,
    put_off,
    stopped_watches,
    watches_of,
)

if TYPE_CHECKING:
    from bot.store import Database

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
LOOKS = Looks(
    standings={
        "mx1": Standing(
            settled=OPEN, seen_at=NOW, waiting=CLOSED, is_missing=True, open_at=("192.0.2.1:25",)
        ),
        "mx2": Standing(settled=CLOSED, seen_at=NOW, unanswered=OPEN),
    },
    looked_at=NOW,
    last_run="7F3A",
    thread_ts="1.2",
    untold=True,
)


def watch(number: int, due_in_s: int = 0, team: str = "T1") -> Watch:
    """Return a watch of a domain of its own."""
    return Watch(
        id=f"W{number}",
        team=team,
        channel="C1",
        owner="U1",
        domain=DomainName(f"xn--bcher-kva{number}.example", f"bücher{number}.example"),
        schedule=Schedule(24),
        made_at=NOW,
        due_at=NOW + timedelta(seconds=due_in_s),
    )


async def test_a_watch_is_kept_whole(database: Database) -> None:
    """All of it comes back, what is held of its hosts too."""
    kept = replace(watch(1), paused="why", looks=LOOKS)
    await keep_watch(database, kept)

    assert kept == await find_watch(database, "W1")
    assert await find_watch(database, "W2") is None


async def test_a_channel_watches_a_domain_once(database: Database) -> None:
    """Asked for again, it takes the place of the first; another channel's is another."""
    await keep_watch(database, watch(1))
    await keep_watch(database, replace(watch(1), id="W9", schedule=Schedule(6)))
    await keep_watch(database, replace(watch(1), id="W8", channel="C2"))
    await keep_watch(database, watch(2, team="T2"))

    assert ["W8", "W9"] == [each.id for each in await watches_of(database, "T1")]
    assert await drop_watch(database, "W9")
    assert not await drop_watch(database, "W9")
    assert ["W8"] == [each.id for each in await watches_of(database, "T1")]


async def test_a_watch_is_changed_beside_its_looks(database: Database) -> None:
    """Owner, interval, next look and rest; what a look under way keeps meanwhile stays."""
    await keep_watch(database, watch(1))
    await keep_looks(database, "W1", LOOKS)
    wanted = replace(
        watch(1), owner="U2", schedule=Schedule(6), due_at=NOW + timedelta(hours=6), paused="why"
    )
    await change_watch(database, wanted)

    assert replace(wanted, looks=LOOKS) == await find_watch(database, "W1")


async def test_a_workspace_has_only_so_many(database: Database) -> None:
    """One more is not kept, one in the place of another is; other workspaces do not count."""
    for number in range(3):
        assert await keep_watch(database, watch(number), most=3)
    assert not await keep_watch(database, watch(3), most=3)
    assert await keep_watch(database, watch(3, team="T2"), most=3)
    assert await keep_watch(database, replace(watch(1), id="W9"), most=3)

    assert ["W0", "W9", "W2"] == [each.id for each in await watches_of(database, "T1")]


async def test_who_is_due(database: Database) -> None:
    """The longest due come first, only so many; who rests or was put off is not due."""
    for number, due_in_s in enumerate((0, -5, 1, -9, -7)):
        await keep_watch(database, watch(number, due_in_s))
    await pause_watch(database, "W4", "the channel is gone")

    assert ["W3", "W1", "W0"] == [each.id for each in await due(database, now=NOW, most=9)]
    assert ["W3"] == [each.id for each in await due(database, now=NOW, most=1)]
    assert 3 == await count_due(database, now=NOW)
    await put_off(database, {"W3": NOW + timedelta(hours=1), "W1": NOW + timedelta(hours=2)})
    await put_off(database, {})
    await put_off(database, {"W3": NOW + timedelta(hours=9)}, due_by=NOW)
    assert ["W0"] == [each.id for each in await due(database, now=NOW, most=9)]
    kept = await find_watch(database, "W3")
    assert kept is not None
    assert kept.due_at == NOW + timedelta(hours=1)
    await pause_watch(database, "W4", "")
    assert ["W4", "W0"] == [each.id for each in await due(database, now=NOW, most=9)]


async def test_looks_are_kept(database: Database) -> None:
    """What a look has come to is there for the next."""
    await keep_watch(database, watch(1))
    await keep_looks(database, "W1", LOOKS)
    await keep_looks(database, "W2", LOOKS)
    kept = await find_watch(database, "W1")

    assert kept is not None
    assert kept.looks == LOOKS


async def test_who_rests(database: Database) -> None:
    """Those that were paused or stopped are found, whichever workspace they are of."""
    await keep_watch(database, watch(1))
    await keep_watch(database, watch(2, team="T2"))
    await keep_watch(database, watch(3))
    await pause_watch(database, "W2", "why")
    await pause_watch(database, "W1", "why")

    assert ["W1", "W2"] == [each.id for each in await stopped_watches(database)]


async def test_looks_that_cannot_be_read_begin_anew(database: Database) -> None:
    """What another version has kept of one watch stops neither it nor any other."""
    for number in (1, 2):
        await keep_watch(database, replace(watch(number), looks=LOOKS))
    async with database.begin() as connection:
        await connection.execute(
            update(watches).where(watches.c.id == "W1").values(packed=b"of another version")
        )

    first, second = await due(database, now=NOW, most=9)
    assert (Looks(), LOOKS) == (first.looks, second.looks)
