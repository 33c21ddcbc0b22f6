"""One address, asked at each of its ports: in turn, and once more where that can help.

Joins the edges (``World``) to the rules (``bot.relay``) for one address of one check. Nobody else
talks to the address meanwhile. What was heard before the deadline counts; what was not is a
time-out, never safety.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.model.exchange import Exchange, Stage, Trouble
from bot.model.finding import Finding, Tag
from bot.model.proof import Proof
from bot.model.report import Awaited, Waiting
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import Plan
from bot.relay.delay import delay_s
from bot.relay.findings import greeting_name
from bot.relay.inside import is_inside
from bot.relay.proof import find_transaction, message, to_prove, token, was_taken, with_arrivals
from bot.relay.verdict import judge
from bot.talk import ProofTalk, Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.board import Board
    from bot.edges import World
    from bot.model.proof import Arrival
    from bot.model.report import EndpointReport
    from bot.network.canary import Canary
    from bot.policy import Place
    from bot.request import Request

# After the first proof message has arrived, how long the others are still awaited.
GRACE_S = 5.0
_NEXT = {
    Stage.CONNECT: Awaited.GREETING,
    Stage.TLS: Awaited.DIALOGUE,
    Stage.GREETING: Awaited.DIALOGUE,
}


class Interview:
    """The conversations with one address.

    Args:
        request: what was asked for.
        world: the edges.
        board: where what comes of it is put; the endpoints stand there already.
        place: whom to ask.
        more_time: told how many seconds a wait on purpose takes, before it is begun.
    """

    def __init__(
        self,
        request: Request,
        world: World,
        board: Board,
        place: Place,
        *,
        more_time: Callable[[float], None],
    ) -> None:
        self._request = request
        self._world = world
        self._board = board
        self._host, self._ip = place.host, place.ip
        self._more_time = more_time
        self._talks: dict[int, Talk] = {}

    async def hold(self, *, plainly: bool = False) -> None:
        """Ask every endpoint, and those that greylisted us once more after a while.

        ``plainly``: without the variants and the proof that were asked for.
        """
        if plainly:
            self._request = replace(self._request, variants=False, prove=False)
        await self._ask(self._board.address(self._ip).endpoints)
        deferred = [e for e in self._board.address(self._ip).endpoints if _is_greylisted(e)]
        if deferred and self._world.wait_s:
            await self._stay_away(deferred)
            await self._ask(deferred)
        if self._request.prove and self._world.canary is not None:
            await self._prove(self._world.canary)
        self._board.wait_for(None, host=self._host, ip=self._ip)

    def cut_short(self, why: str) -> None:
        """Judge what was heard of each endpoint that is not judged yet."""
        for endpoint in self._board.address(self._ip).endpoints:
            if endpoint.judgement is None:
                talk = self._talks.get(endpoint.port)
                timed_out = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
                self._put(talk.cut_short(why) if talk else replace(endpoint, judgement=timed_out))

    def revise(self) -> None:
        """At the end of a check: say what an endpoint's own conversation could not show.

        Silence is called ours where nobody at all answers us at the port; the name in the greeting
        is compared with the PTR, which DNS brought at its own time.
        """
        blocked = Judgement(Verdict.INCONCLUSIVE, Reason.EGRESS_BLOCKED)
        address, hosts = self._board.address(self._ip), self._board.hosts_of(self._ip)
        for asked in address.endpoints:
            named = greeting_name(asked.exchanges, hosts, address.ptr)
            endpoint = replace(asked, findings=(*asked.findings, *named))
            self._put(endpoint)
            silent = bool(endpoint.exchanges) and self._is_silence(endpoint.exchanges[-1])
            at_connect = silent and endpoint.exchanges[-1].stage is Stage.CONNECT
            if at_connect and self._world.egress.is_blocked(endpoint.port):
                self._put(replace(endpoint, judgement=blocked))

    async def _ask(self, endpoints: Iterable[EndpointReport]) -> None:
        if self._world.turns.is_taken(self._ip):
            self._await(Awaited.TURN)
        async with self._world.turns.turn(self._ip):
            for endpoint in endpoints:
                self._await(Awaited.CONNECT)
                # In our turn, so that what whoever had it before was told need not be asked again.
                plan = self._plan(endpoint)
                talk = self._talks[endpoint.port] = Talk(plan)
                judged = await self._talk(talk)
                self._world.reuse.note(plan, judged)
                self._put(self._seen_from_here(plan, judged))

    async def _talk(self, talk: Talk) -> EndpointReport:
        def on_exchange(exchange: Exchange) -> None:
            if exchange.stage is Stage.CONNECT:
                self._note_egress(exchange, talk.plan.port)
            if exchange.stage in _NEXT and exchange.trouble is None:
                self._await(_NEXT[exchange.stage])

        return await talk.hold(self._world.converse, on_exchange)

    def _plan(self, endpoint: EndpointReport) -> Plan:
        plan = Plan(
            vantage=self._world.vantage,
            domain=self._request.domain,
            mx_host=self._host,
            ip=self._ip,
            port=endpoint.port,
            tls=endpoint.tls,
            variants=self._request.variants,
            nonce=self._world.new_nonce(f"ask {self._ip} {endpoint.port}"),
        )
        # A proof repeats what was accepted, so it is asked for anew.
        return plan if self._request.prove else replace(plan, reused=self._world.reuse.recall(plan))

    def _note_egress(self, connect: Exchange, port: int) -> None:
        if connect.trouble is None or self._is_silence(connect):
            answered = connect.trouble is None
            self._world.egress.note(self._request.domain.ascii, self._ip, port, answered=answered)

    def _is_silence(self, connect: Exchange) -> bool:
        """Whether it may be our network; a machine without IPv6 has no route there, no more."""
        no_route = connect.trouble is Trouble.UNREACHABLE and ":" not in self._ip
        return connect.trouble is Trouble.TIMEOUT or no_route

    def _seen_from_here(self, plan: Plan, judged: EndpointReport) -> EndpointReport:
        """Say where a verdict may be due to our own place in the network."""
        # A message that was taken may still arrive, and the verdict be corrected to open.
        is_open = judged.judgement is not None and judged.judgement.verdict.is_open
        if not (is_open or judged.proofs) or not is_inside(plan, self._world.source(plan.ip)):
            return judged
        finding = Finding(Tag.VANTAGE_INSIDE, {"ip": plan.ip})
        return replace(judged, findings=(*judged.findings, finding))

    async def _prove(self, canary: Canary) -> None:
        """Repeat what was accepted with a message each, and await them at the canary."""
        sent = [
            (endpoint.port, nonce)
            for endpoint in self._board.address(self._ip).endpoints
            if (nonce := await self._hand_over(canary, endpoint))
        ]
        if sent:
            self._more_time(self._world.proof_s)
            self._await(Awaited.DELIVERY, for_s=self._world.proof_s)
            await asyncio.gather(*(self._await_arrivals(canary, *one) for one in sent))

    async def _hand_over(self, canary: Canary, endpoint: EndpointReport) -> str | None:
        """Send the proof messages of one endpoint; return their nonce, None without any."""
        plan = self._talks[endpoint.port].plan
        wanted = to_prove(plan, endpoint)
        if not wanted:
            return None
        if not await self._world.may_prove(self._ip, endpoint.port):
            refused = Finding(Tag.PROOF_TOO_SOON, {"ip": self._ip, "port": str(endpoint.port)})
            self._put(replace(endpoint, findings=(*endpoint.findings, refused)))
            return None
        # Of this endpoint alone: what arrives must not speak for another.
        nonce = self._world.new_nonce(f"prove {self._ip} {endpoint.port}")
        canary.expect(nonce)
        proofs: list[Proof] = []
        async with self._world.turns.turn(self._ip):
            for attempt in wanted:
                self._more_time(0)
                self._await(Awaited.DIALOGUE)
                proof = Proof(kind=attempt.kind, token=token(nonce, attempt.kind))
                lines = message(plan, attempt, proof.token, self._world.now())
                talk = ProofTalk(plan, find_transaction(plan, endpoint, attempt.kind), lines)
                said = await talk.hold(self._world.converse, tls=attempt.tls)
                proofs.append(replace(proof, exchanges=said))
        judged = judge(plan, endpoint.exchanges, tuple(proofs))
        self._put(self._seen_from_here(plan, judged))
        return nonce

    async def _await_arrivals(self, canary: Canary, port: int, nonce: str) -> None:
        """Wait for the first delivery, and for the others a little longer; judge anew."""
        (endpoint,) = (e for e in self._board.address(self._ip).endpoints if e.port == port)
        tokens = {proof.token for proof in endpoint.proofs if was_taken(proof)}

        def all_came(arrivals: tuple[Arrival, ...]) -> bool:
            return tokens <= {arrival.token for arrival in arrivals}

        def one_came(arrivals: tuple[Arrival, ...]) -> bool:
            return all_came(arrivals) or not all(arrival.is_bounce for arrival in arrivals)

        await canary.wait(nonce, one_came, self._world.proof_s)
        arrivals = await canary.wait(nonce, all_came, min(GRACE_S, self._world.proof_s))
        plan = self._talks[port].plan
        proofs = with_arrivals(endpoint.proofs, arrivals)
        self._put(self._seen_from_here(plan, judge(plan, endpoint.exchanges, proofs)))

    async def _stay_away(self, deferred: Iterable[EndpointReport]) -> None:
        """Wait as long as the servers ask for, as far as the settings allow."""
        named = [delay_s(endpoint) for endpoint in deferred]
        wait = min(max((d for d in named if d), default=self._world.wait_s), self._world.wait_s)
        self._more_time(wait)
        self._await(Awaited.RETRY, for_s=wait)
        await asyncio.sleep(wait)

    def _put(self, judged: EndpointReport) -> None:
        address = self._board.address(self._ip)
        endpoints = tuple(judged if e.port == judged.port else e for e in address.endpoints)
        self._board.set_address(replace(address, endpoints=endpoints))

    def _await(self, what: Awaited, *, for_s: float | None = None) -> None:
        now = self._world.now()
        until = None if for_s is None else now + timedelta(seconds=for_s)
        waiting = Waiting(self._host, what, self._ip, since=now, until=until)
        self._board.wait_for(waiting, host=self._host, ip=self._ip)


def _is_greylisted(endpoint: EndpointReport) -> bool:
    return endpoint.judgement is not None and endpoint.judgement.reason is Reason.GREYLISTED
