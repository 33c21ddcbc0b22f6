"""Watches kept going: those that are due are started, and owners told what they could not be told.

A look is counted against the rate for all checks together, which it shares with people; a person's
and a workspace's rates are for what people ask for, and a workspace has only so many watches.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.deliver import Destination
from bot.jobs import Job, NotAccepted
from bot.jobs.ticking import keep_ticking
from bot.request import Request
from bot.slack.watching.stopped import tell_owners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.deliver import Slack
    from bot.jobs import Jobs, Run
    from bot.jobs.ticking import Start
    from bot.slack.permissions import Permissions
    from bot.store import Database
    from bot.store.watches import Watch

log = logging.getLogger(__name__)

TELL_EVERY_S = 3600.0


def job_of(watch: Watch) -> Job:
    """Return the look that a watch is due for: the same job, however often it is asked for."""
    return Job(
        key=f"watch {watch.id} {watch.due_at.isoformat()}",
        request=Request(domain=watch.domain, shown=watch.domain.shown),
        destination=Destination(
            team=watch.team, channel=watch.channel, user=watch.owner, asked_at=watch.due_at
        ),
        watch=watch.id,
    )


def either(check: Run, look: Run) -> Run:
    """Return what does a job: what a person asked for, or the look of a watch."""

    async def run(job_id: str, job: Job) -> None:
        await (look if job.watch else check)(job_id, job)

    return run


def make_start(jobs: Jobs, permissions: Permissions, now: Callable[[], datetime]) -> Start:
    """Return what starts a look, unless the rate for all is used up or there is no turn for it."""

    async def start(watch: Watch) -> bool:
        if not await permissions.admit_look(now()):
            return False
        try:
            await jobs.submit(job_of(watch))
        except NotAccepted:
            return False
        return True

    return start


@asynccontextmanager
async def watching(
    database: Database,
    slack: Slack,
    start: Start,
    per_minute: float,
    now: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Start looks as they are due, at most so many a minute, while the block runs."""
    tasks = [
        asyncio.create_task(keep_ticking(database, start, per_minute=per_minute, now=now)),
        asyncio.create_task(_keep_telling(database, slack)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_telling(database: Database, slack: Slack) -> None:
    while True:
        try:
            await tell_owners(database, slack)
        except Exception:  # the outermost handler: the next time may do better
            log.exception("owners of stopped watches not told")
        await asyncio.sleep(TELL_EVERY_S)
