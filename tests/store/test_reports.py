"""Tests of keeping reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.model.verdict import Judgement, Reason, Verdict
from bot.store.learnt import learn, recall
from bot.store.reports import (
    SeenBy,
    domains_seen,
    forget_reports,
    latest_report,
    load_report,
    save_report,
    sightings,
)
from tests.render.samples import NOW, closed, fault, null_mx, open_postfix, three_hosts

if TYPE_CHECKING:
    from bot.model.report import Report
    from bot.store import Database


def at(report: Report, hours: int, report_id: str) -> Report:
    """Return a report as if it had begun some hours after the first."""
    return replace(report, id=report_id, started_at=NOW + timedelta(hours=hours))


async def test_a_report_is_kept_whole(database: Database) -> None:
    """Every answer and exchange comes back, and a later save replaces the earlier."""
    await save_report(database, at(closed(), 0, "R1"), team="T1")
    await save_report(database, at(three_hosts(), 0, "R1"), team="T1")

    assert at(three_hosts(), 0, "R1") == await load_report(database, "R1")
    assert await load_report(database, "R2") is None


async def test_what_a_run_had_learnt_goes_when_its_report_is_kept(database: Database) -> None:
    """A restart finds the report, and needs nothing else."""
    await learn(database, "R1", {"a": b"1"}, now=NOW)
    await learn(database, "R2", {"a": b"1"}, now=NOW)
    await save_report(database, at(closed(), 0, "R1"), team="T1")

    assert {} == await recall(database, "R1", since=NOW)
    assert {"a": b"1"} == await recall(database, "R2", since=NOW)


async def test_the_history_of_a_domain(database: Database) -> None:
    """Sightings come oldest first, each with its hosts in the report's order."""
    report = three_hosts()
    await save_report(database, at(report, 2, "R2"), team="T1")
    await save_report(database, at(report, 1, "R1"), team="T1")
    await save_report(database, at(report, 3, "R3"), team="T1")
    found = await sightings(database, report.domain.ascii, most=2)

    assert ["R2", "R3"] == [sighting.report_id for sighting in found]
    assert NOW + timedelta(hours=2) == found[0].at
    assert [mx.host for mx in report.mx] == list(found[0].hosts)
    assert [mx.judgement for mx in report.mx] == list(found[0].hosts.values())
    assert report.judgement == found[0].judgement


async def test_the_latest_report_that_a_channel_has_seen(database: Database) -> None:
    """What was asked for in private, in another channel or workspace is not for this one."""
    domain = closed().domain.ascii
    assert await latest_report(database, domain, team="T1", channel="C1") is None

    await save_report(database, at(open_postfix(), 2, "R2"), team="T1", channel="C1")
    await save_report(database, at(closed(), 1, "R1"), team="T1", channel="C1")
    await save_report(database, at(closed(), 3, "R3"), team="T2", channel="C1")
    await save_report(database, at(closed(), 4, "R4"), team="T1", channel="C2")
    await save_report(database, at(closed(), 5, "R5"), team="T1")

    latest = await latest_report(database, domain, team="T1", channel="C1")
    assert at(open_postfix(), 2, "R2") == latest
    assert at(closed(), 5, "R5") == await latest_report(database, domain)


async def test_what_has_nothing_to_compare_is_passed_over(database: Database) -> None:
    """A check that failed, and one that asked no mail server, are no last report."""
    disabled = Judgement(Verdict.NOT_PROBED, Reason.DISABLED)
    await save_report(database, at(closed(), 0, "R1"), team="T1")
    await save_report(database, at(replace(closed(), judgement=disabled), 1, "R2"), team="T1")
    await save_report(database, at(replace(closed(), judgement=None), 2, "R3"), team="T1")

    assert at(closed(), 0, "R1") == await latest_report(database, closed().domain.ascii)


async def test_a_team_forgets_its_own_reports(database: Database) -> None:
    """What is older than a moment goes, with its verdicts; another team's stays."""
    domain = closed().domain.ascii
    for team, hour in (("", 0), ("", 2), ("T1", 0)):
        await save_report(database, at(closed(), hour, f"{team}{hour}"), team=team)

    await forget_reports(database, team="", before=NOW + timedelta(hours=1))

    assert {"2", "T10"} == {one.report_id for one in await sightings(database, domain)}


async def test_a_domain_without_hosts_has_its_own_judgement(database: Database) -> None:
    """A null MX is a sighting too; a report that failed has no judgement."""
    await save_report(database, at(null_mx(), 0, "R1"), team="T1")
    await save_report(database, at(fault(), 1, "R2"), team="T1")
    first, *_ = await sightings(database, null_mx().domain.ascii)
    *_, last = await sightings(database, fault().domain.ascii)

    assert Judgement(Verdict.NO_MAIL, Reason.NULL_MX) == first.judgement
    assert {} == first.hosts
    assert fault().judgement == last.judgement


async def test_a_person_sees_the_channels_checks_and_their_own(database: Database) -> None:
    """What another workspace asked for is not shown to this one."""
    domain = closed().domain.ascii
    await save_report(database, at(closed(), 0, "R1"), team="T1")
    await save_report(database, at(open_postfix(), 1, "R2"), team="T2")

    await save_report(database, at(closed(), 2, "R3"), team="T1", channel="C1", person="U1")
    await save_report(database, at(closed(), 3, "R4"), team="T1", person="U1")
    await save_report(database, at(closed(), 4, "R5"), team="T2", channel="C1", person="U1")

    async def seen(channel: str, person: str) -> list[str]:
        who = SeenBy("T1", channel, person)
        return [each.report_id for each in await sightings(database, domain, seen_by=who)]

    assert ["R3", "R4"] == await seen("C1", "U1")
    assert ["R3"] == await seen("C1", "U2")
    assert ["R3", "R4"] == await seen("C2", "U1")
    assert [] == await seen("C2", "U2")
    assert () == await sightings(database, "example.org")
    assert (domain,) == await domains_seen(database, team="T2")


async def test_the_domains_seen_come_latest_first(database: Database) -> None:
    """Each domain once, by its latest check."""
    other = replace(closed().domain, ascii="example.org", unicode="example.org")
    await save_report(database, at(closed(), 0, "R1"), team="T1")
    await save_report(database, replace(at(closed(), 1, "R2"), domain=other), team="T1")

    assert ("example.org", closed().domain.ascii) == await domains_seen(database)
    await save_report(database, at(closed(), 2, "R3"), team="T1")
    assert (closed().domain.ascii,) == await domains_seen(database, most=1)
