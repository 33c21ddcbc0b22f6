"""Tests of results by their handles, in one process and in the next."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text, update

from bot.deliver.ledger import ELSEWHERE
from bot.deliver.outbox import PARENT
from bot.model.verdict import Verdict
from bot.policy import refused
from bot.slack.cards.buttons import CardButtons
from bot.slack.cards.results import Results
from bot.store.audit import Act, deeds
from bot.store.messages import places
from bot.store.reports import save_report
from bot.store.tables import cards, reports
from tests.deliver.scripted import host, progress
from tests.jobs.test_durable import job as plain_job
from tests.slack.kept import NOW

if TYPE_CHECKING:
    import pytest

    from bot.jobs import Job
    from bot.model.report import AddressReport
    from bot.slack.cards.result import Result
    from bot.store import Database
    from bot.store.audit import Deed
    from tests.slack.office import Office


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def job(key: str = "a", **destination: object) -> Job:
    """Return a job whose destination differs as said."""
    made = plain_job(key)
    changed = replace(made.destination, **destination)  # type: ignore[arg-type] # its fields
    return replace(made, destination=changed)


def process(database: Database) -> Results:
    """Return the results as a process finds them that has just begun."""
    return Results(database, Clock(), can_prove=True)


async def checked(results: Results, database: Database, run_id: str, wanted: Job) -> Result:
    """Do a job: its report is kept, its messages stand, and it has ended."""
    result = await results.begin(run_id, wanted)
    result.story.last = progress(host(1), finished=True)
    report = replace(result.story.last.report, id=run_id)
    await save_report(database, report, team=wanted.destination.team, channel="C1")
    for part, ts in ((PARENT, "1.1"), ("mx1.example.com", "1.2")):
        result.story.standing[part] = ts
        await results.ledger(run_id).posted(part, "C1", ts)
    await results.end(result)
    return result


def forbidden(ip: str) -> AddressReport:
    """Return an address that is not contacted."""
    return refused(ip, "private network (RFC 1918)")


async def audit(database: Database) -> list[Deed]:
    """Return every line of the audit."""
    return [deed async for deed in deeds(database, since=NOW - timedelta(days=1))]


async def test_a_handle_leads_to_its_result_in_its_workspace(database: Database) -> None:
    """A result is found by its handle or its run, and in no other workspace."""
    results = process(database)
    result = await results.begin("RUN1", job())

    assert result is await results.find("T1", result.handle)
    assert result is await results.of_run("T1", "RUN1")
    assert await results.find("T2", result.handle) is None
    assert await results.of_run("T2", "RUN1") is None
    assert await results.find("T1", "unknown") is None
    assert await results.of_run("T1", "unknown") is None


async def test_the_next_process_finds_all_of_it(database: Database) -> None:
    """Report, messages, small print, who has it in hand: everything but the response_url."""
    results = process(database)
    wanted = job(response_url="https://hooks.slack.com/commands/1")
    first = await checked(results, database, "RUN1", wanted)
    first.claimed_by = "U2"
    first.story.lines.append("claimed")
    await results.keep(first)
    found = await process(database).find("T1", first.handle)

    assert found is not None
    assert found is not first
    assert job() == found.job
    assert found.report == replace(progress(host(1), finished=True).report, id="RUN1")
    assert found.is_finished
    assert ("U2", NOW, NOW) == (found.claimed_by, found.begun_at, found.ended_at)
    assert first.story.lines == found.story.lines
    assert {PARENT: "1.1", "mx1.example.com": "1.2"} == found.story.standing
    assert "C1" == found.story.channel
    assert CardButtons(found, can_prove=True).for_parent()


async def test_a_resumed_job_finds_its_own_card(database: Database) -> None:
    """What was begun is gone on with: the same handle, no line twice, and it is noted once."""
    first = await process(database).begin("RUN1", replace(job(), note="noted"))
    results = process(database)
    resumed = await results.begin("RUN1", replace(job(), note="noted"))

    assert first.handle == resumed.handle
    assert ["noted"] == resumed.story.lines
    assert not resumed.is_finished
    assert [(Act.RUN, "RUN1", "accepted")] == [
        (deed.act, deed.run_id, deed.outcome) for deed in await audit(database)
    ]


async def test_a_job_that_an_earlier_version_began_finds_its_messages(database: Database) -> None:
    """A run without a card, but with messages that stand, goes on with those."""
    await process(database).ledger("RUN1").posted(PARENT, "C1", "1.1")
    result = await process(database).begin("RUN1", job())

    assert {PARENT: "1.1"} == result.story.standing


async def test_a_check_again_fills_the_same_result(database: Database) -> None:
    """A later check keeps the handle, the messages and the small print, and adds its own."""
    first = await checked(process(database), database, "RUN1", job())
    results = process(database)
    again = await results.begin("RUN2", replace(job("b"), again=first.handle, note="again"))

    assert first.handle == again.handle
    assert again is await results.of_run("T1", "RUN2")
    assert await results.of_run("T1", "RUN1") is None
    assert not again.is_finished
    assert {PARENT: "1.1", "mx1.example.com": "1.2"} == again.story.standing
    assert again.story.standing == {
        part: place.ts for part, place in (await places(database, "RUN2")).items()
    }
    assert [*first.story.lines, "again"] == again.story.lines


async def test_what_went_to_a_person_directly_goes_there_anew(database: Database) -> None:
    """A private result stands nowhere: its next check is delivered like the first."""
    results = process(database)
    first = await results.begin("RUN1", job(private=True))
    first.story.standing[ELSEWHERE] = ELSEWHERE
    wanted = replace(job("b", private=True), again=first.handle)
    again = await results.begin("RUN2", wanted)

    assert {} == again.story.standing


async def test_what_is_not_kept_any_more_begins_anew(database: Database) -> None:
    """A check again of a forgotten result is a result of its own."""
    result = await process(database).begin("RUN1", replace(job(), again="unknown"))

    assert "unknown" != result.handle


async def test_a_card_compares_with_the_same_report_after_a_restart(database: Database) -> None:
    """What was fixed is still said to be when somebody acknowledges it a day later."""
    before = replace(progress(host(1), finished=True).report, id="BEFORE")
    await save_report(database, before, team="T1")
    first = await process(database).begin("RUN1", job(), before)
    found = await process(database).find("T1", first.handle)

    assert found
    assert before == found.story.context.previous


async def test_everybody_gets_the_same_result(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one card there is one result, as long as anybody holds it."""
    monkeypatch.setattr("bot.slack.cards.results.CACHED", 2)
    first = await checked(process(database), database, "RUN1", job())
    results = process(database)
    one, other = await asyncio.gather(*(results.find("T1", first.handle) for _ in range(2)))
    for number in range(2):
        await results.begin(f"MORE{number}", job(str(number)))

    assert one is other is await results.find("T1", first.handle)


async def test_memory_has_the_latest_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody holds makes room, and is found again all the same."""
    monkeypatch.setattr("bot.slack.cards.results.CACHED", 2)
    results = process(database)
    handle = (await checked(results, database, "RUN1", job())).handle
    for number in range(2):
        await results.begin(f"MORE{number}", job(str(number)))
    gc.collect()

    assert handle not in results._live
    assert await results.find("T1", handle)


async def test_a_check_that_failed_is_over(database: Database) -> None:
    """Without a report it has ended all the same, for this process and the next."""
    results = process(database)
    result = await results.begin("RUN1", job())
    await results.end(result)
    found = await process(database).find("T1", result.handle)

    assert found
    assert result.is_finished
    assert found.is_finished
    assert found.report is None


async def test_whom_a_check_did_not_ask_is_noted_once(office: Office) -> None:
    """A line for each reason, with the addresses that it holds for."""
    withheld = replace(host(1), addresses=(forbidden("10.0.0.1"), forbidden("10.0.0.2")))
    office.courses = [[progress(withheld, finished=True)]]
    await office.check()
    await office.desk.results.end(await office.result())

    (line,) = [deed for deed in await office.audit() if deed.act is Act.POLICY]
    assert "10.0.0.1, 10.0.0.2" == line.what
    assert ("example.com", "RUN0", "private network (RFC 1918)") == (
        line.domain,
        line.run_id,
        line.outcome,
    )


async def test_a_person_sees_their_own_and_what_their_channels_see(database: Database) -> None:
    """Nothing private of others, nothing of where they never asked, nothing of other teams."""
    results = process(database)
    for run_id, wanted in {
        "OWN": job("1", user="U1", channel="C1"),
        "OWN-PRIVATE": job("2", user="U1", channel="C2", private=True),
        "PUBLIC": job("3", user="U2", channel="C1"),
        "PRIVATE": job("4", user="U2", channel="C1", private=True),
        "FOREIGN": job("5", user="U2", channel="C3"),
        "ELSEWHERE": job("6", user="U1", channel="C1", team="T2"),
    }.items():
        await checked(results, database, run_id, wanted)
    seen = await results.seen_by("T1", "U1", 9)

    assert {"OWN", "OWN-PRIVATE", "PUBLIC"} == {each.card.run_id for each in seen}
    assert {("1.1", "C1")} == {(each.ts, each.channel) for each in seen}
    assert {Verdict.CLOSED} == {each.judgement and each.judgement.verdict for each in seen}
    assert 1 == len(await results.seen_by("T1", "U1", 1))


async def test_what_another_version_kept_is_not_found(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A card or a report that cannot be read is as good as gone, and the log says so."""
    one = await checked(process(database), database, "RUN1", job())
    two = await checked(process(database), database, "RUN2", job("b"))
    async with database.begin() as connection:
        await connection.execute(
            update(cards).where(cards.c.handle == one.handle).values(job="of tomorrow")
        )
        await connection.execute(update(reports).values(packed=b"of tomorrow"))
    results = process(database)
    found = await results.find("T1", two.handle)

    assert await results.find("T1", one.handle) is None
    assert found
    assert found.report is None
    assert f"a card of another version handle={one.handle}" in caplog.messages
    assert "a report of another version run=RUN2" in caplog.messages


async def test_without_the_database_a_check_still_has_its_card(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble of ours is logged; the result lives as long as the process."""
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE cards"))
    results = process(database)
    result = await results.begin("RUN1", job())
    await results.end(result)

    assert result is await results.find("T1", result.handle)
    assert "card not found again run=RUN1" in caplog.messages
    assert "card not kept run=RUN1" in caplog.messages


async def test_a_host_that_is_not_in_the_report_has_no_buttons(database: Database) -> None:
    """There is nothing to press for a host that nobody knows."""
    result = await process(database).begin("RUN1", job())

    assert [] == list(CardButtons(result, can_prove=True).for_host("mx9.example.com"))


async def test_a_card_says_what_was_asked_for_beside_the_usual(office: Office) -> None:
    """Options that were typed stand on the card, for those who did not type them."""
    card = await office.check("example.com --variants --prove --ports 25,587")

    assert "Asked for: every address form, with proof of delivery, ports 25, 587." in card.text
