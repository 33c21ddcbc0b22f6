"""Lines of standard input as they come, for programs that feed domains one by one.

Reading blocks, so a daemon thread does it: one that waits for a line must not keep the process from
ending. It reads a file object of its own, since the interpreter locks ``sys.stdin`` when it ends.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TextIO

# What stands for standard input among arguments.
STDIN = "-"
# Longer than any domain in any wrapping; a longer line is cut, and then refused as a domain.
MAX_LINE = 8192
_AHEAD = 64


async def lines(descriptor: int = 0) -> AsyncIterator[str]:
    """Yield each line that is not blank, without its end, reading little more than is taken."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()
    slots = threading.Semaphore(_AHEAD)

    def read() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody takes lines any more
            with suppress(OSError), _open(descriptor) as source:
                while slots.acquire() and (line := source.readline(MAX_LINE)):
                    loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, "")

    threading.Thread(target=read, name="standard input", daemon=True).start()
    while line := await queue.get():
        slots.release()
        if line.strip():
            yield line.strip()


def _open(descriptor: int) -> TextIO:
    # What is not UTF-8 is replaced, and then refused as a domain.
    return open(descriptor, encoding="utf-8", errors="replace", closefd=False)
