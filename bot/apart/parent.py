"""The parent's side: the edges of a check, as calls to the child; and the child kept alive.

Knows no socket. A call that the child did not live to answer is made again, to the next child; one
that three children did not live to answer has its end told as data, like all that goes wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.apart.frames import MAX_LINE, Fault, Kind, Look, Opened, Talk, decode, encode
from bot.logs import current_check
from bot.model.exchange import Exchange, Trouble
from bot.model.question import Answer, AnswerStatus
from bot.relay.script import HandingOver, Questions
from bot.settings import bare_environment
from bot.talk import awaited

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable

    from bot.apart.frames import Value
    from bot.edges import Script
    from bot.model.question import Question
    from bot.relay.attempts import Plan

log = logging.getLogger(__name__)

TRIES = 3
START_S = 15.0
PING_S = 5.0
# A child that answers nothing for so long is stuck: its longest work is a few tenths of a second.
HUNG_S = 30.0
_PAUSE_S, _PAUSE_MAX_S = 0.2, 10.0
_LEAVE_S = 2.0
# Frames that are taken before others in this process have their turn.
_AT_ONCE = 20
_GONE = "relaycheck's own process for this ended, several times: its log says why"


class _GoneError(Exception):
    """The child did not live to answer."""


@dataclass(slots=True)
class _Call:
    done: asyncio.Future[Value]
    on_exchange: Callable[[Exchange], None]


class Apart:
    """The child, and the calls that it has not answered. Construct it in a running event loop."""

    def __init__(self, resolver: str) -> None:
        """Begin without a child; ``keep`` starts one. ``resolver``: the setting."""
        self._opened = Opened(resolver, logging.getLogger().getEffectiveLevel())
        self._numbers = itertools.count()
        self._calls: dict[int, _Call] = {}
        self._child: Process | None = None
        self._up = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process id of the child; None while there is none."""
        return self._child.pid if self._child and self._up.is_set() else None

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
        try:
            await self._call(Kind.CONVERSE, talk, note, begin=said.clear)
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
    ) -> Value:
        """Call the child, and the next one where it dies; ``begin`` is told of each try."""
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(START_S):
                    await self._up.wait()
            except TimeoutError:
                break
            begin()
            call, number = self._new_call(on_exchange)
            try:
                self._say(kind, number, value)
                return await call.done
            except asyncio.CancelledError:
                self._say(Kind.CANCEL, number)
                raise
            except _GoneError:
                continue
            finally:
                del self._calls[number]
        raise _GoneError

    def _new_call(self, on_exchange: Callable[[Exchange], None]) -> tuple[_Call, int]:
        number = next(self._numbers)
        call = _Call(asyncio.get_running_loop().create_future(), on_exchange)
        self._calls[number] = call
        return call, number

    def _say(self, kind: Kind, number: int, value: Value | None = None) -> None:
        """Tell the child; one that is dying hears nothing, and its calls are made again."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.write(encode(kind, number, value))

    async def keep(self) -> None:
        """Run a child, and the next one after its end, until cancelled."""
        loop, pause_s = asyncio.get_running_loop(), _PAUSE_S
        while True:
            began = loop.time()
            try:
                await self._live()
            except OSError:  # no memory, no more processes
                log.exception("no process could be started")
            lived_s = loop.time() - began
            pause_s = _PAUSE_S if lived_s > _PAUSE_MAX_S else min(2 * pause_s, _PAUSE_MAX_S)
            log.error("the process that asks DNS and mail servers ended; the next is started")
            await asyncio.sleep(pause_s)

    async def _live(self) -> None:
        """Run one child from its start to its end."""
        self._child = child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.apart"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(bot.__file__).parent.parent,
            env=bare_environment(),
            limit=MAX_LINE,
        )
        self._say(Kind.OPEN, next(self._numbers), self._opened)
        self._up.set()
        watching = asyncio.create_task(self._watch(child))
        try:
            await self._hear(child)
        finally:
            watching.cancel()
            self._up.clear()
            self._child = None
            for call in self._calls.values():
                if not call.done.done():
                    call.done.set_exception(_GoneError())
            await _end(child)

    async def _hear(self, child: Process) -> None:
        """Take frames until there are no more, a few at once: others wait for the loop as well."""
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        for count in itertools.count(1):
            try:
                line = await child.stdout.readline()
                if not line.endswith(b"\n"):  # the end, perhaps in the middle of a frame
                    return
                _, number, value = decode(line)
                self._take(number, value)
            except ValueError:
                log.exception("no frame")
                return
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _take(self, number: int, value: Value) -> None:
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

    async def _watch(self, child: Process) -> None:
        """Put an end to a child that answers nothing any more."""
        while True:
            await asyncio.sleep(PING_S)
            call, number = self._new_call(lambda _: None)
            try:
                self._say(Kind.PING, number)
                async with asyncio.timeout(HUNG_S):
                    await call.done
            except TimeoutError:
                log.exception("the process that asks DNS and mail servers hangs; it is ended")
                child.kill()
                return
            except _GoneError:
                return
            finally:
                del self._calls[number]


async def _end(child: Process) -> None:
    """Let a child leave by closing its pipe; end it where it does not."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(_LEAVE_S):
            await child.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


@asynccontextmanager
async def open_apart(resolver: str) -> AsyncIterator[Apart]:
    """Keep a child while the block runs; it is started meanwhile, and calls wait for it."""
    apart = Apart(resolver)
    keeping = asyncio.create_task(apart.keep())
    try:
        yield apart
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
