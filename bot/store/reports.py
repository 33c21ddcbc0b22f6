"""Finished reports: kept whole, found by id, and by domain as a history of verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from bot.history import Sighting
from bot.model.verdict import Judgement, Reason, Verdict
from bot.store.codec import REPORT
from bot.store.database import whole
from bot.store.tables import learnt, reports, verdicts

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.report import Report
    from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who looks, and from where: a channel shows what was asked for in it, a person their own."""

    team: str
    channel: str
    person: str


@whole
async def save_report(
    database: Database,
    report: Report,
    *,
    team: str,
    channel: str | None = None,
    person: str | None = None,
) -> None:
    """Keep a finished report, in place of one with the same id.

    ``channel`` is where everybody in it can see the report; None: it is for the asker alone.
    ``person`` is who asked.
    What its run had learnt is forgotten in the same transaction: from now on the report is what a
    restart finds.
    """
    row = {
        "id": report.id,
        "team": team,
        "domain": report.domain.ascii,
        "channel": channel,
        "person": person,
        "started_at": report.started_at,
        "verdict": report.judgement and report.judgement.verdict,
        "reason": report.judgement and report.judgement.reason,
        "packed": REPORT.pack(report),
    }
    hosts = [
        {
            "report_id": report.id,
            "host": mx.host,
            "position": position,
            "verdict": mx.judgement.verdict,
            "reason": mx.judgement.reason,
        }
        for position, mx in enumerate(report.mx)
        if mx.judgement is not None
    ]
    async with database.begin() as connection:
        await connection.execute(delete(reports).where(reports.c.id == report.id))
        await connection.execute(insert(reports), row)
        if hosts:
            await connection.execute(insert(verdicts), hosts)
        await connection.execute(delete(learnt).where(learnt.c.run_id == report.id))


@whole
async def load_report(database: Database, report_id: str) -> Report | None:
    """Return a report by its id; None: there is none (any more).

    Raises:
        ValueError: A version of relaycheck wrote it that this one cannot read.
    """
    async with database.begin() as connection:
        packed = await connection.scalar(select(reports.c.packed).where(reports.c.id == report_id))
    return None if packed is None else REPORT.unpack(packed)


@whole
async def latest_report(
    database: Database, domain: str, *, team: str | None = None, channel: str | None = None
) -> Report | None:
    """Return the latest report of a domain to compare a new one with, if any.

    A check that failed, or asked no mail server, has nothing to compare.

    Args:
        database: Where reports are kept.
        domain: In A-labels.
        team: Who has seen it; None: anybody, since the operator asks.
        channel: Where they have: what was asked for in private, or elsewhere, is not for this
            channel to learn of. None: anywhere.

    Raises:
        ValueError: A version of relaycheck wrote it that this one cannot read.
    """
    wanted = select(reports.c.packed).where(
        reports.c.domain == domain,
        reports.c.verdict.is_not(None),
        reports.c.reason != Reason.DISABLED,
    )
    if team is not None:
        wanted = wanted.where(reports.c.team == team)
    if channel is not None:
        wanted = wanted.where(reports.c.channel == channel)
    latest = wanted.order_by(reports.c.started_at.desc(), reports.c.id).limit(1)
    async with database.begin() as connection:
        packed = await connection.scalar(latest)
    return None if packed is None else REPORT.unpack(packed)


@whole
async def forget_reports(database: Database, *, team: str, before: datetime) -> None:
    """Delete what a team asked for before a moment, and nothing of anybody else's."""
    old = (reports.c.team == team, reports.c.started_at < before)
    async with database.begin() as connection:
        await connection.execute(delete(reports).where(*old))


@whole
async def sightings(
    database: Database, domain: str, *, seen_by: SeenBy | None = None, most: int = 60
) -> tuple[Sighting, ...]:
    """Return what the latest checks of a domain found, the oldest first.

    Args:
        database: Where reports are kept.
        domain: In A-labels.
        seen_by: Only what this person may see in this channel; None: all, for the operator.
        most: How many checks to go back.
    """
    # Without the report itself: sixty of them weigh more than an ack has time for.
    told = (reports.c.id, reports.c.started_at, reports.c.verdict, reports.c.reason)
    wanted = select(*told).where(reports.c.domain == domain)
    if seen_by is not None:
        is_theirs = (reports.c.channel == seen_by.channel) | (reports.c.person == seen_by.person)
        wanted = wanted.where(reports.c.team == seen_by.team, is_theirs)
    latest = wanted.order_by(reports.c.started_at.desc(), reports.c.id).limit(most)
    async with database.begin() as connection:
        found = (await connection.execute(latest)).all()
        ids = [report.id for report in found]
        of_hosts = await connection.execute(
            select(verdicts).where(verdicts.c.report_id.in_(ids)).order_by(verdicts.c.position)
        )
    hosts: dict[str, dict[str, Judgement]] = {report_id: {} for report_id in ids}
    for row in of_hosts:
        hosts[row.report_id][row.host] = _judgement(row.verdict, row.reason)
    return tuple(
        Sighting(
            report_id=report.id,
            at=report.started_at,
            judgement=_judgement(report.verdict, report.reason) if report.verdict else None,
            hosts=hosts[report.id],
        )
        for report in reversed(found)
    )


@whole
async def domains_seen(
    database: Database, *, team: str | None = None, most: int = 20
) -> tuple[str, ...]:
    """Return the domains that were checked, the latest first."""
    wanted = select(reports.c.domain).group_by(reports.c.domain)
    if team is not None:
        wanted = wanted.where(reports.c.team == team)
    latest = wanted.order_by(func.max(reports.c.started_at).desc(), reports.c.domain).limit(most)
    async with database.begin() as connection:
        return tuple((await connection.scalars(latest)).all())


def _judgement(verdict: str, reason: str) -> Judgement:
    return Judgement(Verdict(verdict), Reason(reason))
