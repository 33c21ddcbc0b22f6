"""Tests of cards as they are kept; who finds which is in ``tests/slack/cards/test_results.py``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.model.verdict import Judgement, Reason, Verdict
from bot.store.audit import deeds
from bot.store.cards import KeptCard, cards_seen_by, cards_with, find_card, keep_card
from bot.store.reports import latest_report, save_report
from tests.render.samples import NOW, three_hosts
from tests.store.test_audit import AT, DEED

if TYPE_CHECKING:
    from bot.store import Database

CARD = KeptCard(
    handle="handle",
    run_id="RUN1",
    previous_id="RUN0",
    team="T1",
    channel="C1",
    person="U1",
    private=False,
    shown="b\u00fccher.example",
    begun_at=NOW,
    claimed_by="U2",
    job="{}",
    lines=("one", "two\nlines"),
)


async def test_a_card_is_found_as_it_was_kept(database: Database) -> None:
    """By its handle and by its run; what is kept later takes its place."""
    await keep_card(database, replace(CARD, claimed_by="", lines=()))
    await keep_card(database, CARD)

    assert CARD == await find_card(database, handle="handle")
    assert CARD == await find_card(database, run_id="RUN1")
    assert await find_card(database, run_id="RUN0") is None


async def test_a_card_and_what_made_it_so_are_kept_together(database: Database) -> None:
    """A run that is noted has its card, and a card that is kept is noted."""
    await keep_card(database, CARD, [DEED])
    assert [DEED] == [deed async for deed in deeds(database, since=AT)]

    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE audit"))
    with pytest.raises(SQLAlchemyError):
        await keep_card(database, replace(CARD, handle="other"), [DEED])
    assert await find_card(database, handle="other") is None


async def test_a_report_is_seen_where_its_card_is(database: Database) -> None:
    """What was private is the channel's once it is shared."""
    await save_report(database, replace(three_hosts(), id="RUN1"), team="T1")
    await keep_card(database, replace(CARD, private=True))
    domain = three_hosts().domain.ascii
    before = await latest_report(database, domain, team="T1", channel="C1")
    await keep_card(database, CARD)

    assert before is None
    assert await latest_report(database, domain, team="T1", channel="C1")


async def test_a_list_has_what_is_known_of_each_card(database: Database) -> None:
    """Verdict and place where there are any; the latest first."""
    report = replace(three_hosts(), id="RUN1")
    await save_report(database, report, team="T1")
    await keep_card(database, CARD)
    bare = replace(
        CARD, handle="bare", run_id="RUN2", begun_at=report.started_at.replace(year=2027)
    )
    await keep_card(database, bare)
    first, second = await cards_seen_by(database, "T1", "U1", most=9)

    assert (bare, None, None) == (first.card, first.judgement, first.ts)
    assert Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED) == second.judgement


async def test_cards_are_found_by_what_a_host_was_judged_for(database: Database) -> None:
    """One host is enough; what no host was judged for finds none, nor what has no report."""
    await save_report(database, replace(three_hosts(), id="RUN1"), team="T1")
    ended = replace(CARD, ended_at=NOW)
    await keep_card(database, ended)
    await keep_card(database, replace(ended, handle="bare", run_id="RUN2"))

    assert [ended] == await cards_with(database, Reason.GREYLISTED, since=NOW)
    assert [] == await cards_with(database, Reason.TIMEOUT, since=NOW)


@pytest.mark.parametrize("has_ended", [True, False])
async def test_cards_are_found_that_are_young(database: Database, has_ended: bool) -> None:
    """By when they came to their end; by when they began, where they have not."""
    await save_report(database, replace(three_hosts(), id="RUN1"), team="T1")
    later = NOW + timedelta(hours=1)
    card = replace(CARD, ended_at=later) if has_ended else CARD
    await keep_card(database, card)
    until = later if has_ended else NOW

    assert [card] == await cards_with(database, Reason.GREYLISTED, since=until)
    after = until + timedelta(seconds=1)
    assert [] == await cards_with(database, Reason.GREYLISTED, since=after)
