"""The Slack app, wired: the one module that knows every other.

Settings in, a running service out: Socket Mode where there is an app token, else HTTP; the same
listeners behind either. SIGTERM stops the intake, lets checks finish, and leaves the rest to the
next process, which finishes their cards.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot import metrics
from bot.deliver import LAST_WORDS_S, Slack, make_client, make_session
from bot.edges import Reuse
from bot.jobs import Calm, Durable, keep_house
from bot.jobs.ticking import share
from bot.network.answered import Answered
from bot.slack.asking.past import Past
from bot.slack.cards.late_arrivals import LateArrivals
from bot.slack.cards.results import Results
from bot.slack.cards.run import make_run
from bot.slack.desk import Desk, Watches
from bot.slack.front.afterwards import Afterwards
from bot.slack.front.bolt import make_app
from bot.slack.front.guard import Guard
from bot.slack.front.health import Health
from bot.slack.front.installation import ConfigurationError, Identity, check_tokens, learn_identity
from bot.slack.front.server import listen, make_web_app
from bot.slack.front.socket_mode import SocketMode
from bot.slack.journal import Journal
from bot.slack.permissions import Permissions
from bot.slack.watching.look import make_look
from bot.slack.watching.watchman import either, make_start, watching
from bot.store import DatabaseError, open_database
from bot.store.refusals import reports_that_block_us
from bot.world import open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from datetime import datetime

    from aiohttp import web

    from bot.edges import World
    from bot.jobs.ticking import Start
    from bot.settings import Settings
    from bot.slack.cards.result import Result
    from bot.store import Database

log = logging.getLogger(__name__)

# A supervisor commonly kills 30 s after SIGTERM; what Slack is being told just then takes 4 s.
DRAIN_S = 25.0
# Threads store what was accepted. By default the event loop waits up to 5 ms for the interpreter
# each time that it comes back from a socket; of a thousand commands at once that takes seconds.
_SWITCH_S = 0.0005
# A greylisting server is given the time that it asks for, and no more than this.
GREYLISTED_S = 900.0
# So long does the process before this one drain, when it is replaced.
SUCCEED_S = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Works:
    """What stands behind the listeners, and the desk at which they ask for it."""

    desk: Desk
    jobs: Durable
    late: LateArrivals
    start: Start


async def serve(settings: Settings) -> None:
    """Run the Slack app until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: A token is missing, in the wrong place, or refused by Slack; the message
            says what to do.
    """
    tokens = check_tokens(settings)
    sys.setswitchinterval(_SWITCH_S)
    stop = _stop_signal()
    async with (
        open_world(settings, apart=True) as world,
        make_session() as session,
        _database(settings) as database,
    ):
        client = partial(make_client, api_url=settings.slack_api_url, session=session)
        calm = Calm()
        slack = Slack(
            client=client(tokens.bot, retries=False),
            session=session,
            api_url=settings.slack_api_url,
            calm=calm.wait,
        )
        identity = Identity(way="Socket Mode" if tokens.app else "HTTP")
        works = await _works(settings, world, database, slack, identity=identity, calm=calm)
        app = make_app(client(None), tokens, works.desk)
        sockets = SocketMode(app, tokens.app) if tokens.app else None
        guard = None if sockets else Guard(tokens.signing_secret or "", time.time)
        health = Health(
            identity=identity,
            sockets=sockets,
            database=database,
            ask=world.ask,
            is_stopping=stop.is_set,
            now=world.now,
        )
        served = make_web_app(app, guard, health.readiness, health.numbers)
        metrics.watch_jobs(works.jobs.load)
        async with (
            aclosing(works.late),
            _working(works.jobs, database, settings, world.now),
            watching(database, slack, works.start, share(settings.rate_total), world.now),
            _listening(served, settings) as addresses,
        ):
            _announce(addresses, identity.way)
            works.late.resume()
            async with _intake(sockets, works):
                await _until(stop, learn_identity(client(tokens.bot), identity))


async def _works(  # noqa: PLR0913 - wired once
    settings: Settings,
    opened: World,
    database: Database,
    slack: Slack,
    *,
    identity: Identity,
    calm: Calm,
) -> _Works:
    """Make what does the work: jobs that ask the world in calm moments, and what became of them."""
    world = _in_calm_moments(opened, calm)
    permissions = Permissions(settings, time.monotonic, opened.ask)
    await _recall(permissions, database, world.now())
    results = Results(
        database,
        world.now,
        can_prove=world.canary is not None,
        can_break_glass=permissions.glass.anybody,
    )
    late = LateArrivals(world.canary, slack, results, database, world.now)

    def follow(result: Result) -> None:
        permissions.note(result.report, world.now())
        late.follow(result)

    run = make_run(world, slack, results, database, permissions.apply, follow=follow)
    look = make_look(world, slack, database, permissions.apply, note=permissions.note)
    jobs = Durable(database, either(run, look), now=world.now, calm=calm)
    desk = Desk(
        jobs=jobs,
        results=results,
        journal=Journal(database),
        afterwards=Afterwards(time.monotonic),
        permissions=permissions,
        past=Past(database, world.now),
        watches=Watches(database, settings.watches),
        slack=slack,
        identity=identity,
        vantage=world.vantage,
        now=world.now,
        allowed_suffixes=settings.allow_domains,
    )
    return _Works(desk=desk, jobs=jobs, late=late, start=make_start(jobs, permissions, world.now))


def _in_calm_moments(opened: World, calm: Calm) -> World:
    """Return the world as checks ask it: acks first, since what it says comes to this process too.

    Who waits for an ack asks the edge itself.
    """
    answered = Answered(time.monotonic)
    return replace(
        opened,
        ask=calm.before(opened.ask),
        ask_lists=opened.ask_lists and calm.before(opened.ask_lists),
        converse=calm.before(opened.converse),
        wait_s=GREYLISTED_S,
        reuse=Reuse(answered.recall, answered.note),
    )


@asynccontextmanager
async def _intake(sockets: SocketMode | None, works: _Works) -> AsyncIterator[None]:
    """Let Slack in while the block runs; then let checks finish, and say what is still to say."""
    try:
        if sockets:
            sockets.start()
        yield
    finally:
        if sockets:
            await sockets.close()
        left = await works.jobs.drain(DRAIN_S)
        await works.desk.afterwards.drain(LAST_WORDS_S)
        await works.desk.journal.drain()
        log.info("stopped, %d checks left to the next process", left)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database, and own it."""
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as opened:
        try:
            yield await opened.enter_async_context(open_database(url, patience_s=SUCCEED_S))
        except DatabaseError as error:
            raise ConfigurationError(str(error)) from None


async def _recall(permissions: Permissions, database: Database, now: datetime) -> None:
    """Let a pause outlive the process that began it."""
    since = now - permissions.memory
    permissions.recall(await reports_that_block_us(database, since=since))
    if (pause := permissions.pause(now)) is not None:
        log.warning("probes pause: %s", pause.why)


@asynccontextmanager
async def _working(
    jobs: Durable, database: Database, settings: Settings, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Resume what the last process left, and keep house, while the block runs."""
    await jobs.start()
    retention = timedelta(days=settings.retention_days)
    house = asyncio.create_task(keep_house(database, jobs, retention=retention, now=now))
    try:
        yield
    finally:
        house.cancel()
        await asyncio.gather(house, return_exceptions=True)
        await jobs.drain(0)


@asynccontextmanager
async def _listening(
    served: web.Application, settings: Settings
) -> AsyncIterator[Sequence[tuple[str, int]]]:
    """Serve HTTP while the block runs; tell where."""
    host, port = settings.http_host, settings.http_port
    try:
        runner = await listen(served, host, port)
    except OSError as failure:
        raise ConfigurationError(
            f"Nothing can listen on {host}:{port} ({failure.strerror}): set RELAYCHECK_HTTP_HOST "
            "and RELAYCHECK_HTTP_PORT to an address of this machine that is free."
        ) from None
    try:
        yield runner.addresses
    finally:
        await runner.cleanup()


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
