"""A check that goes on after a crash: it is run again, and what it had learnt answers first.

Every answer of DNS and every finished conversation with a mail server is kept by run. Rules are
pure, so running the same check over the same facts comes to the same place at no cost, and only
what is missing is asked of the world. A conversation that was cut off is held again from its
beginning: half of one proves nothing.
"""

from __future__ import annotations

import hmac
import logging
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.check import check
from bot.edges import Reuse
from bot.jobs.places import keep_place
from bot.model.report import Progress
from bot.policy import Ruling
from bot.relay.attempts import Reused
from bot.store.codec import ANSWER, EXCHANGES, Codec, adapter_of
from bot.store.learnt import learn, recall
from bot.store.proofs import take_proof
from bot.store.reports import load_report, save_report

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from bot.edges import Script, World
    from bot.jobs.port import Job
    from bot.model.exchange import Exchange
    from bot.model.question import Answer, Question
    from bot.model.report import EndpointReport, Report
    from bot.policy import Place
    from bot.posture.walk import Ask
    from bot.relay.attempts import Plan
    from bot.request import Request
    from bot.store import Database

log = logging.getLogger(__name__)
_T = TypeVar("_T")

# Not twice to one endpoint within this time, whoever asks (contract, Attempts).
PROOF_EVERY = timedelta(hours=1)
# After a longer stop the world has moved on, and is asked anew (contract, Limits: reuse).
FRESH = timedelta(minutes=15)
_NONCE = "nonce"
_RULING = Codec(adapter_of(Ruling))
_REUSED = Codec(adapter_of(Reused))


def progress_of(
    job_id: str, job: Job, world: World, database: Database
) -> AsyncGenerator[Progress]:
    """Check what a job asks for, its report kept for whoever may see what the job is answered with.

    See ``resumable``; ``world`` is as much of it as the job may deal with.
    """
    wanted = job.destination
    return resumable(
        job.request,
        world,
        database,
        run_id=job_id,
        team=wanted.team,
        channel=wanted.seen_in,
        person=wanted.user,
    )


async def resumable(  # noqa: PLR0913 - what is kept of a run, by name
    request: Request,
    world: World,
    database: Database,
    *,
    run_id: str,
    team: str,
    channel: str | None = None,
    person: str | None = None,
) -> AsyncGenerator[Progress]:
    """Check as ``bot.check`` does, under the id of a run, and keep the report at the end.

    ``person`` of ``team`` asked for it, and everybody in ``channel`` can see it (None: the asker
    alone).

    A run that had come to its end yields what it found. The database being away costs the check
    its memory, never its answer.
    """
    if (report := await _kept(database, run_id)) is not None:
        yield Progress(report)
        return
    memory = _Memory(database, run_id, world)
    await memory.recall()
    async with aclosing(check(request, memory.world())) as checking:
        async for progress in checking:
            keep_place(progress)
            if progress.report.finished:
                metrics.check_finished(progress.report)
                found = progress.report.judgement
                log.info("finished: %s/%s", found and found.verdict, found and found.reason)
                try:
                    await save_report(
                        database, progress.report, team=team, channel=channel, person=person
                    )
                except SQLAlchemyError:
                    log.exception("report not kept run=%s", run_id)
            yield progress


@dataclass(slots=True)
class _Memory:
    """The facts of one run: those that are kept, and those that are about to be."""

    database: Database
    run_id: str
    outside: World
    facts: dict[str, bytes] = field(default_factory=dict)
    fresh: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    handed_over: set[str] = field(default_factory=set)

    def world(self) -> World:
        """Return the world as this run sees it."""
        if _NONCE not in self.facts:
            self._note(_NONCE, self.outside.new_nonce("run").encode())
        secret = self.facts[_NONCE]

        def new_nonce(purpose: str) -> str:
            # The same again for the same, so that a second look at a conversation reads as the
            # first; and no server that sees one can tell another's.
            return hmac.digest(secret, purpose.encode(), "sha256")[:8].hex()

        return replace(
            self.outside,
            ask=self.ask,
            converse=self.converse,
            new_id=lambda: self.run_id,
            new_nonce=new_nonce,
            gate=replace(self.outside.gate, admit=self.admit),
            may_prove=self.may_prove,
            reuse=Reuse(self.reused, self.note),
        )

    async def ask(self, question: Question) -> Answer:
        """Answer from memory, else ask."""
        name = f"dns {question.qtype} {question.qname}"
        if (known := self._known(name, ANSWER)) is not None:
            return known
        answer = await self.outside.ask(question)
        self._note(name, ANSWER.pack(answer))
        return answer

    async def admit(self, request: Request, place: Place, ask: Ask) -> Ruling:
        """Rule as before: a check that goes on is neither counted anew nor refused halfway."""
        name = f"gate {place.ip}"
        if (known := self._known(name, _RULING)) is not None:
            return known
        ruling = await self.outside.gate.admit(request, place, ask)
        self._note(name, _RULING.pack(ruling))
        return ruling

    async def converse(
        self, plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        """Repeat what was said from memory, else hold the conversation and keep it.

        What DNS said is kept before: it costs little to lose, so it does not wait for each answer.
        """
        endpoint = _endpoint(plan.ip, plan.port)
        name = self.held[endpoint] = self._next(endpoint)
        if (known := self._known(name, EXCHANGES)) is not None:
            self.repeated.add(name)
            for exchange in known:
                on_exchange(exchange)
            return known
        if endpoint in self.handed_over:
            return ()
        await self._keep()
        said = await self.outside.converse(plan, script, on_exchange)
        self._note(name, EXCHANGES.pack(said))
        if plan.reused:
            self._note(f"reused {name}", _REUSED.pack(plan.reused))
        await self._keep()
        return said

    async def may_prove(self, ip: str, port: int) -> bool:
        """Let an endpoint have proof messages once an hour, whoever asks, and from one process.

        What an earlier process was sending may have arrived: only what is known to have been said
        is repeated, from memory, and nothing is sent again.
        """
        name, endpoint = f"prove {ip} {port}", _endpoint(ip, port)
        if name in self.facts:
            self.handed_over.add(endpoint)
            return self._next(endpoint) in self.facts
        now = self.outside.now()
        try:
            may = await take_proof(self.database, ip, port, now=now, every=PROOF_EVERY)
        except SQLAlchemyError:  # nobody knows what was sent
            log.exception("no proof sent run=%s", self.run_id)
            return False
        if may:
            self._note(name, b"")
            await self._keep()
        return may

    def reused(self, plan: Plan) -> Reused | None:
        """Reuse in a conversation that was held what was reused then, else what there is now."""
        name = self._next(_endpoint(plan.ip, plan.port))
        if self._known(name, EXCHANGES) is None:
            return self.outside.reuse.recall(plan)
        return self._known(f"reused {name}", _REUSED)

    def note(self, plan: Plan, judged: EndpointReport) -> None:
        """Let others reuse what was said now; what was said before a restart is older than that."""
        if self.held.get(_endpoint(plan.ip, plan.port)) not in self.repeated:
            self.outside.reuse.note(plan, judged)

    async def recall(self) -> None:
        """Learn what an earlier process had learnt."""
        since = self.outside.now() - FRESH
        try:
            self.facts = await recall(self.database, self.run_id, since=since)
        except SQLAlchemyError:
            log.exception("nothing recalled run=%s", self.run_id)

    def _next(self, endpoint: str) -> str:
        """Return the name of the conversation with an endpoint that comes after the last one."""
        number = int(self.held.get(endpoint, "0").rpartition(" ")[2])
        return f"{endpoint} {number + 1}"

    def _known(self, name: str, codec: Codec[_T]) -> _T | None:
        try:
            return codec.unpack(self.facts[name]) if name in self.facts else None
        except ValueError:  # kept by another version
            return None

    def _note(self, name: str, packed: bytes) -> None:
        self.facts[name] = self.fresh[name] = packed

    async def _keep(self) -> None:
        """Keep what is new, in one piece."""
        kept, self.fresh = self.fresh, {}
        try:
            await learn(self.database, self.run_id, kept, now=self.outside.now())
        except SQLAlchemyError:
            log.exception("not kept run=%s", self.run_id)


def _endpoint(ip: str, port: int) -> str:
    return f"smtp {ip} {port}"


async def _kept(database: Database, run_id: str) -> Report | None:
    try:
        return await load_report(database, run_id)
    except (SQLAlchemyError, ValueError):
        log.exception("report not found again run=%s", run_id)
        return None
