"""How the story of a card begins, goes on under another check, and is found again after a restart.

A story is what ``bot.deliver`` tells in messages. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.deliver import Story
from bot.deliver.ledger import ELSEWHERE
from bot.deliver.outbox import PARENT
from bot.render.card import CardContext, slack_time
from bot.render.inert import inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.jobs import Job
    from bot.model.glass import Glass
    from bot.model.report import Report
    from bot.request import Request
    from bot.store.messages import Place


def new_story(job_id: str, job: Job, previous: Report | None) -> Story:
    """Return the story of a check that is about to begin; ``previous`` is what it compares with."""
    wanted = job.destination
    return Story(
        run_id=job_id,
        shown=f"`{inert(job.request.domain.shown)}`",
        context=CardContext(
            requested_by=wanted.user, requested_at=wanted.asked_at, previous=previous
        ),
        lines=_lines(job),
        lasting=word_of(job.glass) if job.glass else "",
    )


def word_of(glass: Glass) -> str:
    """Return the line by which everybody sees who stood in for a verification, why and when.

    Of the reason, what was typed is inert already.
    """
    return f"*<@{glass.by}> broke the glass* {slack_time(glass.at)}: {mrkdwn(glass.reason)}"


def options(request: Request) -> list[str]:
    """Return what was asked for beside or instead of the usual, in words."""
    parts = [] if request.probe else ["DNS only"]
    parts += ["every address form"] if request.variants else []
    parts += ["with proof of delivery"] if request.prove else []
    parts += [f"ports {', '.join(map(str, request.ports))}"] if request.ports else []
    return parts


def carry_over(before: Story, after: Story) -> None:
    """Let the story of a new check go on with the messages and the small print of the last one."""
    after.lines = [*before.lines, *after.lines]
    # What went to the person directly stands nowhere: the new result goes there anew.
    after.standing = {part: ts for part, ts in before.standing.items() if part != ELSEWHERE}
    after.channel = before.channel


def stand(story: Story, kept: Mapping[str, Place]) -> None:
    """Let a story know which of its messages stand, by what its ledger had kept."""
    story.standing |= {part: place.ts for part, place in kept.items() if place.ts}
    story.doubtful = frozenset(
        part for part, place in kept.items() if place.doubtful or place.ts is None
    )
    if PARENT in kept:
        story.channel = kept[PARENT].channel


def _lines(job: Job) -> list[str]:
    """Return the small print that a card begins with: the note, else the options."""
    asked = options(job.request)
    told = f"Asked for: {', '.join(asked)}." if asked else ""
    return [line for line in (job.note or told,) if line]
