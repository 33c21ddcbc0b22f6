"""All that a check needs of the world, as types: its edges, its clock, who it says it is.

Joined to the real edges in ``bot.world``; in tests, to a zone and to servers that answer from a
table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.policy.consent import AS_WANTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import Protocol

    from bot.model.exchange import Exchange
    from bot.model.question import Question
    from bot.model.report import EndpointReport, Vantage
    from bot.network.canary import Canary
    from bot.network.egress import Egress
    from bot.network.turns import Turns
    from bot.policy import Place, Ruling
    from bot.posture.walk import Ask, AskLists
    from bot.relay.attempts import Plan, Reused
    from bot.relay.dialogue import Step
    from bot.request import Request

    Script = Callable[[tuple[Exchange, ...]], Step | None]

    class Converse(Protocol):
        """The SMTP edge: play a script against the address and port of a plan."""

        async def __call__(
            self, plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
        ) -> tuple[Exchange, ...]:
            """Return every exchange, in order; the world's misbehaviour is among them as data."""


CHECK_S = 180.0
PROOF_S = 120.0


async def _always(_ip: str, _port: int) -> bool:
    return True


async def _as_wanted(_request: Request, _place: Place, _ask: Ask) -> Ruling:
    return AS_WANTED


@dataclass(frozen=True, slots=True)
class Gate:
    """What decides whether an address may be asked; without more said, every one is.

    Attributes:
        questions: what DNS will be asked about a domain or host for it, so that these look-ups
            run beside the others.
        admit: rules on an address right before its first connection, and takes note.
    """

    questions: Callable[[Request, str], tuple[Question, ...]] = lambda _request, _name: ()
    admit: Callable[[Request, Place, Ask], Awaitable[Ruling]] = _as_wanted


OPEN_GATE = Gate()


@dataclass(frozen=True, slots=True)
class Reuse:
    """The answers of endpoints that hold for other domains as well; without more said, none.

    Attributes:
        recall: what may be reused in a conversation that is about to begin.
        note: takes note of a conversation that is over.
    """

    recall: Callable[[Plan], Reused | None] = lambda _plan: None
    note: Callable[[Plan, EndpointReport], None] = lambda _plan, _judged: None


NO_REUSE = Reuse()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The surroundings of every check of this process.

    Attributes:
        ask: the DNS edge.
        ask_lists: what the blocklists say of an address; None: they are not asked.
        converse: the SMTP edge.
        turns: one connection at a time to an address.
        egress: remembers whether anybody answers us at a port.
        vantage: where the probe runs, and who it says it is.
        canary: where proof messages arrive; None: no proof by delivery.
        may_prove: whether an address and port may be sent proof messages now, and takes note.
        gate: whether an address may be asked: consent, policy, rates.
        reuse: what other conversations with an endpoint have brought lately.
        forbidden: names the class of an address that must not be contacted, or None.
        exempt: whether the operator's settings name the address; they then allow any port.
        source: the address that packets to an address leave from; None: not known.
        now: the clock.
        new_id: makes the id of a report.
        new_nonce: makes an unguessable label for a purpose; no other purpose's label tells it.
        ports: what is asked where a request names none.
        wait_s: how long a greylisting server is waited for before a second try; 0: not at all.
        proof_s: how long the arrival of a proof message is awaited.
        deadline_s: bounds a whole check, second tries apart; what is unanswered then timed out.
    """

    ask: Ask
    converse: Converse
    turns: Turns
    egress: Egress
    vantage: Vantage
    canary: Canary | None = None
    may_prove: Callable[[str, int], Awaitable[bool]] = _always
    gate: Gate = OPEN_GATE
    reuse: Reuse = NO_REUSE
    forbidden: Callable[[str], str | None]
    exempt: Callable[[str], bool]
    source: Callable[[str], str | None]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_nonce: Callable[[str], str]
    ask_lists: AskLists | None = None
    ports: Sequence[int] = (25,)
    wait_s: float = 0
    deadline_s: float = CHECK_S
    proof_s: float = PROOF_S


def asking_anew(world: World) -> World:
    """Return a world in which nothing is reused; what is learnt is noted for others."""
    return replace(world, reuse=replace(world.reuse, recall=NO_REUSE.recall))
