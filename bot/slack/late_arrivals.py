"""Proof messages that arrive after a card was finished: the card is corrected where it stands.

In this process alone: who waits, and which tokens the canary expects, is forgotten at its end, and
then a late message corrects nothing any more. The card says what was true until then.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.deliver import deliver_elsewhere
from bot.deliver.outbox import PARENT
from bot.late import corrections, is_unsettled
from bot.model.report import Progress
from bot.slack.acts import show_all
from bot.slack.desk import date
from bot.store.reports import save_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.deliver import Destination, Slack
    from bot.model.report import Report
    from bot.network.canary import Canary
    from bot.slack.results import Result, Results
    from bot.store import Database

log = logging.getLogger(__name__)


class LateArrivals:
    """Waits at the canary for what finished checks have sent. ``aclose`` it before the canary."""

    def __init__(
        self,
        canary: Canary | None,
        slack: Slack,
        results: Results,
        database: Database,
        now: Callable[[], datetime],
    ) -> None:
        """Wait for nothing yet; without a canary there is nothing to wait for."""
        self._canary = canary
        self._slack = slack
        self._results = results
        self._database = database
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, result: Result) -> None:
        """Correct a finished result for a day, where a message of it is still under way."""
        if self._canary is None or result.report is None or not is_unsettled(result.report):
            return
        task = asyncio.create_task(self._correct(result, result.report, self._canary))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Wait no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _correct(self, result: Result, report: Report, canary: Canary) -> None:
        story = result.story
        try:
            async for corrected in corrections(report, canary):
                if result.story is not story:  # it was asked anew, which says more
                    return
                story.last = Progress(corrected)
                story.lines.append(f"A proof message arrived late, {date(self._now())}.")
                await self._keep(corrected, result.job.destination)
                await self._results.keep(result)
                await self._show(result)
        except Exception:
            log.exception("late arrival not shown run=%s", story.run_id)

    async def _keep(self, report: Report, shown: Destination) -> None:
        try:
            await save_report(
                self._database,
                report,
                team=shown.team,
                channel=shown.seen_in,
                person=shown.user,
            )
        except SQLAlchemyError:
            log.exception("corrected report not kept run=%s", report.id)

    async def _show(self, result: Result) -> None:
        """Change the card where it stands; who has it elsewhere gets it once more, directly."""
        story, wanted = result.story, result.job.destination
        if PARENT not in story.standing:
            direct = replace(wanted, response_url="")
            await deliver_elsewhere(story.worst_first(), None, direct, self._slack, story.run_id)
            return
        refusal = await show_all(result, self._slack, self._results.ledger(story.run_id))
        if refusal is not None:
            log.warning("late arrival not shown: %s run=%s", refusal.error, story.run_id)
