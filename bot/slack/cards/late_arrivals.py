"""Proof messages that arrive after a card was finished: the card is corrected where it stands.

For a day after the check, over a restart as well: the next process expects again what the last one
sent, where the verdict of a host depends on it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.deliver import deliver_elsewhere
from bot.deliver.outbox import PARENT
from bot.late import LATE_S, corrections, expect_again, is_unsettled
from bot.model.report import Progress
from bot.model.verdict import Reason
from bot.render.card import slack_time
from bot.slack.cards.acts import show_all
from bot.store.cards import cards_with
from bot.store.reports import save_report

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from bot.deliver import Destination, Slack
    from bot.model.report import Report
    from bot.network.canary import Canary
    from bot.slack.cards.result import Result
    from bot.slack.cards.results import Results
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
        if canary is not None:
            canary.is_recalling = True  # until ``resume`` has found what to expect

    def follow(self, result: Result) -> None:
        """Correct a finished result for a day, where a message of it is still under way."""
        if self._canary is None or result.report is None or not is_unsettled(result.report):
            return
        self._start(self._correct(result, result.report, self._canary))

    def resume(self) -> None:
        """Go on with what an earlier process followed."""
        if self._canary is not None:
            self._start(self._find_again(self._canary))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find_again(self, canary: Canary) -> None:
        since = self._now() - timedelta(seconds=LATE_S)
        try:
            for card in await cards_with(
                self._database, Reason.ACCEPTED_NOT_DELIVERED, since=since
            ):
                result = await self._results.find(card.team, card.handle)
                if result is None or result.report is None:
                    continue
                expect_again(result.report, canary)
                if result.ended_at is not None:  # else whoever brings it to its end follows it
                    self.follow(result)
        except SQLAlchemyError:
            log.exception("late arrivals of before are not waited for")
        finally:
            canary.is_recalling = False

    async def aclose(self) -> None:
        """Wait no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _correct(self, result: Result, report: Report, canary: Canary) -> None:
        story = result.story
        try:
            expect_again(report, canary)  # it may have been an earlier process that sent
            ended_at = result.ended_at or self._now()
            left_s = LATE_S - (self._now() - ended_at).total_seconds()
            async for corrected in corrections(report, canary, left_s):
                if result.story is not story:  # it was asked anew, which says more
                    return
                story.last = Progress(corrected)
                story.lines.append(f"A proof message arrived late, {slack_time(self._now())}.")
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
