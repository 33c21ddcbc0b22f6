"""Tests of what a job does, on sample mail hosts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.deliver import Slack, make_client
from bot.model.report import Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.request import Request, parse_request
from bot.sandbox.slack import StandIn
from bot.settings import Settings
from bot.slack.cards.results import Results
from bot.slack.cards.run import make_run
from bot.slack.permissions import Permissions
from bot.store import open_database
from bot.store.messages import places
from bot.store.reports import load_report, save_report
from bot.world import open_world
from tests.deliver.scripted import PACE, Stage
from tests.jobs.test_durable import job as plain_job
from tests.samples import settings_for
from tests.slack.kept import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

    from bot.edges import World
    from bot.jobs import Job
    from bot.sandbox.hosts import SampleHosts
    from bot.slack.cards.result import Result
    from bot.store import Database

DOMAIN = "closed.sandbox.test"


@pytest.fixture
async def world(hosts: SampleHosts) -> AsyncIterator[World]:
    """The world in which they are."""
    async with open_world(settings_for(hosts)) as opened:
        yield opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Where everything is kept."""
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as opened:
        yield opened


@pytest.fixture
async def stage(session: aiohttp.ClientSession) -> AsyncIterator[Stage]:
    """A Slack to show them in."""
    async with StandIn(rate_limits=False) as slack:
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        out = Slack(client=client, session=session, api_url=slack.base_url, pace=PACE)
        yield Stage(slack, out)


async def latest(results: Results) -> Result:
    """Return the latest result."""
    seen = await results.seen_by("T0SANDBOX", "U0DANA", 9)
    result = await results.find("T0SANDBOX", seen[0].card.handle)
    assert result is not None
    return result


def job(stage: Stage, key: str, domain: str) -> Job:
    """Return a job for a sample domain."""
    request = parse_request(domain, allowed_suffixes=("sandbox.test",))
    assert isinstance(request, Request)
    return replace(plain_job(key), request=request, destination=stage.destination())


async def test_a_job_is_a_check_under_its_own_id(
    stage: Stage, world: World, database: Database
) -> None:
    """The report, the message and the log carry the id that the job was accepted under."""
    results = Results(database, lambda: NOW)
    await make_run(world, stage.out, results, database)(
        "RUN1", job(stage, "a", "closed.sandbox.test")
    )

    assert "RUN1" in str(stage.parent().blocks)
    assert {"run_id": "RUN1"} == (stage.parent().metadata or {})["event_payload"]
    result = await latest(results)
    assert result.is_finished


@pytest.mark.parametrize(
    ("first", "second", "broadcasts"), [("closed", "open", 1), ("open", "closed", 0)]
)
async def test_worse_than_before_is_said_aloud(  # noqa: PLR0917 - fixtures
    stage: Stage, world: World, database: Database, first: str, second: str, broadcasts: int
) -> None:
    """A verdict that got worse is broadcast to the channel; one that got better is not."""
    results = Results(database, lambda: NOW)
    run = make_run(world, stage.out, results, database)
    await run("RUN1", job(stage, "a", f"{first}.sandbox.test"))
    result = await latest(results)
    again = replace(job(stage, "b", f"{second}.sandbox.test"), again=result.handle)
    await run("RUN2", again)

    aloud = [message for message in stage.replies() if message.broadcast]
    assert broadcasts == len(aloud)
    assert all("CLOSED before, LIKELY OPEN now" in message.text for message in aloud)


async def test_a_later_process_finishes_the_card(
    stage: Stage, world: World, database: Database
) -> None:
    """What was begun is changed in place by the next process, which knows nothing else of it."""
    wanted = job(stage, "a", "closed.sandbox.test")
    first = make_run(world, stage.out, Results(database, lambda: NOW), database)
    begun = asyncio.ensure_future(first("RUN1", wanted))
    early = await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    begun.cancel()
    await asyncio.gather(begun, return_exceptions=True)
    await make_run(world, stage.out, Results(database, lambda: NOW), database)("RUN1", wanted)

    assert early[0].ts == stage.parent().ts
    assert "CLOSED" in stage.parent().text.upper()
    assert "Posted again" not in str(stage.parent())


async def test_a_check_again_changes_the_same_card_after_a_restart(
    stage: Stage, world: World, database: Database
) -> None:
    """A new check of an old card knows that card by its own ledger."""
    results = Results(database, lambda: NOW)
    await make_run(world, stage.out, results, database)("RUN1", job(stage, "a", DOMAIN))
    result = await latest(results)
    again = replace(job(stage, "b", DOMAIN), again=result.handle)
    began = asyncio.ensure_future(make_run(world, stage.out, results, database)("RUN2", again))
    while not await places(database, "RUN2"):  # noqa: ASYNC110 - another process's
        await asyncio.sleep(0.01)
    began.cancel()
    await asyncio.gather(began, return_exceptions=True)
    await make_run(world, stage.out, Results(database, lambda: NOW), database)("RUN2", again)

    assert "RUN2" in str(stage.parent().blocks)
    assert 1 == len(stage.replies())


@pytest.mark.parametrize(
    ("named", "first", "second"),
    [
        ({"probe_policy": "off"}, "not_probed/policy", "not_probed/policy"),
        ({"rate_address": "1/minute"}, "closed/relay_denied", "not_probed/policy"),
        ({"opted_out": DOMAIN}, "not_probed/opted_out", "not_probed/opted_out"),
    ],
)
async def test_a_job_asks_whom_it_may(  # noqa: PLR0917 - fixtures
    stage: Stage,
    world: World,
    database: Database,
    named: dict[str, str],
    first: str,
    second: str,
) -> None:
    """Policy, rates and consent hold for a whole check; its DNS is looked at all the same."""
    permissions = Permissions(Settings.model_validate(named), time.monotonic, world.ask)
    results = Results(database, lambda: NOW)
    run = make_run(world, stage.out, results, database, permissions.apply)
    for key in ("a", "b"):
        await run(f"RUN-{key}", job(stage, key, DOMAIN))

    reports = [await load_report(database, f"RUN-{key}") for key in ("a", "b")]
    assert [first, second] == [
        f"{report.judgement.verdict}/{report.judgement.reason}"
        for report in reports
        if report and report.judgement
    ]
    assert all(report and report.mx[0].addresses[0].fcrdns for report in reports)


@pytest.mark.parametrize("private", [False, True])
async def test_a_card_says_what_changed_since_the_channels_last_look(
    stage: Stage, world: World, database: Database, private: bool
) -> None:
    """A host that was open is said to be fixed, unless only one person knew that it was open."""
    run = make_run(world, stage.out, Results(database, lambda: NOW), database)
    await run("RUN1", job(stage, "a", "closed.sandbox.test"))
    last = await load_report(database, "RUN1")
    assert last is not None
    opened = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
    address = last.mx[0].addresses[0]
    endpoint = address.endpoints[0]
    attempts = tuple(
        replace(a, outcome=Outcome.ACCEPTED) if a.kind == "foreign" else a
        for a in endpoint.attempts
    )
    was = replace(endpoint, judgement=opened, attempts=attempts)
    host = replace(last.mx[0], addresses=(replace(address, endpoints=(was,)),))
    seen = None if private else stage.destination().channel
    await save_report(
        database, replace(last, judgement=opened, mx=(host,)), team="T0SANDBOX", channel=seen
    )

    await run("RUN2", job(stage, "b", "closed.sandbox.test"))

    newest = stage.slack.channel("incident").parents[-1]
    assert ("fixed" in str(newest.blocks).lower()) is not private


async def test_a_fault_of_ours_ends_the_check(
    stage: Stage, world: World, database: Database
) -> None:
    """Nothing of it is under way any more, and its card can be acted upon."""

    def broken(world: World, job: Job) -> World:
        raise ZeroDivisionError

    results = Results(database, lambda: NOW)
    with pytest.raises(ZeroDivisionError):
        await make_run(world, stage.out, results, database, broken)("RUN1", job(stage, "a", DOMAIN))

    assert (await latest(results)).is_finished


async def test_without_its_database_there_is_nothing_to_compare_with(
    stage: Stage, world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The check is done and shown all the same."""
    async with database.begin() as connection:
        for table in ("verdicts", "reports"):
            await connection.execute(text(f"DROP TABLE {table}"))
    run = make_run(world, stage.out, Results(database, lambda: NOW), database)
    await run("RUN1", job(stage, "a", DOMAIN))

    assert "CLOSED" in stage.parent().text
    assert "nothing to compare with run=RUN1" in caplog.messages
