"""The child: asks what the parent wants to know, until the parent's end of the pipe closes.

Knows frames, the resolver and the SMTP edge. It decides nothing but the next step of a
conversation, by the rules of ``bot.relay``; whom it may talk to was decided before.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.apart.frames import MAX_LINE, Fault, Kind, Look, Opened, Talk, decode, encode
from bot.logs import about, start_log
from bot.network.resolver import make_resolver
from bot.network.smtp import Limits, Target, converse

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.apart.frames import Value
    from bot.model.exchange import Exchange
    from bot.network.resolver import Resolver

log = logging.getLogger(__name__)

# Acks come first: where processors are short, this process waits for the other.
_NICE = 5


class Child:
    """What is under way, by the number of its call."""

    def __init__(self, resolver: Resolver, out: asyncio.WriteTransport) -> None:
        self._resolver = resolver
        self._out = out
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self, frames: asyncio.StreamReader) -> None:
        """Do what the parent wants until it has no more to say; what is under way then is left."""
        try:
            while line := await frames.readline():
                self._take(*decode(line))
        finally:
            tasks = tuple(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, kind: Kind, call: int, value: Value) -> None:
        match value:
            case Look():
                self._start(call, value.check, self._look(call, value))
            case Talk():
                self._start(call, value.check, self._talk(call, value))
            case _ if kind is Kind.CANCEL and call in self._tasks:
                self._tasks[call].cancel()
            case _ if kind is Kind.PING:
                self._say(Kind.PONG, call)

    def _start(self, call: int, check: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(call, check, work))
        self._tasks[call] = task
        task.add_done_callback(lambda _: self._tasks.pop(call))

    async def _guarded(self, call: int, check: str, work: Coroutine[None, None, None]) -> None:
        """Let no fault of ours be the end of more than its own call."""
        with about(check):
            try:
                await work
            except Exception as fault:
                log.exception("a call failed")
                self._say(Kind.FAULT, call, Fault(repr(fault)))

    async def _look(self, call: int, wanted: Look) -> None:
        self._say(Kind.ANSWER, call, await self._resolver.ask(wanted.question))

    async def _talk(self, call: int, wanted: Talk) -> None:
        plan = wanted.script.plan

        def on_exchange(exchange: Exchange) -> None:
            self._say(Kind.EXCHANGE, call, exchange)

        target = Target(ip=plan.ip, port=plan.port, host=plan.mx_host)
        await converse(target, wanted.script, limits=Limits(), on_exchange=on_exchange)
        self._say(Kind.END, call)

    def _say(self, kind: Kind, call: int, value: Value | None = None) -> None:
        self._out.write(encode(kind, call, value))


async def run(read_fd: int, write_fd: int) -> None:
    """Serve over two pipes, by what the first frame says, until the first is closed."""
    loop = asyncio.get_running_loop()
    frames = asyncio.StreamReader(limit=MAX_LINE)
    incoming, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(frames), os.fdopen(read_fd, "rb")
    )
    out, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(write_fd, "wb"))
    try:
        if line := await frames.readline():
            _, _, opened = decode(line)
            assert isinstance(opened, Opened)  # noqa: S101 - the parent's first frame
            start_log(opened.log_level)
            async with aclosing(make_resolver(opened.resolver)) as resolver:
                await Child(resolver, out).serve(frames)
    finally:
        incoming.close()
        out.close()


def main() -> None:  # pragma: no cover - the child itself
    """Run the child. It ends when its parent does, or closes the pipe, and at no signal before."""
    for sign in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; the parent drains
        signal.signal(sign, signal.SIG_IGN)
    os.nice(_NICE)
    frames_out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no frame
    asyncio.run(run(sys.stdin.fileno(), frames_out))
