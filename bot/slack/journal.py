"""The audit of what people do in Slack: which line is written for what, and that it is written.

A run that was accepted is kept with its card, in one transaction. Everything else is noted here
without anybody waiting for the database: an ack has three seconds.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.model.finding import Tag
from bot.render.inert import cut
from bot.request.options import NO_PROBE, PORTS, PRIVATE, PROVE, VARIANTS
from bot.store.audit import Act, Deed, note

if TYPE_CHECKING:
    from datetime import datetime

    from bot.deliver import Destination
    from bot.jobs import Job
    from bot.model.report import Report
    from bot.request import Request
    from bot.slack.cards.press import Press
    from bot.store import Database

log = logging.getLogger(__name__)

ACCEPTED = "accepted"
_MOST = 500
_WITHHELD = (Tag.PROBE_WITHHELD, Tag.ADDRESS_FORBIDDEN)


class Journal:
    """Writes down what it is told, in order and soon. ``drain`` it before the database closes."""

    def __init__(self, database: Database) -> None:
        """Write to a database."""
        self._database = database
        self._told: list[Deed] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, deed: Deed) -> None:
        """Write down an act; from within the event loop."""
        self._told.append(deed)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def drain(self) -> None:
        """Wait until all is written."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._told:
            told, self._told = self._told, []
            try:
                await note(self._database, told)
            except SQLAlchemyError:
                # The log is the last place where it can be found.
                log.exception("audit not kept: %s", told)


def begun(job_id: str, job: Job, now: datetime) -> Deed:
    """Return the line of a run that was accepted, and begins now."""
    outcome = f"DNS only: {job.withheld}" if job.withheld else ACCEPTED
    return _of_run(job, now, run_id=job_id, outcome=outcome)


def refused(job: Job, now: datetime, why: str, *, run_id: str = "") -> Deed:
    """Return the line of a run that was not accepted; ``run_id``: the one that answers instead."""
    return _of_run(job, now, run_id=run_id, outcome=f"refused: {why}")


def withheld(run_id: str, job: Job, report: Report | None, now: datetime) -> list[Deed]:
    """Return a line for each reason why a check did not ask an address, or asked it for less."""
    whys: dict[str, list[str]] = {}
    for mx in report.mx if report else ():
        for address in mx.addresses:
            for finding in address.findings:
                if finding.tag in _WITHHELD:
                    why = finding.args.get("why") or finding.args["class"]
                    whys.setdefault(str(why), []).append(address.ip)
    return [
        Deed(
            at=now,
            team=job.destination.team,
            channel=job.destination.channel,
            person=job.asker,
            act=Act.POLICY,
            what=cut(", ".join(dict.fromkeys(ips)), _MOST),
            domain=job.request.domain.ascii,
            run_id=run_id,
            outcome=cut(why, _MOST),
        )
        for why, ips in whys.items()
    ]


def pressed(press: Press, now: datetime, outcome: str, *, domain: str, run_id: str) -> Deed:
    """Return the line of a press; ``domain`` and ``run_id`` are those of the card, where known."""
    return Deed(
        at=now,
        team=press.team,
        channel=press.channel,
        person=press.user,
        act=Act.PRESS,
        what=cut(press.action_id.rpartition(".")[2], _MOST),
        domain=domain,
        run_id=run_id,
        outcome=cut(outcome, _MOST),
    )


def broken(press: Press, now: datetime, outcome: str, *, domain: str, run_id: str) -> Deed:
    """Return the line of broken glass, or of a try: the same as a press, and of its own kind."""
    line = pressed(press, now, outcome, domain=domain, run_id=run_id)
    return replace(line, act=Act.GLASS, what="break the glass")


def said(act: Act, place: Destination, what: str, outcome: str, *, domain: str = "") -> Deed:
    """Return the line of a word of the slash command that acts (``verify``, ``watch``).

    Args:
        act: What kind of act.
        place: Who typed it, where and when.
        what: The word with its arguments.
        outcome: What came of it.
        domain: Which domain it was about, in A-labels.
    """
    return Deed(
        at=place.asked_at,
        team=place.team,
        channel=place.channel,
        person=place.user,
        act=act,
        what=cut(what, _MOST),
        domain=domain,
        outcome=cut(outcome, _MOST),
    )


def typed(request: Request) -> str:
    """Return the options of a request as they are typed."""
    chosen = {
        NO_PROBE: not request.probe,
        PRIVATE: request.private,
        VARIANTS: request.variants,
        PROVE: request.prove,
    }
    ports = [f"{PORTS} {','.join(map(str, request.ports))}"] if request.ports else []
    return " ".join([*(name for name, is_set in chosen.items() if is_set), *ports])


def _of_run(job: Job, now: datetime, *, run_id: str, outcome: str) -> Deed:
    return Deed(
        at=now,
        team=job.destination.team,
        channel=job.destination.channel,
        person=job.asker,
        act=Act.RUN,
        what=typed(job.request),
        domain=job.request.domain.ascii,
        run_id=run_id,
        outcome=cut(outcome, _MOST),
    )
