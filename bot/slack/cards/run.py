"""What a job does: check, show it, and say aloud when it got worse."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.deliver import deliver
from bot.deliver.calls import say
from bot.deliver.outbox import PARENT
from bot.jobs.resume import progress_of
from bot.logs import about
from bot.model.verdict import Verdict
from bot.render.catalogue import CATALOGUE
from bot.slack.asking.workflow import complete
from bot.store.reports import latest_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.deliver import Slack
    from bot.edges import World
    from bot.jobs import Job, Run
    from bot.model.report import Report
    from bot.model.verdict import Judgement
    from bot.slack.cards.result import Result
    from bot.slack.cards.results import Results
    from bot.store import Database

    Permit = Callable[[World, Job], World]
    Follow = Callable[[Result], None]


log = logging.getLogger(__name__)


def make_run(  # noqa: PLR0913 - wired once, by bot.app
    world: World,
    slack: Slack,
    results: Results,
    database: Database,
    permit: Permit = lambda world, _job: world,
    *,
    follow: Follow = lambda _result: None,
) -> Run:
    """Return what a job does, from wherever an earlier process left it.

    ``permit`` says how much of the world a job may deal with; ``follow`` is told of each result
    that is finished.
    """

    async def run(job_id: str, job: Job) -> None:
        with about(job_id):
            await do(job_id, job)

    async def do(job_id: str, job: Job) -> None:
        result = await results.begin(job_id, job, await _previous(job_id, job))
        was_told = result.ended_at is not None
        try:
            await _show(result, job)
            if job.again and not was_told:
                await _tell_if_worse(result, slack)
            await complete(job, result, slack)
        except Exception:
            await results.end(result)
            raise
        await results.end(result)
        follow(result)

    async def _show(result: Result, job: Job) -> None:
        run_id = result.story.run_id
        async with aclosing(progress_of(run_id, job, permit(world, job), database)) as progress:
            ledger = results.ledger(run_id)
            await deliver(progress, result.story, job.destination, slack, ledger)

    async def _previous(job_id: str, job: Job) -> Report | None:
        """Return what the card compares with: what is checked again, else the channel's last."""
        domain, where = job.request.domain.ascii, job.destination
        try:
            known = await results.find(where.team, job.again) if job.again else None
            if known and known.report:
                return known.report
            latest = await latest_report(database, domain, team=where.team, channel=where.channel)
        except (SQLAlchemyError, ValueError):  # away, or of a version that this one cannot read
            log.exception("nothing to compare with run=%s", job_id)
            return None
        return latest if latest and latest.id != job_id else None

    return run


async def _tell_if_worse(result: Result, slack: Slack) -> None:
    """Broadcast a reply when a host that was not open is open now, or proved to be.

    Silence is for everything else: what could not be learnt is no change of theirs.
    """
    story, wanted = result.story, result.job.destination
    previous = story.context.previous
    before = previous.judgement if previous else None
    now = result.report.judgement if result.report else None
    ts = story.standing.get(PARENT)
    if before is None or now is None or ts is None or not _got_worse(before, now):
        return
    then_word = CATALOGUE.verdicts[before.verdict].word
    now_word = CATALOGUE.verdicts[now.verdict].word
    await say(
        slack,
        story.channel or wanted.channel,
        f"{story.shown} got worse: {then_word} before, {now_word} now.",
        thread_ts=wanted.thread_ts or ts,  # a reply has no replies of its own
        broadcast=True,
    )


def _got_worse(before: Judgement, now: Judgement) -> bool:
    badness = tuple(Verdict)
    return now.verdict.is_open and badness.index(now.verdict) < badness.index(before.verdict)
