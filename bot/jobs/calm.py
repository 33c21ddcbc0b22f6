"""Acceptance goes first: it has three seconds, what was accepted has minutes."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from typing import Any

P = ParamSpec("P")
T = TypeVar("T")

# However much is being accepted, other work is put off for so long and no longer.
AT_MOST_S = 5.0
# It is calm when nothing was accepted for so long: a thousand commands in a second have gaps, too.
QUIET_S = 0.05


class Calm:
    """Whether nothing is being accepted at the moment."""

    def __init__(self) -> None:
        self._accepting = 0
        self._since = 0.0
        self._is_calm = asyncio.Event()
        self._is_calm.set()
        self._becoming: asyncio.TimerHandle | None = None

    @contextmanager
    def accepting(self) -> Iterator[None]:
        """Accept something in this block: others wait for its end."""
        loop = asyncio.get_running_loop()
        if self._is_calm.is_set():
            self._since = loop.time()
            self._is_calm.clear()
        if self._becoming is not None:
            self._becoming.cancel()
        self._accepting += 1
        try:
            yield
        finally:
            self._accepting -= 1
            if not self._accepting:
                self._becoming = loop.call_later(QUIET_S, self._is_calm.set)

    async def wait(self) -> None:
        """Wait until nothing is being accepted, or something has been for five seconds on end."""
        if self._is_calm.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._since + AT_MOST_S):
                await self._is_calm.wait()

    def before(self, edge: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        """Return an edge of the world that is used in calm moments."""

        async def used(*args: P.args, **kwargs: P.kwargs) -> T:
            await self.wait()
            return await edge(*args, **kwargs)

        return used
