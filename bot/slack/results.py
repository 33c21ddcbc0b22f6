"""Checks that can still be looked at and acted upon, by the opaque handle that their buttons carry.

In this process and bounded; a store that outlives it comes later, in this place. A handle says
nothing to whoever sees it: what it leads to, and who may, is decided when it is used.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliver import Story
from bot.render.card import CardContext
from bot.render.inert import inert
from bot.slack.buttons import CardButtons
from bot.slack.desk import options

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.jobs import Job
    from bot.model.report import Report

KEPT = 1000
# A second request for the same within this time is answered with the first.
TWIN_S = 60.0


@dataclass(slots=True, kw_only=True)
class Result:
    """One check in Slack: who asked what, its cards, and what people did with it.

    ``claimed_by``: who has it in hand, a user id.
    """

    handle: str
    job: Job
    story: Story
    begun_at: datetime
    claimed_by: str = ""

    @property
    def report(self) -> Report | None:
        """What is known so far, if anything."""
        return self.story.last.report if self.story.last else None

    @property
    def is_finished(self) -> bool:
        """Whether the check has come to its end."""
        return self.report is not None and self.report.finished


class Results:
    """The latest results, of every workspace."""

    def __init__(self, now: Callable[[], datetime], *, can_prove: bool = False) -> None:
        """Begin with none.

        Args:
            now: The time of day.
            can_prove: Whether there is a canary at which proof messages arrive.
        """
        self.can_prove = can_prove
        self._now = now
        self._by_handle: OrderedDict[str, Result] = OrderedDict()

    def begin(self, job_id: str, job: Job) -> Result:
        """Return the result that a job will fill: a new one, or the one it brings up to date."""
        result = self.find(job.destination.team, job.again) if job.again else None
        story = self._story(job_id, job)
        if result is None:
            result = Result(
                handle=secrets.token_urlsafe(12), job=job, story=story, begun_at=self._now()
            )
        else:
            story.lines = [*result.story.lines, *story.lines]
            story.standing, story.channel = result.story.standing, result.story.channel
            result.job, result.story, result.begun_at = job, story, self._now()
        story.buttons = CardButtons(result, can_prove=self.can_prove)
        self._by_handle[result.handle] = result
        self._by_handle.move_to_end(result.handle)
        while len(self._by_handle) > KEPT:
            self._by_handle.popitem(last=False)
        return result

    def find(self, team: str, handle: str) -> Result | None:
        """Return the result of a workspace by its handle; another workspace's is not found."""
        result = self._by_handle.get(handle)
        return result if result and result.job.destination.team == team else None

    def of_person(self, team: str, user: str, most: int) -> list[Result]:
        """Return what a person asked for, the latest first."""
        own = [
            result
            for result in reversed(self._by_handle.values())
            if (result.job.destination.team, result.job.destination.user) == (team, user)
        ]
        return own[:most]

    def twin(self, job: Job) -> Result | None:
        """Return a public result of the same request, in the same place, begun within a minute."""
        for result in reversed(self._by_handle.values()):
            age_s = (self._now() - result.begun_at).total_seconds()
            if age_s < TWIN_S and _same(result.job, job):
                return result
        return None

    def _story(self, job_id: str, job: Job) -> Story:
        wanted = job.destination
        return Story(
            run_id=job_id,
            shown=f"`{inert(job.request.domain.shown)}`",
            context=CardContext(requested_by=wanted.user, requested_at=wanted.asked_at),
            lines=_lines(job),
        )


def _lines(job: Job) -> list[str]:
    """Return the small print that a card begins with: the note, else the options."""
    asked = options(job.request)
    told = f"Asked for: {', '.join(asked)}." if asked else ""
    return [line for line in (job.note or told,) if line]


def _same(one: Job, other: Job) -> bool:
    here, there = one.destination, other.destination
    return (
        not (here.private or there.private)
        and one.request == other.request
        and (here.team, here.channel, here.thread_ts)
        == (there.team, there.channel, there.thread_ts)
    )
