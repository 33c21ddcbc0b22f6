"""Tests of what is written down, and that it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.jobs import Job
from bot.model.domain_name import DomainName
from bot.request import Request
from bot.slack.cards.buttons import PROVE
from bot.slack.cards.press import Press
from bot.slack.journal import Journal, begun, pressed, refused, said, typed, withheld
from bot.store.audit import Act, Deed, deeds
from tests.render.samples import open_postfix
from tests.slack.asking.test_verify import PLACE
from tests.store.test_audit import AT, DEED

if TYPE_CHECKING:
    import pytest

    from bot.store import Database

NAME = DomainName("example.com", "example.com")
JOB = Job(key="k", request=Request(domain=NAME, shown="example.com"), destination=PLACE)
PRESS = Press(team="T1", user="U2", action_id=PROVE, value="handle.0", trigger_id="t", channel="C1")
LINE = Deed(
    at=AT,
    team="T1",
    channel="C1",
    person="U1",
    act=Act.RUN,
    domain="example.com",
    run_id="RUN1",
    outcome="accepted",
)


async def written(database: Database) -> list[Deed]:
    """Return all that is kept."""
    return [deed async for deed in deeds(database, since=AT - timedelta(days=1))]


async def test_what_is_noted_is_written_soon(database: Database) -> None:
    """In order, nothing twice, and also what is noted while the rest is being written."""
    journal = Journal(database)
    told = [replace(DEED, what=f"{number}") for number in range(6)]
    for deed in told[:3]:
        journal.note(deed)
    await asyncio.sleep(0)
    for deed in told[3:5]:
        journal.note(deed)
    await journal.drain()
    journal.note(told[5])
    await journal.drain()

    assert told == await written(database)


async def test_what_cannot_be_kept_is_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """With the database away the line is found in the log, and the next is tried."""
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    journal = Journal(database)
    await journal.drain()
    journal.note(DEED)
    await journal.drain()
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO audit"))
    journal.note(replace(DEED, what="next"))
    await journal.drain()

    assert f"audit not kept: {[DEED]}" in caplog.messages
    assert ["next"] == [deed.what for deed in await written(database)]


def test_a_run_is_noted_as_it_was_typed() -> None:
    """By whom it was asked, with its options; withheld, it says why."""
    request = replace(JOB.request, probe=False, private=True, ports=(25, 587))
    everything = replace(request, variants=True, prove=True)

    assert LINE == begun("RUN1", JOB, AT)
    assert "U2" == begun("RUN1", replace(JOB, by="U2"), AT).person
    assert "DNS only: too many" == begun("RUN1", replace(JOB, withheld="too many"), AT).outcome
    assert replace(LINE, run_id="", outcome="refused: full") == refused(JOB, AT, "full")
    assert "--no-probe --private --ports 25,587" == typed(request)
    assert "--no-probe --private --variants --prove --ports 25,587" == typed(everything)


def test_a_press_is_noted_with_its_button() -> None:
    """The name of the button, and the check it was pressed on."""
    line = pressed(PRESS, AT, "done", domain="example.com", run_id="RUN1")

    assert replace(LINE, person="U2", act=Act.PRESS, what="prove", outcome="done") == line


def test_a_word_is_noted_with_its_place() -> None:
    """Who typed it, where and when."""
    line = said(Act.VERIFY, PLACE, "verify", "not verified", domain="example.com")

    wanted = replace(LINE, at=PLACE.asked_at, act=Act.VERIFY, what="verify", run_id="")
    assert replace(wanted, outcome="not verified") == line


def test_lines_are_short() -> None:
    """Whatever somebody brings about, a line of the audit stays one."""
    assert 500 == len(refused(JOB, AT, "x" * 1000).outcome)


def test_a_check_that_asked_everybody_is_noted_once_only() -> None:
    """Without a report, or without anybody left out, there is nothing to add."""
    assert [] == withheld("RUN1", JOB, None, AT)
    assert [] == withheld("RUN1", JOB, open_postfix(), AT)
