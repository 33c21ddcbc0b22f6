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
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.check import check
from bot.deliver import (
    LAST_WORDS_S,
    Slack,
    Story,
    deliver,
    deliver_elsewhere,
    make_client,
    make_session,
)
from bot.jobs import InProcess
from bot.render.card import Card, CardContext
from bot.render.inert import inert
from bot.slack.bolt import make_app
from bot.slack.commands import Counter
from bot.slack.guard import Guard
from bot.slack.installation import ConfigurationError, Identity, check_tokens, learn_identity
from bot.slack.server import listen, make_web_app
from bot.slack.socket_mode import SocketMode
from bot.world import open_world

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from aiohttp import web
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.check import World
    from bot.jobs import Job, Run
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
        jobs = InProcess(_run(world, out), _give_back(out), new_id=world.new_id, now=time.monotonic)
        counter = Counter(jobs=jobs, now=world.now, allowed_suffixes=settings.allow_domains)
        identity = Identity()
        app = make_app(client(None), tokens, identity, counter)
        sockets = SocketMode(app, tokens.app) if tokens.app else None
        guard = None if sockets else Guard(tokens.signing_secret or "", time.time)

        async def readiness() -> dict[str, bool]:
            parts = {"slack": identity.is_known, "accepting": not stop.is_set()}
            return parts | ({"socket_mode": await sockets.is_connected()} if sockets else {})

        runner = await _listen(make_web_app(app, guard, readiness), settings)
        _announce(runner.addresses, "Socket Mode" if sockets else "HTTP")
        try:
            if sockets:
                sockets.start()
            await _until(stop, learn_identity(client(tokens.bot), identity))
        finally:
            if sockets:
                await sockets.close()
            interrupted = await jobs.drain(DRAIN_S)
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


def _run(world: World, slack: Slack) -> Run:
    """Return what a job does: check, and show it."""

    async def run(job_id: str, job: Job) -> None:
        wanted = job.destination
        await deliver(
            check(job.request, replace(world, new_id=lambda: job_id)),
            Story(
                run_id=job_id,
                shown=f"`{inert(job.request.domain.shown)}`",
                context=CardContext(requested_by=wanted.user, requested_at=wanted.asked_at),
            ),
            wanted,
            slack,
        )

    return run


def _give_back(slack: Slack) -> Run:
    """Return what is done with a job that was never begun: the person is told, and can ask again.

    By response_url, to that person alone: a queue of such words would flood the channel.
    """

    async def give_back(job_id: str, job: Job) -> None:
        domain = inert(job.request.domain.shown)
        card = Card(
            f"`{domain}` was not checked: relaycheck is being restarted. Please ask again.", []
        )
        alone = replace(job.destination, private=True)
        async with asyncio.timeout(LAST_WORDS_S):
            await deliver_elsewhere([card], None, alone, slack, job_id)

    return give_back
