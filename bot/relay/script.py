"""The two conversations that we hold, as data: so that another process can play them.

Each is called with all that was said so far, and returns the next step; None ends it. What it
decides is ``dialogue``'s and ``proof``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.relay.dialogue import next_step
from bot.relay.proof import next_proof_step

if TYPE_CHECKING:
    from bot.model.exchange import Exchange
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.dialogue import Step


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks an endpoint what its plan says."""

    plan: Plan

    def __call__(self, said: tuple[Exchange, ...]) -> Step | None:
        """Return what to do next."""
        return next_step(self.plan, said)


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Hands over one proof message; ``tls``: after STARTTLS."""

    plan: Plan
    transaction: Transaction
    lines: tuple[str, ...]
    tls: bool

    def __call__(self, said: tuple[Exchange, ...]) -> Step | None:
        """Return what to do next."""
        return next_proof_step(self.plan, self.transaction, self.lines, said, tls=self.tls)
