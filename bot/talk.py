"""One conversation with one endpoint: played by the edge, judged by the rules, cut off in time.

Joins ``bot.network.smtp`` (handed in as ``Converse``) to ``bot.relay`` and knows no more than
these. What was heard before a check's deadline counts; what was not is a time-out, never safety.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.model.exchange import Exchange, Stage, Trouble
from bot.relay.dialogue import Send, StartTls, Step, next_step
from bot.relay.proof import next_proof_step
from bot.relay.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.edges import Converse
    from bot.model.report import EndpointReport
    from bot.relay.attempts import Plan, Transaction


@dataclass(slots=True)
class Talk:
    """A conversation under way: its plan, and what was said so far."""

    plan: Plan
    said: list[Exchange] = field(default_factory=list)

    async def hold(
        self, converse: Converse, on_exchange: Callable[[Exchange], None]
    ) -> EndpointReport:
        """Hold the whole conversation and judge it; ``on_exchange`` hears each exchange at once."""

        def note(exchange: Exchange) -> None:
            self.said.append(exchange)
            on_exchange(exchange)

        await converse(self.plan, lambda said: next_step(self.plan, said), note)
        return judge(self.plan, tuple(self.said))

    def cut_short(self, why: str) -> EndpointReport:
        """Judge what was heard; the command in flight has timed out."""
        stage, command = self._awaited()
        end = Exchange(stage=stage, command=command, trouble=Trouble.TIMEOUT, detail=why)
        return judge(self.plan, (*self.said, end))

    def _awaited(self) -> tuple[Stage, str | None]:
        """Return what is awaited after all that was said."""
        last = self.said[-1] if self.said else None
        if last is not None and last.trouble is None:
            greeted = any(e.stage is Stage.GREETING for e in self._connection())
            if last.stage in (Stage.CONNECT, Stage.TLS) and not greeted:
                return Stage.GREETING, None  # it comes unasked (RFC 5321 §3.1)
            if last.stage is Stage.STARTTLS and last.reply and last.reply.code == 220:
                return Stage.TLS, None
        return _in_flight(next_step(self.plan, tuple(self.said)))

    def _connection(self) -> list[Exchange]:
        """Return what was said in the latest connection."""
        starts = [n for n, e in enumerate(self.said) if e.stage is Stage.CONNECT]
        return self.said[starts[-1] if starts else 0 :]


@dataclass(frozen=True, slots=True)
class ProofTalk:
    """The handing over of one proof message, in a connection of its own."""

    plan: Plan
    transaction: Transaction
    lines: tuple[str, ...]

    async def hold(self, converse: Converse, *, tls: bool) -> tuple[Exchange, ...]:
        """Hand the message over; return what was said. ``tls``: encrypt first (STARTTLS)."""

        def script(said: tuple[Exchange, ...]) -> Step | None:
            return next_proof_step(self.plan, self.transaction, self.lines, said, tls=tls)

        return await converse(self.plan, script, lambda _: None)


def _in_flight(step: Step | None) -> tuple[Stage, str | None]:
    """Return where a conversation stood that was ended while this step was being taken."""
    match step:
        case Send(commands):
            return Stage(commands[0].partition(" ")[0].lower()), commands[0]
        case StartTls():
            return Stage.STARTTLS, "STARTTLS"
        case _:
            return Stage.CONNECT, None
