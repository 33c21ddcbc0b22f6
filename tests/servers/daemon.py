"""Runs one foreground daemon for a test: started, waited for, and afterwards gone without a trace.

Knows processes and sockets, no mail. Addresses come from the whole of 127.0.0.0/8, so that servers
of tests that run side by side never meet.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import tempfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

_START_S = 10.0
_STOP_S = 3.0
_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and port."""

    ip: str
    port: int

    @property
    def bracketed(self) -> str:
        """The address in brackets, then the port."""
        return f"[{self.ip}]:{self.port}"


def free_endpoint() -> Endpoint:
    """Return an address of 127.0.0.0/8 and an unprivileged port where nothing listens."""
    ip = f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"
    with socket.socket() as trial:
        trial.bind((ip, 0))
        return Endpoint(ip, trial.getsockname()[1])


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder that a daemon without privileges can pass through; remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="relaycheck-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Daemon:
    """A program that stays in the foreground, in its own process group."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        answers_at: Sequence[Endpoint],
        log: Path,
        ends_at: signal.Signals,
    ) -> None:
        self._argv = argv
        self._answers_at = answers_at
        self._log = log
        self._ends_at = ends_at
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id, once it was started."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it unless it runs, and wait until it listens everywhere.

        Raises:
            RuntimeError: it ended, or did not listen in time; the message holds its log.
        """
        if self._process is None or self._process.returncode is not None:
            self._process = await self._spawned()
        for endpoint in self._answers_at:
            if not await _listens(self._process, endpoint):
                raise RuntimeError(f"no server at {endpoint}:\n{_text(self._log)}")

    async def _spawned(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def end(self) -> None:
        """Ask it to end, then end what is left of its process group."""
        if self._process is not None:
            await _end(self._process, self._ends_at)


@asynccontextmanager
async def daemon(
    argv: Sequence[str],
    *,
    answers_at: Sequence[Endpoint],
    log: Path,
    ends_at: signal.Signals = signal.SIGTERM,
) -> AsyncIterator[Daemon]:
    """Run a program while the block runs.

    Args:
        argv: the program and its arguments; it must stay in the foreground.
        answers_at: where it listens once it is ready.
        log: file that its output is appended to.
        ends_at: the signal that it ends at.

    Raises:
        RuntimeError: it ended, or did not listen in time; the message holds its log.
    """
    running = Daemon(argv, answers_at=answers_at, log=log, ends_at=ends_at)
    try:
        await running.start()
        yield running
    finally:
        await running.end()


async def _listens(process: asyncio.subprocess.Process, endpoint: Endpoint) -> bool:
    """Wait until it listens; false where it ended first, or did not listen in time."""
    try:
        async with asyncio.timeout(_START_S):
            while process.returncode is None:
                with contextlib.suppress(ConnectionRefusedError):
                    _, writer = await asyncio.open_connection(endpoint.ip, endpoint.port)
                    writer.close()
                    await writer.wait_closed()
                    return True
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        pass
    return False


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


async def _end(process: asyncio.subprocess.Process, ends_at: signal.Signals) -> None:
    if process.returncode is None:
        process.send_signal(ends_at)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
