"""Work after an ack: tracked, done once, told about when it fails, awaited at the end.

A Bolt listener must not raise after its ack, and Bolt keeps no reference to it. So a listener
acknowledges, starts what is left to do here, and returns.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

from bot.jobs.recently import Recently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

REMEMBERED_S = 3600.0
# A process that ends tells those whose work it leaves undone, in no more than this.
LAST_WORDS_S = 2.0
_CUT_OFF = "relaycheck was stopped before that was done. Please try again in a moment."


class Afterwards:
    """What is left to do after acks. Construct it in a running event loop."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Remember keys by ``now``, a monotonic clock in seconds."""
        self._started: Recently[bool] = Recently(REMEMBERED_S, now)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self,
        key: str,
        work: Callable[[], Awaitable[None]],
        apologise: Callable[[str], Awaitable[None]],
    ) -> None:
        """Do some work soon, once for a key.

        Args:
            key: Names the act that the work follows from: a ``trigger_id`` or ``event_id``.
            work: What to do.
            apologise: Tells the person, in mrkdwn, that it failed.
        """
        if self._started.is_new(key, True):  # noqa: FBT003 - what is remembered
            task = asyncio.create_task(_done(work, apologise))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def drain(self, timeout_s: float) -> None:
        """Let what was started finish, for so many seconds; what does not is apologised for."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=LAST_WORDS_S)


async def _done(
    work: Callable[[], Awaitable[None]], apologise: Callable[[str], Awaitable[None]]
) -> None:
    try:
        await work()
    except asyncio.CancelledError:
        log.warning("work after an ack was cut off by the end of this process")
        await _apologise(apologise, _CUT_OFF)
        raise
    except Exception:
        error_id = secrets.token_hex(4)
        log.exception("work after an ack failed error_id=%s", error_id)
        await _apologise(
            apologise, f"That went wrong on our side. Error {error_id}: the log has it."
        )


async def _apologise(apologise: Callable[[str], Awaitable[None]], words: str) -> None:
    try:
        await apologise(words)
    except Exception:
        log.exception("apology not delivered: %s", words)
