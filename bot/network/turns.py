"""One connection at a time to any one address, whoever asks (contract, Limits)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Turns:
    """Gives each address to one holder at a time, in the order of asking, and forgets idle ones."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._asking: dict[str, int] = {}

    def is_taken(self, ip: str) -> bool:
        """Whether somebody holds the address now."""
        return ip in self._locks and self._locks[ip].locked()

    @asynccontextmanager
    async def turn(self, ip: str) -> AsyncIterator[None]:
        """Wait for the address and hold it; the caller bounds the wait."""
        lock = self._locks.setdefault(ip, asyncio.Lock())
        self._asking[ip] = self._asking.get(ip, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._asking[ip] -= 1
            if not self._asking[ip]:
                del self._asking[ip], self._locks[ip]
