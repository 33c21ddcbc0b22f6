"""Answers kept for as long as they hold, so that nobody is asked twice (RFC 1035 §3.2.1).

For those who ask strangers' servers about strangers' addresses, again and again: blocklists. A
check's own questions are not cached here, since a repair has to be seen at once. A look-up that
failed is kept for a minute (RFC 2308 §7.1 allows five), lest a dead server be asked all day.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.model.question import Answer, Question

FAILURE_S = 60
MAX_S = 86_400
SIZE = 50_000


class AnswerCache:
    """An ``ask`` that remembers, and asks once where many want to know at the same time."""

    def __init__(
        self,
        ask: Callable[[Question], Awaitable[Answer]],
        clock: Callable[[], float],
        size: int = SIZE,
    ) -> None:
        """Remember nothing yet.

        Args:
            ask: what to ask with.
            clock: seconds that never run backwards.
            size: answers kept; beyond, the oldest go.
        """
        self._ask = ask
        self._clock = clock
        self._size = size
        self._kept: dict[Question, tuple[float, Answer]] = {}
        self._asking: dict[Question, asyncio.Task[Answer]] = {}

    async def ask(self, question: Question) -> Answer:
        """Return an answer that still holds, or ask."""
        until, answer = self._kept.get(question, (0.0, None))
        if answer is not None and self._clock() < until:
            return answer
        if question not in self._asking:
            asking = asyncio.create_task(self._look_up(question))
            self._asking[question] = asking
            asking.add_done_callback(lambda _: self._asking.pop(question))
        return await asyncio.shield(self._asking[question])

    async def _look_up(self, question: Question) -> Answer:
        answer = await self._ask(question)
        holds = min(answer.ttl_s, MAX_S) if answer.status.is_definite else FAILURE_S
        self._kept.pop(question, None)  # the newest stand last
        self._kept[question] = self._clock() + holds, answer
        while len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]
        return answer
