"""The whole sandbox, as one command starts it: the bot is the product, told by settings alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.sandbox import session
from bot.sandbox.session import (
    DEFAULT_PORT,
    SandboxError,
    _free_port,
    run_sandbox,
    running_sandbox,
)


@pytest.mark.parametrize("http", [False, True])
async def test_command_becomes_a_card_over_either_transport(http: bool) -> None:
    """Over Socket Mode and over HTTP an open sample ends in a card that says so."""
    async with running_sandbox(port=0, http=http) as (slack, bot):
        ack = await slack.slash_command("dana", "payload-incidents", "open.sandbox.test")
        assert ack.in_time

        def finished() -> bool:
            parents = slack.channel("payload-incidents").parents
            return bool(parents) and "LIKELY OPEN" in parents[0].text

        await slack.until(finished)
    assert bot.returncode == 0


async def test_run_says_where_it_is_and_ends_when_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is told, the browser opened there, and Ctrl-C ends everything."""
    loop, said, opened = asyncio.get_running_loop(), asyncio.Queue[str](), asyncio.Queue[str]()
    monkeypatch.setattr(
        "webbrowser.open", lambda url: loop.call_soon_threadsafe(opened.put_nowait, url)
    )
    running = asyncio.create_task(run_sandbox(port=0, say=said.put_nowait))

    address = await opened.get()
    assert address in await said.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    port = urlsplit(address).port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_bot_that_cannot_start_is_told() -> None:
    """A bot that ends at once ends the sandbox, with its status."""
    with pytest.raises(SandboxError, match="did not start: it ended with status 2"):
        await run_sandbox(port=0, browser=False, settings={"RELAYCHECK_PORTS": "none"})


async def test_bot_that_ends_by_itself_is_told() -> None:
    """A bot that stops later ends the sandbox too."""
    said: asyncio.Queue[str] = asyncio.Queue()
    before = children()
    running = asyncio.create_task(run_sandbox(port=0, browser=False, say=said.put_nowait))
    await said.get()

    for child in children() - before:
        os.kill(child, signal.SIGTERM)

    with pytest.raises(SandboxError, match="ended by itself, with status 0"):
        await running


async def test_bot_that_hangs_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that does not end when asked to is killed; one that never is ready is told."""
    monkeypatch.setattr(session, "_STOP_S", 0.1)
    async with running_sandbox(port=0) as (_, bot):
        os.kill(bot.pid, signal.SIGSTOP)
    assert bot.returncode == -signal.SIGKILL

    monkeypatch.setattr(session, "_START_S", 0.01)
    with pytest.raises(SandboxError, match="not ready"):
        await run_sandbox(port=0, browser=False)


def children() -> set[int]:
    """Return the processes that this one has started."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def test_taken_port_is_an_error_only_when_asked_for() -> None:
    """A port that was named must be free; the default gives way to another."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        _free_port(taken.getsockname()[1])
    with suppress(OSError), socket.create_server(("127.0.0.1", DEFAULT_PORT)):
        assert _free_port(None) != DEFAULT_PORT
    assert _free_port(0)
