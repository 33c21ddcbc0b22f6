"""Consent to being probed: who does not want it, and who has shown that a name is theirs.

Opt-out: a TXT record at ``_relaycheck-optout`` below the domain or the MX host, or the operator's
list. Verification: a TXT record at ``_relaycheck`` below a name holds the token of the workspace
that asks, and covers all names below it; or the operator vouches. Pure: knows which questions to
put to DNS and what the answers mean, and asks nobody. For checks from Slack alone: who uses the
command line is the operator.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model.question import AnswerStatus, QType, Question
from bot.model.verdict import Reason
from bot.policy.words import Withheld, withheld
from bot.settings import Named, ProbePolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.model.question import Answer

OPT_OUT = "_relaycheck-optout"
VERIFY = "_relaycheck"
# A record below a host name is looked for at so many of the names above it.
_LEVELS = 4
_DIGITS = 32
SHARED: tuple[str, ...] = tuple(
    tomllib.loads(Path(__file__).with_name("providers.toml").read_text("utf-8"))["shared"]
)

NOBODY = Named()


class Rule(StrEnum):
    """Which rule keeps an address from being asked what was wanted; a word of the report."""

    OFF = "off"
    OPT_OUT = "opt_out"
    SHARED = "shared"
    VERIFICATION = "verification"
    RATE = "rate"
    BREAKER = "breaker"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What may be asked: ``refused`` None: the relay question; ``plainly``: no more than that.

    ``rule`` names the rule and ``why`` says it in words, where less is asked than was wanted.
    """

    refused: Reason | None = None
    plainly: bool = False
    rule: Rule | None = None
    why: str = ""


AS_WANTED = Ruling()


@dataclass(frozen=True, slots=True)
class Place:
    """An address, the MX host that it was found under, and the domain whose mail goes there."""

    domain: str
    host: str
    ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What one workspace may do, by the settings.

    Attributes:
        team: the workspace that asks.
        secret: what tokens are made with; None: no token verifies anything.
        policy: whose mail servers may be asked.
        verified: what the operator vouches for.
        opted_out: who told the operator that they do not want to be asked.
    """

    team: str
    secret: bytes | None = None
    policy: ProbePolicy = ProbePolicy.ANYONE
    verified: Named = NOBODY
    opted_out: Named = NOBODY

    def token(self, name: str) -> str:
        """Return what this workspace publishes to show that a name is its own.

        Raises:
            ValueError: there is no secret to make it with.
        """
        if self.secret is None:
            raise ValueError("RELAYCHECK_VERIFY_SECRET is not set")
        proved = f"{self.team}\0{name}".encode()
        return hmac.new(self.secret, proved, hashlib.sha256).hexdigest()[:_DIGITS]

    def questions(self, name: str, *, more: bool) -> tuple[Question, ...]:
        """Return what DNS is to be asked about a domain or host before it may be probed.

        ``more``: whether ``--variants`` or ``--prove`` was asked for.
        """
        if self.policy is ProbePolicy.OFF:
            return ()
        opt_out = Question(f"{OPT_OUT}.{name}", QType.TXT)
        return (opt_out, *(self.proofs(name) if self._must_verify(more=more) else ()))

    def proofs(self, name: str) -> tuple[Question, ...]:
        """Return the questions whose answers verify a name: one for it and each name above it."""
        if self.secret is None:
            return ()
        return tuple(Question(f"{VERIFY}.{each}", QType.TXT) for each in _upwards(name))

    def rule(
        self,
        place: Place,
        answers: Mapping[Question, Answer],
        *,
        more: bool,
        glass_broken: bool = False,
    ) -> Ruling:
        """Say what may be asked of an address, once the questions are answered.

        Who does not want to be asked is not, whatever else holds. A record that could not be
        learnt neither forbids nor permits.

        Args:
            place: whom to ask.
            answers: those to ``questions`` about the domain and the host.
            more: whether ``--variants`` or ``--prove`` was asked for.
            glass_broken: somebody who may do so in need stands in for the missing verification,
                and for nothing else.
        """
        domain, host, ip = place.domain, place.host, place.ip
        if self.policy is ProbePolicy.OFF:
            return Ruling(Reason.POLICY, rule=Rule.OFF, why=withheld(Withheld.OFF))
        if _is_named(self.opted_out, (domain, host), ip) or any(
            _has_opted_out(answers.get(Question(f"{OPT_OUT}.{name}", QType.TXT)))
            for name in (domain, host)
        ):
            return Ruling(Reason.OPTED_OUT, rule=Rule.OPT_OUT, why=withheld(Withheld.OPT_OUT))
        if not self._must_verify(more=more) or _is_named(self.verified, (host,), ip):
            return AS_WANTED
        ruling = self._unless_verified(domain, host, answers)
        return AS_WANTED if glass_broken and ruling.rule is Rule.VERIFICATION else ruling

    def is_verified(self, name: str, answers: Mapping[Question, Answer]) -> bool:
        """Whether the operator vouches for a name, or it or a name above it has the token."""
        return self.vouched(name) or self.proved_at(name, answers) is not None

    def vouched(self, name: str) -> bool:
        """Whether the operator vouches for a name, or for one above it."""
        return _is_named(self.verified, (name,))

    def proved_at(self, name: str, answers: Mapping[Question, Answer]) -> str | None:
        """Return the nearest name that has the token and covers a name: itself, or one above it."""
        if self.secret is None:
            return None
        for each in _upwards(name):
            if self.token(each) in _texts(answers.get(Question(f"{VERIFY}.{each}", QType.TXT))):
                return each
        return None

    def _must_verify(self, *, more: bool) -> bool:
        return more or self.policy is ProbePolicy.VERIFIED

    def _unless_verified(
        self, domain: str, host: str, answers: Mapping[Question, Answer]
    ) -> Ruling:
        """Hold back what only those may ask for who have shown that domain and host are theirs."""
        is_shared = any(is_below(host, provider) for provider in SHARED)
        unverified = [name for name in (domain, host) if not self.is_verified(name, answers)]
        if not unverified and not is_shared:
            return AS_WANTED
        rule = Rule.SHARED if is_shared else Rule.VERIFICATION
        named = {} if is_shared else {"name": unverified[0]}
        if self.policy is ProbePolicy.VERIFIED:
            why = Withheld.SHARED if is_shared else Withheld.UNVERIFIED
            return Ruling(Reason.POLICY, rule=rule, why=withheld(why, **named))
        why = Withheld.SHARED_PLAINLY if is_shared else Withheld.UNVERIFIED_PLAINLY
        return Ruling(plainly=True, rule=rule, why=withheld(why, **named))


def is_below(name: str, domain: str) -> bool:
    """Whether a name is a domain or stands below it."""
    return name == domain or name.endswith(f".{domain}")


def _is_named(named: Named, names: Iterable[str], ip: str = "") -> bool:
    if any(is_below(name, domain) for name in names for domain in named.domains):
        return True
    return bool(ip) and any(ipaddress.ip_address(ip) in network for network in named.networks)


def _upwards(name: str) -> tuple[str, ...]:
    """Return a name and those above it, the top level left out; the nearest few of a deep one."""
    labels = name.split(".")
    return tuple(".".join(labels[start:]) for start in range(max(1, len(labels) - 1)))[:_LEVELS]


def _texts(answer: Answer | None) -> tuple[str, ...]:
    is_there = answer is not None and answer.status is AnswerStatus.RECORDS
    return tuple(text.strip() for text in answer.records) if answer and is_there else ()


def _has_opted_out(answer: Answer | None) -> bool:
    """Whether there is any TXT record, one of SPF or the like apart: a wildcard of the zone's."""
    return any(not text.lower().startswith("v=") for text in _texts(answer))
