"""The way through DNS: from a domain to its MX hosts, their addresses and their reverse DNS.

The one module of ``posture`` that waits. Each mechanism (``mx``, ``address``, ``ptr``) says what it
still wants to know and judges what came; the walk asks, side by side and with no barrier between
hosts or addresses, so that a check takes as long as its longest chain. ``ask`` is its only way to
the world. A question is asked once a check, however many ask for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from bot.model.question import Answer, AnswerStatus, Question
from bot.model.report import Listing
from bot.posture import address, mx, ptr
from bot.posture.limits import DEFAULT_LIMITS, Limits
from bot.posture.ptr import NOT_ASKED

if TYPE_CHECKING:
    from bot.model.domain_name import DomainName
    from bot.posture.address import HostAddresses
    from bot.posture.mx import MailRouting, MxHost
    from bot.posture.ptr import AddressPosture

Ask = Callable[[Question], Awaitable[Answer]]
AskLists = Callable[[str], Awaitable[tuple[Listing, ...]]]


class Walk:
    """One check's look-ups: memoised, single-flighted, bounded, recorded."""

    def __init__(
        self, ask: Ask, limits: Limits = DEFAULT_LIMITS, ask_lists: AskLists | None = None
    ) -> None:
        """Begin with nothing asked.

        Args:
            ask: the resolver.
            limits: the check's bounds.
            ask_lists: what the blocklists say of an address; None: they are not asked.
        """
        self._ask = ask
        self._ask_lists = ask_lists
        self._limits = limits
        self._answers: dict[Question, Answer] = {}
        self._asking: dict[Question, asyncio.Task[Answer]] = {}
        self._until: float | None = None
        self._routed: dict[str, MxHost] = {}
        self._taken: set[str] = set()
        self._beyond: set[str] = set()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Everything that was asked and answered so far, in the order of the answers."""
        return tuple(self._answers.values())

    async def mail_service(self, domain: DomainName) -> MailRouting:
        """Ask where the domain's mail goes: MX, and its own addresses where there is none."""
        await self._learn(lambda answers: mx.questions(domain, answers))
        routing = mx.judge(domain, self._answers, self._limits)
        self._routed |= {host.host: host for host in routing.hosts}
        return routing

    async def host(self, host: str) -> HostAddresses:
        """Ask for the addresses of a host that ``mail_service`` named; A and AAAA side by side.

        A host that is skipped by its name or its place is not asked for: the result says why. The
        check's limit of addresses is shared in the order in which hosts are answered.
        """
        routed = self._routed.get(host)
        if routed is not None and routed.skipped is not None:
            return address.HostAddresses(findings=routed.findings, skipped=routed.skipped)
        await self._learn(lambda answers: address.questions(host, answers))
        implicit = routed is not None and routed.preference is None
        found = address.judge(host, self._answers, self._limits, implicit=implicit)
        return self._within_the_check(found)

    async def address(self, ip: str) -> AddressPosture:
        """Ask for an address's PTR names, and for the forward look-up of each, side by side.

        An address that ``host`` put over the limit is not asked about: thousands of addresses of
        one host must not spend what the other hosts need.
        """
        if ip in self._beyond:
            return NOT_ASKED
        await self._learn(lambda answers: ptr.questions(ip, answers, self._limits))
        return ptr.judge(ip, self._answers, self._limits)

    async def listings(self, ip: str) -> tuple[Listing, ...]:
        """Ask the blocklists about an address; apart from ``address``, which never waits for them.

        What they have not said when the check's seconds are over is left out.
        """
        if self._ask_lists is None or ip in self._beyond:
            return ()
        try:
            async with asyncio.timeout_at(self._deadline()):
                return await self._ask_lists(ip)
        except TimeoutError:
            return ()

    def _within_the_check(self, found: HostAddresses) -> HostAddresses:
        """Take no more distinct addresses than one check may ask."""
        room = self._limits.addresses - len(self._taken)
        fresh = [ip for ip in found.addresses if ip not in self._taken]
        self._taken.update(fresh[:room])
        within = address.without(found, fresh[room:])
        self._beyond = (self._beyond | set(within.over_limit)) - self._taken
        return within

    def begin(self, questions: Iterable[Question]) -> None:
        """Let further look-ups begin, beside those that are under way; ``ask`` awaits them."""
        for question in questions:
            self._begin(question)

    async def ask(self, question: Question) -> Answer:
        """Ask one question, once a check like all others."""
        await self._once(question)
        return self._answers[question]

    async def _learn(
        self, questions: Callable[[Mapping[Question, Answer]], tuple[Question, ...]]
    ) -> None:
        """Ask, until there is no further question; each round needs the answers of the last."""
        while wanted := questions(self._answers):
            await asyncio.gather(*(self._once(question) for question in wanted))

    async def _once(self, question: Question) -> None:
        """Wait for the one look-up of a question; whoever stops waiting does not stop it."""
        self._begin(question)
        if question in self._asking:
            await asyncio.shield(self._asking[question])

    def _begin(self, question: Question) -> None:
        if question in self._asking:
            return
        if len(self._asking) < self._limits.lookups:
            self._asking[question] = asyncio.create_task(self._look_up(question))
            return
        detail = f"over {self._limits.lookups} look-ups in one check"
        self._record(Answer(question=question, status=AnswerStatus.NOT_ASKED, detail=detail))

    async def _look_up(self, question: Question) -> Answer:
        try:
            async with asyncio.timeout_at(self._deadline()):
                answer = await self._ask(question)
        except TimeoutError:
            detail = f"the {self._limits.seconds:g} s of DNS for one check were over"
            answer = Answer(question=question, status=AnswerStatus.TIMEOUT, detail=detail)
        return self._record(answer)

    def _deadline(self) -> float:
        """Return when the check's seconds are over, by the event loop's time."""
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._limits.seconds
        return self._until

    def _record(self, answer: Answer) -> Answer:
        return self._answers.setdefault(answer.question, answer)
