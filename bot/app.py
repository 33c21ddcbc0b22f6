"""The Slack app, wired: the one module that knows every other.

Settings in, a running service out: Socket Mode where there is an app token, else HTTP; the same
listeners behind either. SIGTERM stops the intake, lets checks finish, and ends the rest with a card
that says so.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.deliver import LAST_WORDS_S, Slack, make_client, make_session
from bot.jobs import InProcess
from bot.slack.afterwards import Afterwards
from bot.slack.bolt import make_app
from bot.slack.desk import Desk
from bot.slack.guard import Guard
from bot.slack.installation import ConfigurationError, Identity, check_tokens, learn_identity
from bot.slack.results import Results
from bot.slack.run import make_give_back, make_run
from bot.slack.server import listen, make_web_app
from bot.slack.socket_mode import SocketMode
from bot.world import open_world

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from aiohttp import web
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings import Settings

log = logging.getLogger(__name__)

# A supervisor commonly kills 30 s after SIGTERM; the last words of interrupted checks take 4 s.
DRAIN_S = 25.0


async def serve(settings: Settings) -> None:
    """Run the Slack app until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: A token is missing, in the wrong place, or refused by Slack; the message
            says what to do.
    """
    tokens = check_tokens(settings)
    stop = _stop_signal()
    async with open_world(settings) as world, make_session() as session:

        def client(token: str | None, *, retries: bool = True) -> AsyncWebClient:
            return make_client(token, settings.slack_api_url, session, retries=retries)

        out = Slack(
            client=client(tokens.bot, retries=False),
            session=session,
            api_url=settings.slack_api_url,
        )
        results = Results(world.now)
        jobs = InProcess(
            make_run(world, out, results),
            make_give_back(out),
            new_id=world.new_id,
            now=time.monotonic,
        )
        desk = Desk(
            jobs=jobs,
            results=results,
            afterwards=Afterwards(time.monotonic),
            slack=out,
            identity=Identity(),
            vantage=world.vantage,
            now=world.now,
            allowed_suffixes=settings.allow_domains,
        )
        app = make_app(client(None), tokens, desk)
        sockets = SocketMode(app, tokens.app) if tokens.app else None
        guard = None if sockets else Guard(tokens.signing_secret or "", time.time)

        async def readiness() -> dict[str, bool]:
            parts = {"slack": desk.identity.is_known, "accepting": not stop.is_set()}
            return parts | ({"socket_mode": await sockets.is_connected()} if sockets else {})

        runner = await _listen(make_web_app(app, guard, readiness), settings)
        _announce(runner.addresses, "Socket Mode" if sockets else "HTTP")
        try:
            if sockets:
                sockets.start()
            await _until(stop, learn_identity(client(tokens.bot), desk.identity))
        finally:
            if sockets:
                await sockets.close()
            interrupted = await jobs.drain(DRAIN_S)
            await desk.afterwards.drain(LAST_WORDS_S)
            log.info("stopped, %d checks interrupted", interrupted)
            await runner.cleanup()


async def _listen(served: web.Application, settings: Settings) -> web.AppRunner:
    host, port = settings.http_host, settings.http_port
    try:
        return await listen(served, host, port)
    except OSError as failure:
        raise ConfigurationError(
            f"Nothing can listen on {host}:{port} ({failure.strerror}): set RELAYCHECK_HTTP_HOST "
            "and RELAYCHECK_HTTP_PORT to an address of this machine that is free."
        ) from None


def _announce(addresses: Sequence[tuple[str, int]], way: str) -> None:
    where = ", ".join(f"http://{host}:{port}" for host, port, *_ in addresses)
    log.info("listening on %s, Slack comes by %s", where, way)


async def _until(stop: asyncio.Event, learning: Coroutine[None, None, None]) -> None:
    """Wait for the signal to stop; a bot token that Slack refuses is one too, and raised."""
    asking = asyncio.create_task(learning)
    asking.add_done_callback(lambda task: stop.set() if _failed(task) else None)
    await stop.wait()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop
