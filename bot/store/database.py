"""Opening the database: one engine, one owner, the schema up to date.

SQLite serves one process that writes, so its file is held under a lock (``<file>.lock``) and all
of the process goes through one connection, in turn: nothing ever finds it busy. On PostgreSQL an
advisory lock makes sure of one owner, for the engine of the jobs takes up whatever it finds
unfinished. The command line may come beside the owner: it reads, and adds reports of its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from alembic.util import CommandError
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot import metrics
from bot.store.migrations.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# How long a statement waits for the one other connection that may write: a reader that migrates.
_BUSY_MS = 10_000
# The key of the owner's advisory lock on PostgreSQL: "relay" in ASCII.
_OWNER_LOCK = 0x72656C6179
_POLL_S = 0.1
_P = ParamSpec("_P")
_T = TypeVar("_T")


class DatabaseError(Exception):
    """The database cannot be used; the message says which one, why, and what to do."""


class DatabaseInUseError(DatabaseError):
    """Another process owns it."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: SQLAlchemy's engine for this module's siblings."""

    engine: AsyncEngine
    under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> URL:
        """Where it is, with the name of no driver."""
        url = self.engine.url
        return url.set(drivername=url.get_backend_name())

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: committed at the end, rolled back when the block raises."""
        began = time.perf_counter()
        try:
            async with self.engine.begin() as connection:
                yield connection
        finally:
            metrics.database_took(time.perf_counter() - began)


def whole(
    function: Callable[Concatenate[Database, _P], Coroutine[Any, Any, _T]],
) -> Callable[Concatenate[Database, _P], Coroutine[Any, Any, _T]]:
    """Let what a function does to the database come to its end, though its caller is cancelled.

    A transaction that is cut off takes its connection with it, and SQLite's would go on holding the
    write lock.
    """

    @wraps(function)
    async def to_its_end(database: Database, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        task = asyncio.create_task(function(database, *args, **kwargs))
        database.under_way.add(task)
        task.add_done_callback(database.under_way.discard)
        return await asyncio.shield(task)

    return to_its_end


@whole
async def touch(database: Database) -> None:
    """Ask for nothing, so that it shows whether the database answers."""
    async with database.begin() as connection:
        await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_database(
    url: str, *, owner: bool = True, patience_s: float = 0.0
) -> AsyncIterator[Database]:
    """Open the database of RELAYCHECK_DATABASE_URL, made and migrated where need be.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``, with or without the name of a driver.
        owner: False: beside a process that may own it, now or in a while. The schema is then left
            to the owner, where there is one.
        patience_s: How long to wait for an owner that is just being stopped.

    Raises:
        DatabaseError: It cannot be reached, read or written, a newer version made it, or another
            process owns it.
    """
    place = make_url(url)
    async with AsyncExitStack() as held:
        try:
            is_sqlite = place.get_backend_name() == "sqlite"
            engine = _sqlite(place) if is_sqlite else _postgresql(place)
            held.push_async_callback(engine.dispose)
            locked = await held.enter_async_context(AsyncExitStack())
            lock = partial(_held_file if is_sqlite else _held_key, locked, engine)
            is_owner = await _hold(lock, patience_s if owner else 0.0)
            if is_owner:
                async with engine.begin() as connection:
                    await connection.run_sync(upgrade)
            if not owner:
                await locked.aclose()
        except (CommandError, OSError, SQLAlchemyError) as error:
            raise DatabaseError(
                f"{place.render_as_string()} cannot be used ({_reason(error)}). Mend that, or name "
                "another database in RELAYCHECK_DATABASE_URL."
            ) from error
        if owner and not is_owner:
            raise DatabaseInUseError(
                f"{place.render_as_string()} is in use by another relaycheck. Stop that one, "
                "or give this one a database of its own in RELAYCHECK_DATABASE_URL."
            )
        database = Database(engine)
        try:
            yield database
        finally:
            await asyncio.gather(*database.under_way, return_exceptions=True)


def _reason(error: Exception) -> str:
    """Return what happened in one line, without the statement that it happened to."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def make_private(file: Path) -> None:
    """Make a file before SQLite would: reports and response_urls are nobody else's to read."""
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    file.chmod(0o600)  # one of an earlier version


def _sqlite(place: URL) -> AsyncEngine:
    file = Path(place.database or "")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(file)
    engine = create_async_engine(
        place.set(drivername="sqlite+aiosqlite"), pool_size=1, max_overflow=0
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _postgresql(place: URL) -> AsyncEngine:
    return create_async_engine(place.set(drivername="postgresql+psycopg"), pool_pre_ping=True)


async def _hold(try_to_hold: Callable[[], Awaitable[bool]], patience_s: float) -> bool:
    """Try until the lock is held, or patience ends."""
    until = asyncio.get_running_loop().time() + patience_s
    while not await try_to_hold():
        if asyncio.get_running_loop().time() >= until:
            return False
        await asyncio.sleep(_POLL_S)
    return True


async def _held_file(held: AsyncExitStack, engine: AsyncEngine) -> bool:
    """Hold the lock of a SQLite file, if nobody does."""
    lock = os.open(f"{engine.url.database}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    held.callback(os.close, lock)
    return True


async def _held_key(held: AsyncExitStack, engine: AsyncEngine) -> bool:
    """Hold the owner's key in PostgreSQL, if nobody does: as long as this connection lasts."""
    connection = await engine.connect()
    statement = text("SELECT pg_try_advisory_lock(:key)")
    autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
    if not await autocommit.scalar(statement, {"key": _OWNER_LOCK}):
        await connection.close()
        return False
    # Not back into the pool: the lock would go with it.
    held.push_async_callback(connection.invalidate)
    return True


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - whatever the driver has
    # The driver begins transactions on its own, and not before DDL: a migration that is cut off
    # would stay half done. So it is told not to, and ``_begin`` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    # NORMAL: what was committed survives the end of the process; after a loss of power the last
    # moments may be missing, and are learnt again (accepted jobs are the engine's, which syncs).
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
    for pragma in (*pragmas, f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's, in its synchronous half
    connection.exec_driver_sql("BEGIN")
