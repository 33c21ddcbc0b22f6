"""Tests of cards that a late proof message corrects."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text, update

from bot.model.proof import TOKEN_HEADER
from bot.model.report import Progress
from bot.network.canary import Canary
from bot.sandbox.slack import Fault
from bot.slack.cards.late_arrivals import LateArrivals
from bot.store import open_database
from bot.store.reports import load_report
from bot.store.tables import reports
from tests.slack.kept import NOW
from tests.test_late import bring, canary, unsettled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.slack.cards.result import Result
    from bot.store import Database
    from tests.slack.office import Office

MESSAGE = f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Where everything is kept."""
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as opened:
        yield opened


@pytest.fixture
async def mailbox() -> Canary:
    """A canary that expects the message."""
    return canary()


async def result_of(office: Office, asked: str = "example.com") -> Result:
    """Return a finished result whose message is still under way."""
    office.courses = [[Progress(unsettled())]]
    await office.check(asked)
    return await office.result()


async def arrive(late: LateArrivals, mailbox: Canary) -> None:
    """Let the message come, and its correction be shown."""
    await asyncio.sleep(0)
    await bring(mailbox, MESSAGE)
    await asyncio.wait(late._tasks, timeout=10)


async def test_the_card_is_corrected_in_place(
    office: Office, database: Database, mailbox: Canary
) -> None:
    """The same card says open, and when it was learnt; so does the report that is kept."""
    result = await result_of(office)
    before = office.parent()
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    ) as late:
        late.follow(result)
        await arrive(late, mailbox)

    assert "open relay, proved" not in before.text
    assert before.ts == office.parent().ts
    assert "open relay, proved" in office.parent().text
    assert "arrived late, <!date^" in office.parent().text
    kept = await load_report(database, "RUN0")
    assert kept == result.report


async def test_a_private_result_is_corrected_in_private(
    office: Office, database: Database, mailbox: Canary
) -> None:
    """Who alone saw the result is told alone."""
    result = await result_of(office, "example.com --private")
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    ) as late:
        late.follow(result)
        await arrive(late, mailbox)

    direct = [call for call in office.slack.state.calls if call.method == "chat.postMessage"]
    assert direct
    assert () == office.slack.channel("incident").parents


async def test_a_result_that_was_asked_anew_is_left_alone(
    office: Office, database: Database, mailbox: Canary
) -> None:
    """A newer check of the same card has its own word."""
    result = await result_of(office)
    before = office.parent().text
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    ) as late:
        late.follow(result)
        await asyncio.sleep(0)
        result.story = replace(result.story)
        await arrive(late, mailbox)

    assert before == office.parent().text


async def test_what_is_settled_is_not_waited_for(office: Office, database: Database) -> None:
    """Without a message under way, or without a canary, nothing is begun."""
    await office.check()
    result = await office.result()
    settled = LateArrivals(canary(), office.desk.slack, office.desk.results, database, lambda: NOW)
    settled.follow(result)
    homeless = LateArrivals(None, office.desk.slack, office.desk.results, database, lambda: NOW)
    homeless.follow(result)

    assert not settled._tasks | homeless._tasks


async def test_the_end_of_the_process_ends_the_wait(
    office: Office, database: Database, mailbox: Canary
) -> None:
    """Nothing is left running."""
    late = LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    late.follow(await result_of(office))
    (task,) = late._tasks
    await late.aclose()

    assert task.cancelled()


async def test_trouble_with_the_database_costs_no_correction(
    office: Office, database: Database, mailbox: Canary, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be kept is shown all the same."""
    result = await result_of(office)
    async with database.begin() as connection:
        for table in ("verdicts", "reports"):
            await connection.execute(text(f"DROP TABLE {table}"))
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    ) as late:
        late.follow(result)
        await arrive(late, mailbox)

    assert "open relay, proved" in office.parent().text
    assert "corrected report not kept run=RUN0" in caplog.messages


async def test_a_card_that_cannot_be_changed_is_logged(
    office: Office, database: Database, mailbox: Canary, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack's refusal is a line in the log, and so is a fault of ours."""
    result = await result_of(office)
    office.slack.faults.add(Fault(method="chat.update", error="restricted_action", times=None))
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, office.desk.results, database, lambda: NOW)
    ) as late:
        late.follow(result)
        await arrive(late, mailbox)

    assert "late arrival not shown: restricted_action" in caplog.text


async def test_a_fault_of_ours_is_logged(
    office: Office, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The wait ends with a line in the log, and nothing else is disturbed."""
    result = await result_of(office)
    broken = SimpleNamespace()
    late = LateArrivals(broken, office.desk.slack, office.desk.results, database, lambda: NOW)  # type: ignore[arg-type]
    late.follow(result)
    await asyncio.wait(late._tasks, timeout=10)

    assert "late arrival not shown run=" in caplog.text


async def test_the_next_process_waits_on(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """What was sent before a restart corrects its card after it, and is followed once only."""
    await result_of(office)
    before = office.parent()
    await office.restart()
    mailbox = Canary(("canary@canary.example.org",), lambda: NOW)
    results = office.desk.results
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, results, office.database, office.now)
    ) as late:
        late.resume()
        await asyncio.wait(late._tasks)
        await arrive(late, mailbox)

    assert before.ts == office.parent().ts
    assert "open relay, proved" in office.parent().text
    assert await load_report(office.database, "RUN0") == (await office.result()).report


async def test_what_comes_before_the_next_process_has_finished_the_card(office: Office) -> None:
    """Killed between report and card, a message is expected before the card, and corrects it."""
    cut_off = await result_of(office)
    cut_off.ended_at = None
    await office.desk.results.keep(cut_off)
    await office.restart()
    mailbox = Canary(("canary@canary.example.org",), lambda: NOW)
    results = office.desk.results
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, results, office.database, office.now)
    ) as late:
        was_recalling = mailbox.is_recalling
        late.resume()
        await asyncio.wait(late._tasks)
        assert set() == late._tasks
        assert (True, False) == (was_recalling, mailbox.is_recalling)
        await bring(mailbox, MESSAGE)
        again = await office.result()
        await results.end(again)
        late.follow(again)
        await asyncio.wait(late._tasks, timeout=10)

    assert "open relay, proved" in office.parent().text


async def test_what_an_earlier_process_sent_is_expected_by_whoever_follows(office: Office) -> None:
    """A result that is brought to its end after a restart has its messages expected again."""
    result = await result_of(office)
    mailbox = Canary(("canary@canary.example.org",), lambda: NOW)
    results = office.desk.results
    async with aclosing(
        LateArrivals(mailbox, office.desk.slack, results, office.database, office.now)
    ) as late:
        late.follow(result)
        await arrive(late, mailbox)

    assert "open relay, proved" in office.parent().text


async def test_what_is_over_is_not_waited_for_again(
    office: Office, mailbox: Canary, caplog: pytest.LogCaptureFixture
) -> None:
    """A day after the check nothing is expected any more, nor without a canary or a database."""
    await result_of(office)
    office.wait(days=2)
    slack, results = office.desk.slack, office.desk.results
    late = LateArrivals(mailbox, slack, results, office.database, office.now)
    late.resume()
    await asyncio.wait(late._tasks)
    homeless = LateArrivals(None, slack, results, office.database, office.now)
    homeless.resume()
    assert not late._tasks | homeless._tasks

    async with office.database.begin() as connection:
        await connection.execute(text("ALTER TABLE cards RENAME TO elsewhere"))
    late.resume()
    await asyncio.wait(late._tasks)
    async with office.database.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO cards"))

    assert "late arrivals of before are not waited for" in caplog.messages


async def test_what_cannot_be_read_any_more_is_not_waited_for(
    office: Office, mailbox: Canary
) -> None:
    """A report of another version is as good as gone."""
    await result_of(office)
    async with office.database.begin() as connection:
        await connection.execute(update(reports).values(packed=b"of tomorrow"))
    await office.restart()
    slack, results = office.desk.slack, office.desk.results
    late = LateArrivals(mailbox, slack, results, office.database, office.now)
    late.resume()
    await asyncio.gather(*late._tasks)

    assert not late._tasks
