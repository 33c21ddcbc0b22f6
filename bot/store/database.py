"""Opening the database: one engine, one owner, the schema up to date.

SQLite serves one process that writes, so its file is held under a lock (``<file>.lock``) and all of
the process goes through one connection, in turn: nothing ever finds it busy. Whoever only reads
(``relaycheck history``) may come beside the owner. PostgreSQL needs no such care but for the
migrations, of which one runs at a time.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.migrations.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# How long a statement waits for the one other connection that may write: a reader that migrates.
_BUSY_MS = 10_000
# The key of the advisory lock that one migration at a time holds: "relay" in ASCII.
_MIGRATION_LOCK = 0x72656C6179


class DatabaseInUseError(Exception):
    """Another process owns the SQLite file; the message says which file, and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: SQLAlchemy's engine for this module's siblings."""

    engine: AsyncEngine

    @property
    def url(self) -> URL:
        """Where it is, with the name of no driver."""
        url = self.engine.url
        return url.set(drivername=url.get_backend_name())

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: committed at the end, rolled back when the block raises."""
        async with self.engine.begin() as connection:
            yield connection


@asynccontextmanager
async def open_database(url: str, *, owner: bool = True) -> AsyncIterator[Database]:
    """Open the database of RELAYCHECK_DATABASE_URL, made and migrated where need be.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``, with or without the name of a driver.
        owner: False: only to read, beside a process that may own it. The schema is then left to
            the owner, where there is one.

    Raises:
        DatabaseInUseError: Another process owns the SQLite file.
        sqlalchemy.exc.SQLAlchemyError: The database cannot be reached, or not written.
    """
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        engine = create_async_engine(place.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        async with _opened(engine, migrate=True) as database:
            yield database
        return
    file = Path(place.database or "")
    with _held(file, needed=owner) as is_owner:
        engine = create_async_engine(
            place.set(drivername="sqlite+aiosqlite"), pool_size=1, max_overflow=0
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        async with _opened(engine, migrate=is_owner) as database:
            yield database


@asynccontextmanager
async def _opened(engine: AsyncEngine, *, migrate: bool) -> AsyncIterator[Database]:
    try:
        if migrate:
            async with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    lock = text("SELECT pg_advisory_xact_lock(:key)")
                    await connection.execute(lock, {"key": _MIGRATION_LOCK})
                await connection.run_sync(upgrade)
        yield Database(engine)
    finally:
        await engine.dispose()


@contextmanager
def _held(file: Path, *, needed: bool) -> Iterator[bool]:
    """Hold the lock of a SQLite file; tell whether we do, where that is not needed."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by us before SQLite would: reports and response_urls are nobody else's to read.
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    lock = os.open(f"{file}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if needed:
                raise DatabaseInUseError(
                    f"{file} is in use by another relaycheck. Stop that one, or give this one a "
                    "database of its own in RELAYCHECK_DATABASE_URL."
                ) from None
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - whatever the driver has
    # The driver begins transactions on its own, and not before DDL: a migration that is cut off
    # would stay half done. So it is told not to, and ``_begin`` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's, in its synchronous half
    connection.exec_driver_sql("BEGIN")
