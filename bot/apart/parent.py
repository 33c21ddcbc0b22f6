"""The parent's side: the edges of a check, as calls to the child.

Knows no socket and no process. A call that the child did not live to answer is made again, to the
next child; one that three children did not live to answer is told as data, like all that goes
wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.apart.frames import Fault, Kind, Look, Opened, Talk
from bot.apart.lifeline import Lifeline
from bot.logs import current_check
from bot.model.exchange import Exchange, Trouble
from bot.model.question import Answer, AnswerStatus
from bot.relay.script import HandingOver, Questions
from bot.talk import awaited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.apart.frames import Value
    from bot.edges import Script
    from bot.model.question import Question
    from bot.relay.attempts import Plan

TRIES = 3
# So long is a child waited for; it takes half a second to start.
START_S = 15.0
_GONE = "relaycheck's own process for this ended: its log says why"


class _GoneError(Exception):
    """The child did not live to answer."""


@dataclass(frozen=True, slots=True)
class _Call:
    done: asyncio.Future[Value]
    on_exchange: Callable[[Exchange], None]


class Apart:
    """The calls that the child has not answered. Construct it in a running event loop."""

    def __init__(self, resolver: str) -> None:
        """Begin with none; ``resolver`` is the setting."""
        opened = Opened(resolver, logging.getLogger().getEffectiveLevel())
        self.lifeline = Lifeline(opened, self._hear, self._lose)
        self._numbers = itertools.count(1)
        self._calls: dict[int, _Call] = {}

    async def ask(self, question: Question) -> Answer:
        """Ask DNS."""
        look = Look(question, current_check())
        try:
            answer = await self._call(Kind.ASK, look, lambda _: None)
        except _GoneError:
            return Answer(question=question, status=AnswerStatus.UNREACHABLE, detail=_GONE)
        assert isinstance(answer, Answer)  # noqa: S101 - what an ask is answered with
        return answer

    async def converse(
        self,
        plan: Plan,  # noqa: ARG002 - the script has it, too
        script: Script,
        on_exchange: Callable[[Exchange], None],
    ) -> tuple[Exchange, ...]:
        """Hold a conversation; ``on_exchange`` hears those that were cut off as well.

        Raises:
            TypeError: the script is none of ``bot.relay.script``'s.
        """
        if not isinstance(script, Questions | HandingOver):
            raise TypeError(f"{script!r} cannot be sent to another process")
        said: list[Exchange] = []

        def note(exchange: Exchange) -> None:
            said.append(exchange)
            on_exchange(exchange)

        talk = Talk(script, current_check())
        # A message that may have been taken is not sent twice.
        tries = 1 if isinstance(script, HandingOver) else TRIES
        try:
            await self._call(Kind.CONVERSE, talk, note, begin=said.clear, tries=tries)
        except _GoneError:
            stage, command = awaited(script, said)
            note(Exchange(stage=stage, command=command, trouble=Trouble.DROPPED, detail=_GONE))
        return tuple(said)

    async def _call(
        self,
        kind: Kind,
        value: Value,
        on_exchange: Callable[[Exchange], None],
        *,
        begin: Callable[[], None] = lambda: None,
        tries: int = TRIES,
    ) -> Value:
        """Call the child, and the next one where it dies; ``begin`` is told of each try."""
        for _ in range(tries):
            if not await self._is_up():
                break
            begin()
            call = _Call(asyncio.get_running_loop().create_future(), on_exchange)
            number = next(self._numbers)
            self._calls[number] = call
            try:
                self.lifeline.say(kind, number, value)
                return await call.done
            except asyncio.CancelledError:
                self.lifeline.say(Kind.CANCEL, number)
                raise
            except _GoneError:
                continue
            finally:
                del self._calls[number]
        raise _GoneError

    async def _is_up(self) -> bool:
        if self.lifeline.up.is_set():
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self.lifeline.up.wait()
        return self.lifeline.up.is_set()

    def _hear(self, number: int, value: Value) -> None:
        call = self._calls.get(number)
        if call is None or call.done.done():  # cancelled meanwhile
            return
        if isinstance(value, Exchange):
            try:
                call.on_exchange(value)
            except Exception as fault:  # noqa: BLE001 - of who called, who is to have it
                call.done.set_exception(fault)
        elif isinstance(value, Fault):
            call.done.set_exception(RuntimeError(f"in the child: {value.why}"))
        else:
            call.done.set_result(value)

    def _lose(self) -> None:
        for call in self._calls.values():
            if not call.done.done():
                call.done.set_exception(_GoneError())


@asynccontextmanager
async def open_apart(resolver: str) -> AsyncIterator[Apart]:
    """Keep a child while the block runs; it is started meanwhile, and calls wait for it."""
    apart = Apart(resolver)
    keeping = asyncio.create_task(apart.lifeline.keep())
    try:
        yield apart
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
