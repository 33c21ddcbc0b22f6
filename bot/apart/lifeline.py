"""The child kept alive, and the line to it: frames go in, frames come out, and nothing is lost.

Knows processes and pipes, and not what is said over them. The child is told no more than the first
frame says, and inherits an environment without a setting in it. One that ends or hangs is replaced;
what it had not answered is told as lost, to whoever waits for it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.apart.frames import MAX_LINE, Kind, decode, encode
from bot.settings import bare_environment

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from bot.apart.frames import Opened, Value

log = logging.getLogger(__name__)

PING_S = 5.0
# A child that answers nothing for so long is stuck: its longest work is a few tenths of a second.
HUNG_S = 30.0
_PAUSE_S, _PAUSE_MAX_S = 0.2, 10.0
_LEAVE_S = 2.0
# Frames that are taken before others in this process have their turn.
_AT_ONCE = 20


class Lifeline:
    """One child at a time. Construct it in a running event loop.

    Attributes:
        up: set while there is a child that can be told something.
    """

    def __init__(
        self, opened: Opened, hear: Callable[[int, Value], None], lose: Callable[[], None]
    ) -> None:
        """Begin without a child; ``keep`` starts one.

        Args:
            opened: what each child is told first.
            hear: told what the child says, by the number of the call.
            lose: told that a child ended: what it has not said it will not say.
        """
        self.up = asyncio.Event()
        self._opened = opened
        self._hear = hear
        self._lose = lose
        self._child: Process | None = None
        self._ponged = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process id of the child; None while there is none."""
        return self._child.pid if self._child else None

    def say(self, kind: Kind, number: int, value: Value | None = None) -> None:
        """Tell the child; one that is ending hears nothing, and its calls are told as lost."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.write(encode(kind, number, value))

    async def keep(self) -> None:
        """Run a child, and the next one after its end, until cancelled."""
        now, pause_s = asyncio.get_running_loop().time, _PAUSE_S
        while True:
            began = now()
            try:
                await self._live()
            except OSError:  # no memory, no more processes
                log.exception("no process could be started")
            pause_s = _PAUSE_S if now() - began > _PAUSE_MAX_S else min(2 * pause_s, _PAUSE_MAX_S)
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
        self.say(Kind.OPEN, 0, self._opened)
        self.up.set()
        watching = asyncio.create_task(self._watch(child))
        try:
            await self._listen(child)
        finally:
            watching.cancel()
            self.up.clear()
            self._child = None
            self._lose()
            await _whatever_comes(asyncio.create_task(_end(child)))

    async def _listen(self, child: Process) -> None:
        """Take frames until there are no more, a few at once: others wait for the loop as well."""
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        for count in itertools.count(1):
            try:
                line = await child.stdout.readline()
                if not line.endswith(b"\n"):  # the end, perhaps in the middle of a frame
                    return
                kind, number, value = decode(line)
            except ValueError:
                log.exception("what the child says is no frame; it is ended")
                return
            if kind is Kind.PONG:
                self._ponged.set()
            else:
                self._hear(number, value)
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _watch(self, child: Process) -> None:
        """Put an end to a child that answers nothing any more."""
        while True:
            await asyncio.sleep(PING_S)
            self._ponged.clear()
            self.say(Kind.PING, 0)
            try:
                async with asyncio.timeout(HUNG_S):
                    await self._ponged.wait()
            except TimeoutError:
                log.exception("the process that asks DNS and mail servers hangs; it is ended")
                child.kill()
                return


async def _whatever_comes(ending: asyncio.Task[None]) -> None:
    """Await an end; whoever cancels us meanwhile waits for it, too."""
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise


async def _end(child: Process) -> None:
    """Let a child leave by closing its pipe; end it where it does not."""
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    child.stdin.close()
    try:
        async with asyncio.timeout(_LEAVE_S):
            await child.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
