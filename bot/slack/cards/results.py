"""Checks that can be looked at and acted upon, by the opaque handle that their buttons carry.

Kept in the store, so that a button does what it says in whatever process it is pressed; memory has
what is being used, and the latest. While anybody holds a result, everybody who asks for it gets the
same one. A handle says nothing to whoever sees it: what it leads to, and who may, is decided when
it is used.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.keeping import Keeping
from bot.jobs.stored_job import pack_job, unpack_job
from bot.model.report import Progress
from bot.slack.cards.buttons import CardButtons
from bot.slack.cards.result import Result
from bot.slack.cards.stories import carry_over, new_story, stand
from bot.slack.journal import begun, withheld
from bot.store.cards import KeptCard, cards_seen_by, find_card, keep_card
from bot.store.reports import load_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.deliver import Story
    from bot.jobs import Job
    from bot.model.report import Report
    from bot.store import Database
    from bot.store.audit import Deed
    from bot.store.cards import SeenCard

log = logging.getLogger(__name__)

# Of those that nobody uses, the latest so many stay in memory: whole reports are large.
CACHED = 50


class Results:
    """The results of every workspace."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        can_prove: bool = False,
        can_break_glass: bool = False,
    ) -> None:
        """Begin with what the store has.

        Args:
            database: Where they are kept.
            now: The time of day.
            can_prove: Whether there is a canary at which proof messages arrive.
            can_break_glass: Whether somebody may stand in for a missing verification.
        """
        self.can_prove = can_prove
        self.can_break_glass = can_break_glass
        self._database = database
        self._now = now
        self._live: WeakValueDictionary[str, Result] = WeakValueDictionary()
        self._latest: OrderedDict[str, Result] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, job_id: str, job: Job, previous: Report | None = None) -> Result:
        """Return the result that a job fills: the one that it had begun, or brings up to date.

        Else a new one. ``previous`` is the report that its cards compare with. With the database
        away it is a result of this process alone, and the log says so.
        """
        result = await self._known(job_id, job)
        if result is not None and result.story.run_id == job_id:
            result.job = job  # with its response_url, which is not kept
            return result
        story = new_story(job_id, job, previous)
        await self._find_messages(story, job, result)
        if result is None:
            handle = secrets.token_urlsafe(12)
            result = Result(handle=handle, job=job, story=story, begun_at=self._now())
        result.job, result.story = job, story
        result.begun_at, result.ended_at = self._now(), None
        self._hold(result)
        await self._try_to_keep(result, [begun(job_id, job, self._now())])
        return result

    async def end(self, result: Result) -> None:
        """Keep that a check has come to its end, and whom it was not allowed to ask."""
        if result.ended_at is None:
            result.ended_at = self._now()
            told = withheld(result.story.run_id, result.job, result.report, result.ended_at)
            await self._try_to_keep(result, told)

    async def keep(self, result: Result) -> None:
        """Keep what was done with a result: its lines, who has it in hand, who may see it."""
        await self._try_to_keep(result, ())

    async def find(self, team: str, handle: str) -> Result | None:
        """Return the result of a workspace by its handle; another workspace's is not found.

        Raises:
            SQLAlchemyError: The database is away.
        """
        result = self._live.get(handle)
        if result is None:
            async with self._turn(handle):  # of two who load the same, the second finds it live
                result = self._live.get(handle) or await self._load(handle)
                if result is not None:
                    self._hold(result)
        return result if result and result.job.destination.team == team else None

    async def of_run(self, team: str, run_id: str) -> Result | None:
        """Return the result that a run fills, or filled last, as ``find`` does."""
        card = await find_card(self._database, run_id=run_id)
        return await self.find(team, card.handle) if card else None

    async def seen_by(self, team: str, person: str, most: int) -> tuple[SeenCard, ...]:
        """Return the latest cards that a person may see, the latest first."""
        return await cards_seen_by(self._database, team, person, most=most)

    def ledger(self, run_id: str) -> Keeping:
        """Return what keeps where the messages of a run stand."""
        return Keeping(self._database, run_id, self._now)

    async def _known(self, job_id: str, job: Job) -> Result | None:
        """Return the result that a job had begun before a restart, or that it brings up to date."""
        team = job.destination.team
        try:
            found = await self.of_run(team, job_id)
            return await self.find(team, job.again) if found is None and job.again else found
        except SQLAlchemyError:
            log.exception("card not found again run=%s", job_id)
            return None

    async def _find_messages(self, story: Story, job: Job, before: Result | None) -> None:
        """Let a story go on with the messages of an earlier process, or of the check before it."""
        if before is not None:
            carry_over(before.story, story)
        ledger = self.ledger(story.run_id)
        if kept := await ledger.kept():
            stand(story, kept)
            return
        for part, ts in story.standing.items():
            await ledger.posted(part, story.channel or job.destination.channel, ts)

    def _hold(self, result: Result) -> None:
        """Keep a result in memory as the latest; what nobody uses makes room."""
        result.story.buttons = CardButtons(
            result, can_prove=self.can_prove, can_break_glass=self.can_break_glass
        )
        self._live[result.handle] = self._latest[result.handle] = result
        self._latest.move_to_end(result.handle)
        while len(self._latest) > CACHED:
            self._latest.popitem(last=False)

    def _turn(self, handle: str) -> asyncio.Lock:
        """Return the lock of a card, the same for all who take it at once."""
        return self._turns.setdefault(handle, asyncio.Lock())

    async def _try_to_keep(self, result: Result, deeds: Sequence[Deed]) -> None:
        async with self._turn(result.handle):  # what is kept last is what is true last
            try:
                await keep_card(self._database, _kept(result), deeds)
            except SQLAlchemyError:
                log.exception("card not kept run=%s", result.story.run_id)

    async def _load(self, handle: str) -> Result | None:
        card = await find_card(self._database, handle=handle)
        if card is None:
            return None
        try:
            job = unpack_job(card.job)
        except ValueError:
            log.warning("a card of another version handle=%s", handle)
            return None
        story = new_story(card.run_id, job, await self._report(card.previous_id))
        story.lines = [*card.lines]
        report = await self._report(card.run_id)
        story.last = Progress(report) if report else None
        stand(story, await self.ledger(card.run_id).kept())
        return Result(
            handle=handle,
            job=job,
            story=story,
            begun_at=card.begun_at,
            ended_at=card.ended_at,
            claimed_by=card.claimed_by,
        )

    async def _report(self, report_id: str) -> Report | None:
        try:
            return await load_report(self._database, report_id) if report_id else None
        except ValueError:
            log.warning("a report of another version run=%s", report_id)
            return None


def _kept(result: Result) -> KeptCard:
    """Return a result as it is kept: without its response_url, which is a key and soon expires."""
    wanted, previous = result.job.destination, result.story.context.previous
    job = replace(result.job, destination=replace(wanted, response_url=""))
    return KeptCard(
        handle=result.handle,
        run_id=result.story.run_id,
        previous_id=previous.id if previous else "",
        team=wanted.team,
        channel=wanted.channel,
        person=wanted.user,
        private=wanted.private,
        shown=job.request.domain.shown,
        begun_at=result.begun_at,
        ended_at=result.ended_at,
        claimed_by=result.claimed_by,
        job=pack_job(job),
        lines=tuple(result.story.lines),
    )
