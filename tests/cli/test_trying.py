"""``relaycheck sandbox`` runs until it is told to stop, and leaves no bot behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.cli import main
from bot.cli.arguments import read_arguments
from bot.cli.trying import run
from bot.request import UsageError

BOT = Path(__file__).parents[2]


def bots(folder: Path) -> list[str]:
    """Return the command line of every process that was started under a temporary folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").readlink().is_relative_to(folder):
                found.append(process.joinpath("cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_it_runs_until_it_is_told_to_stop(sign: signal.Signals, tmp_path: Path) -> None:
    """The page is at the printed address; a signal ends the sandbox and the bot in it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", "--no-browser", "--port", "0",
        cwd=BOT, env={"TMPDIR": str(tmp_path)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    printed = (await process.stdout.readline()).decode()
    address = re.search(r"http://127\.0\.0\.1:\d+/", printed)
    assert address
    async with aiohttp.ClientSession() as session, session.get(address[0]) as page:
        assert 200 == page.status
    assert bots(tmp_path)

    process.send_signal(sign)

    assert {signal.SIGTERM: 0, signal.SIGINT: 130}[sign] == await process.wait()
    assert not bots(tmp_path)


async def test_a_signal_in_process(capsys: pytest.CaptureFixture[str]) -> None:
    """SIGTERM and Ctrl-C both bring the sandbox down before they end the command."""
    arguments = read_arguments(["sandbox", "--no-browser", "--port", "0", "--http"])

    told = asyncio.create_task(run(arguments))
    await _until_printed(capsys)
    os.kill(os.getpid(), signal.SIGTERM)
    await told

    cancelled = asyncio.create_task(run(arguments))
    await _until_printed(capsys)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def _until_printed(capsys: pytest.CaptureFixture[str]) -> None:
    async with asyncio.timeout(30):
        while "The sandbox is at" not in capsys.readouterr().out:  # noqa: ASYNC110 - of a process
            await asyncio.sleep(0.05)


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A port of somebody else's is no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert 2 == main(("sandbox", "--no-browser", "--port", str(taken.getsockname()[1])))

    assert "The sandbox cannot go on: " in capsys.readouterr().err


async def test_a_bot_that_ends_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the bot cannot start, the sandbox says so."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    arguments = read_arguments(["sandbox", "--no-browser", "--port", "0"])

    with pytest.raises(UsageError, match="the bot did not start"):
        await run(arguments)
