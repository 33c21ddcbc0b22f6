"""One check in Slack, as people see it and act upon it. Where it is kept, ``results`` knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.deliver import Story
    from bot.jobs import Job
    from bot.model.report import Report


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Result:
    """One check in Slack: who asked what, its cards, and what people did with it.

    ``ended_at``: None while it is under way. ``claimed_by``: who has it in hand, a user id.
    """

    handle: str
    job: Job
    story: Story
    begun_at: datetime
    ended_at: datetime | None = None
    claimed_by: str = ""

    @property
    def report(self) -> Report | None:
        """What is known so far, if anything."""
        return self.story.last.report if self.story.last else None

    @property
    def is_finished(self) -> bool:
        """Whether the check has come to its end, with a report or without."""
        return self.ended_at is not None or (self.report is not None and self.report.finished)
