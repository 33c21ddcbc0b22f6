"""What happens, as it happens, to one browser: server-sent events (WHATWG HTML, section 9.2).

The first event holds everything; each one after it one change. A browser that does not read is let
go: it comes back by itself and begins with everything again.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.page import snapshot
from bot.sandbox.slack.socket_mode import abort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.page.listing import Listing
    from bot.sandbox.slack import StandIn

_MAX_WAITING = 1000
_BEAT_S = 15.0


async def stream(
    request: web.Request, slack: StandIn, listing: Listing, me: str
) -> web.StreamResponse:
    """Write events until the browser, or the server, goes away."""
    waiting: asyncio.Queue[Mapping[str, object]] = asyncio.Queue(_MAX_WAITING)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )

    def listen(kind: str, what: object) -> None:
        told = snapshot.change(slack, me, kind, what)
        if told is None:
            return
        try:
            waiting.put_nowait(told)
        except asyncio.QueueFull:
            abort(request)

    await response.prepare(request)
    slack.workspace.listeners.add(listen)
    waiting.put_nowait(snapshot.everything(slack, listing, me))
    try:
        while True:
            await response.write(await _next(waiting))
    except ConnectionError:
        return response
    finally:
        slack.workspace.listeners.discard(listen)


async def _next(waiting: asyncio.Queue[Mapping[str, object]]) -> bytes:
    """Return the next event, or a comment after a while, so that a dead browser is noticed."""
    try:
        async with asyncio.timeout(_BEAT_S):
            return f"data: {json.dumps(await waiting.get())}\n\n".encode()
    except TimeoutError:
        return b": still here\n\n"
