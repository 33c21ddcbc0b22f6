"""One look of a watch: ask, weigh it against what is held, and tell the channel what changed.

A change is told before it is kept: whoever dies between the two looks at the same report again, and
the ledger of the run knows what stands already (``look_telling``). Where the channel is closed to
us for good, the watch stops, and its owner is told directly.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.deliver.web_api import Remedy
from bot.jobs.keeping import Keeping
from bot.jobs.resume import progress_of
from bot.logs import about
from bot.model.finding import Tag
from bot.policy import Rule
from bot.settling import settle
from bot.slack.watching.look_telling import Look, tell, tell_owner
from bot.store.watches import Looks, find_watch, keep_looks, pause_watch, put_off

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.deliver import Slack
    from bot.edges import World
    from bot.jobs import Job, Run
    from bot.model.report import Report
    from bot.store import Database
    from bot.store.watches import Watch
    from bot.watch import Change

    Permit = Callable[[World, Job], World]

log = logging.getLogger(__name__)

# Where a rate or a breaker of ours kept a host from being asked, it is asked once more after this;
# of a watch that has only just been set, somebody waits for the first look.
LATER = timedelta(hours=1)
SOON = timedelta(seconds=90)
_NEWLY_SET = timedelta(minutes=10)
_OURS = (Rule.RATE.value, Rule.BREAKER.value)


def make_look(
    world: World,
    slack: Slack,
    database: Database,
    permit: Permit,
    *,
    note: Callable[[Report, datetime], None] = lambda _report, _now: None,
) -> Run:
    """Return what the job of a watch does, from wherever an earlier process left it.

    ``permit`` says how much of the world a job may deal with; ``note`` is told of each report.
    """

    async def run(job_id: str, job: Job) -> None:
        with about(job_id):
            watch = await find_watch(database, job.watch)
            if watch is not None and not watch.paused and watch.looks.last_run != job_id:
                await look(watch, job_id, job)

    async def look(watch: Watch, job_id: str, job: Job) -> None:
        report = await observe(job_id, job)
        note(report, world.now())
        if is_put_off(report):
            await put_off(database, {watch.id: _again(watch, world.now())})
            if watch.looks.looked_at is None:
                return  # it begins with a look that was let through
        standings, changes = settle(watch.looks.standings, report)
        ledger = Keeping(database, job_id, world.now)
        made = Look(watch=watch, run_id=job_id, report=report, slack=slack, ledger=ledger)
        thread_ts, refusal = await tell(made, changes)
        if refusal is None:
            looks = Looks(
                standings=standings,
                looked_at=report.started_at,
                last_run=job_id,
                thread_ts=thread_ts,
            )
            await keep_looks(database, watch.id, looks)
        elif refusal.remedy is Remedy.ELSEWHERE and refusal.by_slack:
            await stop(made, changes, refusal.error)
        # Else Slack is away: a later look tells it, to which all of this is news again.

    async def observe(job_id: str, job: Job) -> Report:
        """Check, and return the finished report."""
        async with aclosing(progress_of(job_id, job, permit(world, job), database)) as progress:
            return [now.report async for now in progress][-1]

    async def stop(made: Look, changes: Sequence[Change], error: str) -> None:
        """Let the watch rest, and tell its owner; what the channel did not hear is news later."""
        watch = made.watch
        failed = await tell_owner(made, changes, error)
        await keep_looks(database, watch.id, replace(watch.looks, untold=failed is not None))
        await pause_watch(database, watch.id, error)
        log.info("watch stopped: %s watch=%s", error, watch.id)

    return run


def is_put_off(report: Report) -> bool:
    """Whether a rate or a breaker of ours kept a host from being asked, for now."""
    return any(
        finding.tag is Tag.PROBE_WITHHELD and finding.args.get("rule") in _OURS
        for mx in report.mx
        for address in mx.addresses
        for finding in address.findings
    )


def _again(watch: Watch, now: datetime) -> datetime:
    """Return when to look once more at what was put off: never after the next regular look."""
    is_awaited = watch.looks.looked_at is None and now - watch.made_at < _NEWLY_SET
    regular = watch.schedule.next_after(now, anchor=watch.made_at, salt=watch.id)
    return min(now + (SOON if is_awaited else LATER), regular)
