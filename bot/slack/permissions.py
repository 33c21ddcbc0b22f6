"""Who may do what in Slack: the rules of ``bot.policy`` and the rates, applied to each job.

A person's, a workspace's and the total rate are counted when a check is asked for; consent and the
rates of an address and its network when the address is about to be asked. Whoever is refused is
told why and when to come again, and the domain's DNS is looked at all the same. Where strangers'
servers call our own address blocklisted, probes pause (``bot.breaker``).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.breaker import breaker_of
from bot.edges import Gate, asking_anew
from bot.jobs.recently import Recently
from bot.model.neighbours import network_of
from bot.model.verdict import Reason
from bot.policy import Consent, Place, Rule, Ruling
from bot.settings import Named
from bot.slack.groups import Members
from bot.slack.rates import Full, Left, Scope, rates_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from bot.breaker import Pause
    from bot.edges import World
    from bot.jobs import Job
    from bot.model.question import Answer, Question
    from bot.model.report import Report
    from bot.posture.walk import Ask
    from bot.request import Request
    from bot.settings import ProbePolicy, Settings

log = logging.getLogger(__name__)

_ASKED_FOR_S = 3600.0
# A verification is looked up while somebody waits for the ack, which Slack gives three seconds.
LOOK_S = 2.0


class Permissions:
    """What the settings allow in Slack, and what has been used of it."""

    def __init__(self, settings: Settings, clock: Callable[[], float], ask: Ask) -> None:
        """Begin with nothing used.

        Args:
            settings: the policy, the operator's lists, and the rates.
            clock: a monotonic clock in seconds.
            ask: the DNS edge, for ``look_up``.
        """
        secret = settings.verify_secret
        vouched = settings.verified
        self._consent = Consent(
            team="",
            secret=secret.get_secret_value().encode() if secret else None,
            policy=settings.probe_policy,
            verified=Named((*vouched.networks, *settings.allow_networks), vouched.domains),
            opted_out=settings.opted_out,
        )
        self._rates = rates_of(settings)
        # The default rates are a courtesy to strangers. The networks that the operator let in are
        # no strangers: only a rate that is set counts there, too.
        self._own = settings.allow_networks
        self._spared = frozenset(
            scope
            for scope, name in ((Scope.ADDRESS, "rate_address"), (Scope.NETWORK, "rate_network"))
            if name not in settings.model_fields_set
        )
        self._breaker = breaker_of(settings)
        self.glass = Members(settings.break_glass, clock)
        self._ask = ask
        self._asked_for: Recently[bool] = Recently(_ASKED_FOR_S, clock)

    @property
    def policy(self) -> ProbePolicy:
        """Whose mail servers may be asked."""
        return self._consent.policy

    def consent(self, team: str) -> Consent:
        """Return what one workspace may do."""
        return replace(self._consent, team=team)

    async def count(self, job: Job) -> Full | None:
        """Count the probe that a job asks for; return the rate that is used up, if one is.

        A job that is delivered twice is counted once; one without a probe is not.
        """
        if not job.request.probe or not self._asked_for.is_new(job.key, value=True):
            return None
        return await self._rates.take(*_asking(job.destination.team, job.asker))

    async def admit_look(self, now: datetime) -> bool:
        """Count a look of a watch, against the rate for all checks alone; false: not now."""
        return self.pause(now) is None and await self._rates.take((Scope.TOTAL, "")) is None

    async def left(self, team: str, user: str) -> tuple[Left, ...]:
        """Return how many probes a person may still ask for, by each rate that is set."""
        return await self._rates.left(*_asking(team, user))

    async def count_broken_glass(self, team: str, domain: str) -> Full | None:
        """Count that the glass is broken for a domain; return the rate if it is used up."""
        return await self._rates.take((Scope.GLASS, f"{team} {domain}"))

    @property
    def memory(self) -> timedelta:
        """How old a report may be that still tells whether to pause."""
        return self._breaker.memory

    def recall(self, reports: Iterable[Report]) -> None:
        """Learn from the reports of an earlier process what servers said of us."""
        for report in reports:
            self._breaker.note(report)

    def note(self, report: Report | None, now: datetime) -> None:
        """Learn from a finished report what servers say of us; the log is told of a pause."""
        was_paused = self.pause(now) is not None
        if report is not None:
            self._breaker.note(report)
        if (pause := self.pause(now)) and not was_paused:
            log.warning("probes pause: %s", pause.why)

    def pause(self, now: datetime) -> Pause | None:
        """Return the pause that holds now, if one does."""
        return self._breaker.pause(now)

    def apply(self, world: World, job: Job) -> World:
        """Return the world as a job may deal with it.

        Who checks again wants to know how it is now (contract, Limits: reuse), and one look of a
        watch must not be confirmed by the answers to another.
        """
        world = asking_anew(world) if job.again or job.watch else world
        return replace(world, gate=self._gate(job, world.now))

    async def is_verified(self, team: str, name: str) -> bool | None:
        """Whether a workspace has shown that a name is its own; None where DNS was too slow."""
        answers = await self.look_up(team, name)
        return None if answers is None else self.consent(team).is_verified(name, answers)

    async def look_up(self, team: str, name: str) -> dict[Question, Answer] | None:
        """Return what DNS says of a name's verification, the nearest name first; None: too slow."""
        questions = self.consent(team).proofs(name)
        try:
            async with asyncio.timeout(LOOK_S):
                answers = await asyncio.gather(*map(self._ask, questions))
        except TimeoutError:
            return None
        return dict(zip(questions, answers, strict=True))

    def _gate(self, job: Job, now: Callable[[], datetime]) -> Gate:
        consent = self.consent(job.destination.team)
        networks: set[str] = set()

        def questions(request: Request, name: str) -> tuple[Question, ...]:
            return () if job.withheld else consent.questions(name, more=_wants_more(request))

        async def admit(request: Request, place: Place, ask: Ask) -> Ruling:
            if job.withheld:
                return Ruling(Reason.POLICY, rule=Rule.RATE, why=job.withheld)
            wanted = (*questions(request, place.domain), *questions(request, place.host))
            answers = await asyncio.gather(*map(ask, wanted))
            known = {answer.question: answer for answer in answers}
            ruling = consent.rule(
                place, known, more=_wants_more(request), glass_broken=job.glass is not None
            )
            if ruling.refused is None and (pause := self._breaker.pause(now(), place.ip)):
                return Ruling(Reason.POLICY, rule=Rule.BREAKER, why=pause.why)
            full = None if ruling.refused else await self._take(place.ip, networks)
            return Ruling(Reason.POLICY, rule=Rule.RATE, why=full.why) if full else ruling

        return Gate(questions, admit)

    def _is_own(self, ip: str) -> bool:
        address = ipaddress.ip_address(ip)
        return any(address in network for network in self._own)

    async def _take(self, ip: str, networks: set[str]) -> Full | None:
        """Count an address, and its network once in a check (``networks``)."""
        network = network_of(ip)
        keys = [(Scope.ADDRESS, ip)]
        keys += [] if network in networks else [(Scope.NETWORK, network)]
        spared = self._spared if self._is_own(ip) else frozenset()
        full = await self._rates.take(*(key for key in keys if key[0] not in spared))
        if full is None:
            networks.add(network)
        return full


def _asking(team: str, user: str) -> tuple[tuple[Scope, str], ...]:
    """Return what a probe is counted by when it is asked for."""
    return (Scope.USER, f"{team} {user}"), (Scope.WORKSPACE, team), (Scope.TOTAL, "")


def _wants_more(request: Request) -> bool:
    return request.variants or request.prove
