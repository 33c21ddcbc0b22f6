"""Acceptance goes first: it has three seconds, what was accepted has minutes."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# No work is put off for longer, however much is being accepted.
AT_MOST_S = 5.0


class Calm:
    """Whether nothing is being accepted at the moment."""

    def __init__(self) -> None:
        self._accepting = 0
        self._is_calm = asyncio.Event()
        self._is_calm.set()

    @contextmanager
    def accepting(self) -> Iterator[None]:
        """Accept something in this block: others wait for its end."""
        self._accepting += 1
        self._is_calm.clear()
        try:
            yield
        finally:
            self._accepting -= 1
            if not self._accepting:
                self._is_calm.set()

    async def wait(self) -> None:
        """Wait for a moment in which nothing is being accepted, for five seconds at the most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AT_MOST_S):
                await self._is_calm.wait()
