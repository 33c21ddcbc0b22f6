"""The HTTP side: Slack's deliveries at /slack/events, and whether we live and are ready.

Knows aiohttp; what may enter is ``guard``'s to say, what it means is Bolt's.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response

from bot import metrics
from bot.slack.front.bolt import dispatch
from bot.slack.front.guard import MAX_BODY, Rejected, Repeated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncApp

    from bot.slack.front.guard import Guard

log = logging.getLogger(__name__)

_BODY_S = 5.0
_SHUTDOWN_S = 2.0


async def _written() -> bytes:
    return metrics.written()


def make_web_app(
    app: AsyncApp,
    guard: Guard | None,
    is_ready: Callable[[], Awaitable[dict[str, bool]]],
    numbers: Callable[[], Awaitable[bytes]] = _written,
) -> web.Application:
    """Return the HTTP application.

    Args:
        app: Where admitted requests go.
        guard: None in Socket Mode, where nothing is taken in over HTTP.
        is_ready: What /readyz asks: each part by name, and whether it is ready.
        numbers: What /metrics shows, in Prometheus' text format.
    """

    async def events(request: web.Request) -> web.Response:
        return await _events(app, guard, request) if guard else web.Response(status=404)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_: web.Request) -> web.Response:
        parts = await is_ready()
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    async def measured(_: web.Request) -> web.Response:
        return web.Response(body=await numbers(), headers={"Content-Type": metrics.CONTENT_TYPE})

    served = web.Application(client_max_size=MAX_BODY)
    served.router.add_post("/slack/events", events)
    served.router.add_get("/healthz", healthz)
    served.router.add_get("/readyz", readyz)
    served.router.add_get("/metrics", measured)
    return served


async def listen(served: web.Application, host: str, port: int) -> web.AppRunner:
    """Serve on an address; clean the runner up to stop.

    Raises:
        OSError: The address is not ours, or taken.
    """
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def _events(app: AsyncApp, guard: Guard, request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(_BODY_S):
            raw = await request.read()
    except TimeoutError:
        return web.Response(status=408)
    admitted = guard.admit(raw, request.headers)
    if isinstance(admitted, Rejected):
        log.warning("request rejected with %s: %s", admitted.status, admitted.why)
        return web.Response(status=admitted.status)
    if isinstance(admitted, Repeated):
        log.warning("request delivered twice, done once")
        return web.Response()
    try:
        return await to_aiohttp_response(await dispatch(app, admitted))
    except Exception:
        # Signed, and still not shaped like anything that Slack sends: Bolt trips over it.
        log.exception("request not understood")
        return web.Response(status=400)
