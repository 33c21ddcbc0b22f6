"""The story on one page: one request, one check.

Where does the domain's mail go? Which addresses do those hosts have? For each address, side by
side: how does it present itself in reverse DNS, and what does it answer when a stranger asks it to
relay? There is no barrier between the steps: an address is asked as soon as it is known, and the
time of a check is its longest chain.

This module only arranges. Edges ask (``bot.network``), rules judge (``bot.posture``,
``bot.relay``).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import policy
from bot.board import Board
from bot.model.exchange import Stage
from bot.model.report import (
    AddressReport,
    Awaited,
    EndpointReport,
    MxReport,
    Progress,
    Report,
    Vantage,
    Waiting,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.posture.walk import Walk
from bot.relay.attempts import Plan
from bot.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from bot.model.exchange import Exchange
    from bot.network.turns import Turns
    from bot.posture.mx import MxHost
    from bot.posture.walk import Ask
    from bot.request import Request
    from bot.talk import Converse

CHECK_S = 180.0

_NEXT = {
    Stage.CONNECT: Awaited.GREETING,
    Stage.TLS: Awaited.DIALOGUE,
    Stage.GREETING: Awaited.DIALOGUE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that a check needs of the world: its edges, its clock, and who it says it is.

    ``forbidden`` names the class of an address that must not be contacted, or None. ``exempt`` says
    whether the operator's settings name the address (they then allow any port). ``new_nonce`` makes
    an unguessable label, each time another. ``deadline_s`` bounds a whole check; what is unanswered
    then is judged as timed out.
    """

    ask: Ask
    converse: Converse
    turns: Turns
    vantage: Vantage
    forbidden: Callable[[str], str | None]
    exempt: Callable[[str], bool]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_nonce: Callable[[], str]
    ports: Sequence[int] = (25,)
    deadline_s: float = CHECK_S


async def check(request: Request, world: World) -> AsyncIterator[Progress]:
    """Check one domain, yielding the report each time that it has grown.

    The last Progress, and only that, has ``report.finished``. What the world does wrong is in the
    report; an exception is a fault of ours.
    """
    run = _Run(request, world)
    work = asyncio.create_task(run.work())
    work.add_done_callback(lambda _: run.board.changed.set())
    try:
        while not work.done():
            await run.board.changed.wait()
            run.board.changed.clear()
            if not work.done():
                yield run.board.snapshot()
        await work
        yield run.board.snapshot()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


class _Run:
    """One check under way."""

    def __init__(self, request: Request, world: World) -> None:
        self.request = request
        self.world = world
        self.walk = Walk(world.ask)
        self.started_at = world.now()
        self.board = Board(
            Report(
                id=world.new_id(),
                domain=request.domain,
                started_at=self.started_at,
                vantage=world.vantage,
            )
        )
        self.talks: dict[tuple[str, int], Talk] = {}

    async def work(self) -> None:
        own: Judgement | None = None
        try:
            async with asyncio.timeout(self.world.deadline_s):
                own = await self._domain()
        except TimeoutError:
            self._judge_what_is_left()
            own = self.board.report.judgement
        took = self.world.now() - self.started_at
        self.board.set_report(
            judgement=self.board.verdict(own),
            duration_ms=round(took.total_seconds() * 1000),
            answers=tuple(self.walk.answers),
            finished=True,
        )

    async def _domain(self) -> Judgement | None:
        self._await(Awaited.DNS, host=self.request.domain.ascii)
        routing = await self.walk.mail_service(self.request.domain)
        self.board.wait_for(None, host=self.request.domain.ascii)
        for mx in routing.hosts:
            self.board.set_host(MxReport(preference=mx.preference, host=mx.host))
        self.board.set_report(
            mail_service=routing.service, findings=routing.findings, judgement=routing.judgement
        )
        async with asyncio.TaskGroup() as tasks:
            for mx in routing.hosts:
                tasks.create_task(self._host(mx, tasks))
        return routing.judgement

    async def _host(self, mx: MxHost, tasks: asyncio.TaskGroup) -> None:
        self._await(Awaited.DNS, host=mx.host)
        found = await self.walk.host(mx.host)
        self.board.wait_for(None, host=mx.host)
        ips = (*found.addresses, *found.over_limit)
        fresh = [ip for ip in ips if not self.board.knows(ip)]
        for ip in fresh:
            self.board.set_address(self._first_look(ip, beyond=ip in found.over_limit))
        self.board.set_host(
            MxReport(
                preference=mx.preference,
                host=mx.host,
                resolved=True,
                findings=found.findings,
                skipped=found.skipped,
            ),
            ips,
        )
        for ip in fresh:
            tasks.create_task(self._posture(ip))
            if self.board.address(ip).skipped is None:
                tasks.create_task(self._probe(mx.host, ip))

    def _first_look(self, ip: str, *, beyond: bool) -> AddressReport:
        """Decide from the address alone whether it may be asked, and at which ports."""
        if (kind := self.world.forbidden(ip)) is not None:
            return policy.refused(ip, kind)
        if beyond:
            return policy.over_limit(ip)
        ports = self.request.ports or self.world.ports
        return policy.admit(ip, ports, probe=self.request.probe, exempt=self.world.exempt(ip))

    async def _posture(self, ip: str) -> None:
        found = await self.walk.address(ip)
        address = self.board.address(ip)
        self.board.set_address(
            replace(
                address,
                ptr=found.ptr,
                fcrdns=found.fcrdns,
                hostname_class=found.hostname_class,
                listings=found.listings,
                findings=(*address.findings, *found.findings),
            )
        )

    async def _probe(self, host: str, ip: str) -> None:
        if self.world.turns.is_taken(ip):
            self._await(Awaited.TURN, host=host, ip=ip)
        async with self.world.turns.turn(ip):
            for endpoint in self.board.address(ip).endpoints:
                await self._endpoint(host, ip, endpoint)
        self.board.wait_for(None, host=host, ip=ip)

    async def _endpoint(self, host: str, ip: str, endpoint: EndpointReport) -> None:
        plan = Plan(
            vantage=self.world.vantage,
            domain=self.request.domain,
            mx_host=host,
            ip=ip,
            port=endpoint.port,
            tls=endpoint.tls,
            variants=self.request.variants,
            nonce=self.world.new_nonce(),
        )
        talk = self.talks[ip, endpoint.port] = Talk(plan)

        def on_exchange(exchange: Exchange) -> None:
            if exchange.stage in _NEXT and exchange.trouble is None:
                self._await(_NEXT[exchange.stage], host=host, ip=ip)

        self._await(Awaited.CONNECT, host=host, ip=ip)
        self._put(ip, await talk.hold(self.world.converse, on_exchange))

    def _put(self, ip: str, judged: EndpointReport) -> None:
        address = self.board.address(ip)
        endpoints = tuple(judged if e.port == judged.port else e for e in address.endpoints)
        self.board.set_address(replace(address, endpoints=endpoints))

    def _judge_what_is_left(self) -> None:
        """At the deadline: what was heard counts, what was not is a time-out, never safety."""
        for host in self.board.snapshot().report.mx:
            if not host.resolved:
                skipped = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
                self.board.set_host(replace(host, resolved=True, skipped=skipped))
            for address in host.addresses:
                for endpoint in address.endpoints:
                    if endpoint.judgement is None:
                        self._put(address.ip, self._cut_short(address.ip, endpoint))
        if self.board.report.mail_service is None:
            failed = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
            self.board.set_report(judgement=failed)
        self.board.clear_waiting()

    def _cut_short(self, ip: str, endpoint: EndpointReport) -> EndpointReport:
        talk = self.talks.get((ip, endpoint.port))
        if talk is None:  # it never had its turn
            timed_out = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
            return replace(endpoint, judgement=timed_out)
        return talk.cut_short(f"the check's {self.world.deadline_s:g} s were over")

    def _await(self, what: Awaited, *, host: str, ip: str = "") -> None:
        self.board.wait_for(Waiting(host, what, ip, self.world.now()), host=host, ip=ip)
