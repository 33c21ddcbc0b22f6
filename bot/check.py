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
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import policy
from bot.board import Board
from bot.interview import Interview
from bot.model.report import (
    AddressReport,
    Awaited,
    MxReport,
    Progress,
    Report,
    Waiting,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.posture import blocklist
from bot.posture.walk import Walk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.edges import World
    from bot.posture.mx import MxHost
    from bot.request import Request


async def check(request: Request, world: World) -> AsyncGenerator[Progress]:
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
        self.walk = Walk(world.ask, ask_lists=world.ask_lists)
        self.started_at = world.now()
        self.board = Board(
            Report(
                id=world.new_id(),
                domain=request.domain,
                started_at=self.started_at,
                vantage=world.vantage,
            )
        )
        self.interviews: list[Interview] = []
        self.deadline = asyncio.timeout(world.deadline_s)

    async def work(self) -> None:
        own: Judgement | None = None
        try:
            async with self.deadline:
                own = await self._domain()
        except TimeoutError:
            self._judge_what_is_left()
            own = self.board.report.judgement
        for interview in self.interviews:
            interview.revise()
        took = self.world.now() - self.started_at
        self.board.set_report(
            judgement=self.board.verdict(own),
            duration_ms=round(took.total_seconds() * 1000),
            answers=tuple(self.walk.answers),
            finished=True,
        )

    async def _domain(self) -> Judgement | None:
        self._await(Awaited.DNS, host=self.request.domain.ascii)
        self._prepare_to_ask(self.request.domain.ascii)
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
        self._prepare_to_ask(mx.host)
        found = await self.walk.host(mx.host)
        self.board.wait_for(None, host=mx.host)
        ips = (*found.addresses, *found.over_limit)
        fresh = [ip for ip in ips if not self._is_asked(ip, beyond=ip in found.over_limit)]
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
            if ip in found.over_limit:  # named, and nothing asked about it
                continue
            tasks.create_task(self._posture(ip))
            if self.world.forbidden(ip) is None:  # the lists hold public addresses
                tasks.create_task(self._listings(ip))
            if self.board.address(ip).skipped is None:
                place = policy.Place(self.request.domain.ascii, mx.host, ip)
                interview = Interview(
                    self.request, self.world, self.board, place, more_time=self._more_time
                )
                self.interviews.append(interview)
                tasks.create_task(self._ask(interview, place))

    def _is_asked(self, ip: str, *, beyond: bool) -> bool:
        """Whether an address needs no further look: what one host names only, another may ask."""
        if not self.board.knows(ip):
            return False
        return beyond or self.board.address(ip) != policy.over_limit(ip)

    def _prepare_to_ask(self, name: str) -> None:
        """Let what the gate will want to know be looked up beside all else."""
        if self.request.probe:
            self.walk.begin(self.world.gate.questions(self.request, name))

    async def _ask(self, interview: Interview, place: policy.Place) -> None:
        """Hold an interview, if the gate lets it through."""
        ruling = await self.world.gate.admit(self.request, place, self.walk.ask)
        self.board.set_address(policy.ruled(self.board.address(place.ip), ruling))
        if ruling.refused is None:
            await interview.hold(plainly=ruling.plainly)

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
                findings=(*address.findings, *found.findings),
            )
        )

    async def _listings(self, ip: str) -> None:
        listings = await self.walk.listings(ip)
        address = self.board.address(ip)
        found = (*address.findings, *blocklist.findings(ip, listings))
        self.board.set_address(replace(address, listings=listings, findings=found))

    def _judge_what_is_left(self) -> None:
        """At the deadline: what was heard counts, what was not is a time-out, never safety."""
        for host in self.board.snapshot().report.mx:
            if not host.resolved:
                skipped = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
                self.board.set_host(replace(host, resolved=True, skipped=skipped))
        if self.board.report.mail_service is None:
            failed = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
            self.board.set_report(judgement=failed)
        for interview in self.interviews:
            interview.cut_short(f"the check's {self.world.deadline_s:g} s were over")
        self.board.clear_waiting()

    def _more_time(self, seconds: float) -> None:
        """A wait on purpose does not count; what follows it has the whole time again.

        Never less than another interview was given.
        """
        wanted = asyncio.get_running_loop().time() + seconds + self.world.deadline_s
        self.deadline.reschedule(max(wanted, self.deadline.when() or wanted))

    def _await(self, what: Awaited, *, host: str, ip: str = "") -> None:
        self.board.wait_for(Waiting(host, what, ip, self.world.now()), host=host, ip=ip)
