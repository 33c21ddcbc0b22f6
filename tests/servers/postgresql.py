"""A real PostgreSQL on loopback, as an unprivileged user, thrown away afterwards.

Durability is off: what is killed in tests is relaycheck, never the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import itertools
import os
import pwd
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.servers.daemon import Endpoint, daemon, free_endpoint, scratch_folder
from tests.servers.requirements import require

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# Who PostgreSQL runs as where the tests run as root, whom it refuses; Debian's package made it.
_USER = "postgres"
_START_S = 10.0
_POLL_S = 0.02
_VERSIONS = Path("/usr/lib/postgresql")
_SETTINGS = {
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


@dataclass(frozen=True, slots=True)
class PostgreSql:
    """A running server; each test takes a database of its own."""

    endpoint: Endpoint
    user: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def fresh(self) -> str:
        """Make an empty database and return its URL, without the name of a driver."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://{self.user}@{self.endpoint.ip}:{self.endpoint.port}/{database}"


@asynccontextmanager
async def serve() -> AsyncIterator[PostgreSql]:
    """Run PostgreSQL while the block runs.

    Raises:
        RuntimeError: It did not start; the message holds its log.
    """
    initdb, postgres = _program("initdb"), _program("postgres")
    endpoint = free_endpoint()
    user = _USER if os.geteuid() == 0 else getpass.getuser()
    with scratch_folder() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data = folder / "data"
        log = folder / "postgresql.log"
        await _run(*_as(user), initdb, "--no-sync", "--auth=trust", "--pgdata", str(data), log=log)
        settings = _SETTINGS | {"listen_addresses": endpoint.ip, "port": str(endpoint.port)}
        options = [option for item in settings.items() for option in ("-c", "=".join(item))]
        argv = [*_as(user), postgres, "-D", str(data), *options]
        async with daemon(argv, answers_at=[endpoint], log=log):
            server = PostgreSql(endpoint, user)
            await _accepts(server)
            yield server


def _program(name: str) -> str:
    """Return the newest version's program; Debian keeps them out of PATH."""
    found = sorted(_VERSIONS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return require(str(found[-1]) if found else name, "postgresql")


def _as(user: str) -> tuple[str, ...]:
    """Return what stands before a command for it to run as a user; nothing where we are it."""
    if os.geteuid() != 0:
        return ()
    account = pwd.getpwnam(user)
    setpriv = require("setpriv", "util-linux")
    return (setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")


async def _accepts(server: PostgreSql) -> None:
    """Wait until it takes clients: it listens a moment before."""
    async with asyncio.timeout(_START_S):
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                async with await psycopg.AsyncConnection.connect(server.url("postgres")):
                    return
            await asyncio.sleep(_POLL_S)


async def _run(*argv: str, log: Path) -> None:
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent
        )
    if await process.wait():
        raise RuntimeError(f"{argv[-1]} failed:\n{_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
