"""Reading of giant DNS answers, in a process of its own, so that no answer holds up others.

An answer of 64 KiB takes a fifth of a second of processor time to read, and whoever runs a zone may
have hundreds of them asked for at once. In a thread it would still take the interpreter from the
event loop. So one process of low priority reads whatever is long; what it does not get through in
the time of a look-up is a time-out, of these look-ups alone. It ends with the process that it
serves, however that ends. Knows bytes and replies, no socket.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from bot.network import dns_message
from bot.network.dns_message import MalformedReply

if TYPE_CHECKING:
    from bot.network.dns_message import Query, Reply

READ_AT_ONCE = 2048  # bytes; some hundred records, a few milliseconds
_NICE = 10


async def read(query: Query, wire: bytes) -> Reply:
    """Read a reply that ``query.is_answered_by``; the caller bounds the wait.

    Raises:
        MalformedReply: it breaks the format, or brought its reader down.
    """
    if len(wire) <= READ_AT_ONCE:
        return dns_message.read(query, wire)
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_reader(), dns_message.read, query, wire)
    except BrokenExecutor as fault:
        _reader.cache_clear()  # the next long answer has a new one
        raise MalformedReply("it brought its reader down") from fault


@lru_cache(maxsize=1)
def _reader() -> ProcessPoolExecutor:
    """Return the process, which is started with its first answer."""
    return ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_settle
    )


def _settle() -> None:  # pragma: no cover - runs in the reader
    """Be the last in the queue for a processor, and end with the parent, and only with it."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:  # pragma: no cover - likewise
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
