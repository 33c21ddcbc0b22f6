"""What endpoints answered lately, for the next domain behind them; in this process alone.

Which answers those are, and for how long they hold, is ``bot.relay.reuse``'s to say.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

from bot.relay.attempts import Reused
from bot.relay.reuse import FRESH_S, endpoint_of, to_reuse

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from bot.model.report import Attempt, EndpointReport
    from bot.relay.attempts import Plan

MOST = 10_000


class Answered:
    """The latest answers of each endpoint; ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._latest: OrderedDict[Hashable, tuple[float, tuple[Attempt, ...]]] = OrderedDict()

    def recall(self, plan: Plan) -> Reused | None:
        """Return what an endpoint answered, where that is still fresh; its age is never 0."""
        at, attempts = self._latest.get(endpoint_of(plan), (0.0, ()))
        age_s = max(1, math.ceil(self._clock() - at))
        return Reused(attempts, age_s) if attempts and age_s <= FRESH_S else None

    def note(self, plan: Plan, judged: EndpointReport) -> None:
        """Remember what a conversation brought, in place of what was known of its endpoint.

        One that reused what is known leaves it as it is, age and all.
        """
        if judged.age_s:
            return
        name = endpoint_of(plan)
        self._latest.pop(name, None)
        if attempts := to_reuse(plan, judged):
            self._latest[name] = self._clock(), attempts
        while len(self._latest) > MOST:
            self._latest.popitem(last=False)
