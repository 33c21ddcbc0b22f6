"""One conversation with one endpoint: played by the edge, judged by the rules, cut off in time.

Joins ``bot.network.smtp`` (handed in as ``Converse``) to ``bot.relay`` and knows no more than
these. What was heard before a check's deadline counts; what was not is a time-out, never safety.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.model.exchange import Exchange, Stage, Trouble
from bot.relay.dialogue import Send, SendMessage, StartTls
from bot.relay.script import HandingOver, Questions
from bot.relay.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.edges import Converse, Script
    from bot.model.report import EndpointReport
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.dialogue import Step


@dataclass(slots=True)
class Talk:
    """A conversation under way: its plan, and what was said so far."""

    plan: Plan
    said: list[Exchange] = field(default_factory=list)

    async def hold(
        self, converse: Converse, on_exchange: Callable[[Exchange], None]
    ) -> EndpointReport:
        """Hold the whole conversation and judge it; ``on_exchange`` hears each exchange at once.

        What the edge returns counts: it may have had to begin anew.
        """

        def note(exchange: Exchange) -> None:
            self.said.append(exchange)
            on_exchange(exchange)

        self.said[:] = await converse(self.plan, Questions(self.plan), note)
        return judge(self.plan, tuple(self.said))

    def cut_short(self, why: str) -> EndpointReport:
        """Judge what was heard; the command in flight has timed out."""
        stage, command = awaited(Questions(self.plan), self.said)
        end = Exchange(stage=stage, command=command, trouble=Trouble.TIMEOUT, detail=why)
        return judge(self.plan, (*self.said, end))


@dataclass(frozen=True, slots=True)
class ProofTalk:
    """The handing over of one proof message, in a connection of its own."""

    plan: Plan
    transaction: Transaction
    lines: tuple[str, ...]

    async def hold(self, converse: Converse, *, tls: bool) -> tuple[Exchange, ...]:
        """Hand the message over; return what was said. ``tls``: encrypt first (STARTTLS)."""
        script = HandingOver(self.plan, self.transaction, self.lines, tls)
        return await converse(self.plan, script, lambda _: None)


def awaited(script: Script, said: Sequence[Exchange]) -> tuple[Stage, str | None]:
    """Return what was awaited, and the command in flight, when a conversation ended unasked."""
    last = said[-1] if said else None
    if last is not None and last.trouble is None:
        greeted = any(e.stage is Stage.GREETING for e in _connection(said))
        if last.stage in (Stage.CONNECT, Stage.TLS) and not greeted:
            return Stage.GREETING, None  # it comes unasked (RFC 5321 §3.1)
        if last.stage is Stage.STARTTLS and last.reply and last.reply.code == 220:
            return Stage.TLS, None
    return _in_flight(script(tuple(said)))


def _connection(said: Sequence[Exchange]) -> Sequence[Exchange]:
    """Return what was said in the latest connection."""
    starts = [n for n, e in enumerate(said) if e.stage is Stage.CONNECT]
    return said[starts[-1] if starts else 0 :]


def _in_flight(step: Step | None) -> tuple[Stage, str | None]:
    """Return where a conversation stood that was ended while this step was being taken."""
    match step:
        case Send(commands):
            return Stage(commands[0].partition(" ")[0].lower()), commands[0]
        case StartTls():
            return Stage.STARTTLS, "STARTTLS"
        case SendMessage():
            return Stage.END_OF_DATA, "."
        case _:
            return Stage.CONNECT, None
