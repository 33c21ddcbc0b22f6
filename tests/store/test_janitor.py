"""Tests of retention."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.store.audit import deeds, note
from bot.store.cards import find_card, keep_card
from bot.store.janitor import sweep
from bot.store.learnt import learn, recall
from bot.store.messages import Place, keep_place, places
from bot.store.proofs import take_proof
from bot.store.reports import load_report, save_report, sightings
from tests.render.samples import NOW, three_hosts
from tests.store.test_audit import DEED
from tests.store.test_cards import CARD

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store import Database

HOUR = timedelta(hours=1)


async def fill(database: Database, run_id: str, at: datetime) -> None:
    """Put one row of everything in."""
    report = replace(three_hosts(), id=run_id, started_at=at)
    await save_report(database, report, team="T1")
    await learn(database, run_id, {"a": b"1"}, now=at)
    await keep_place(database, run_id, "", Place(channel="C1", ts="1.2"), now=at)
    await note(database, [replace(DEED, at=at, run_id=run_id)])
    await keep_card(database, replace(CARD, handle=run_id, begun_at=at))
    await take_proof(database, run_id, 25, now=at, every=HOUR)


async def test_what_is_old_goes_and_what_is_not_stays(database: Database) -> None:
    """Everything of an old run is deleted, its verdicts too, and nothing of a newer one."""
    await fill(database, "old", NOW)
    await fill(database, "new", NOW + timedelta(seconds=1))

    assert 6 == await sweep(database, before=NOW + timedelta(seconds=1))
    assert 0 == await sweep(database, before=NOW + timedelta(seconds=1))
    assert await load_report(database, "old") is None
    assert await load_report(database, "new")
    assert {} == await recall(database, "old", since=NOW)
    assert {"a": b"1"} == await recall(database, "new", since=NOW)
    assert {} == await places(database, "old")
    assert ["new"] == [deed.run_id async for deed in deeds(database, since=NOW)]
    assert await find_card(database, handle="old") is None
    assert await find_card(database, handle="new")
    proof = [await take_proof(database, ip, 25, now=NOW, every=HOUR) for ip in ("old", "new")]
    assert [True, False] == proof
    (left,) = await sightings(database, three_hosts().domain.ascii)
    assert 3 == len(left.hosts)
