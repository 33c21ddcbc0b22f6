"""Tests of the child's life: it is replaced when it ends or hangs, and ends with its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.apart.frames import Kind, Look, Opened, Value
from bot.apart.lifeline import Lifeline
from bot.model.question import Answer, QType, Question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOBODY = Opened("udp://127.0.0.1:9", 30)
LOOK = Look(Question("example.com", QType.A), "")


class Ear:
    """Hears what a child says, and when one is lost."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self.said: asyncio.Queue[Value] = asyncio.Queue()
        self.lost: asyncio.Queue[None] = asyncio.Queue()

    def hear(self, _number: int, value: Value) -> None:
        """Hear a value."""
        self.said.put_nowait(value)

    def lose(self) -> None:
        """Hear that a child is lost."""
        self.lost.put_nowait(None)


@asynccontextmanager
async def kept(ear: Ear) -> AsyncIterator[Lifeline]:
    """Keep a child while the block runs."""
    lifeline = Lifeline(NOBODY, ear.hear, ear.lose)
    keeping = asyncio.create_task(lifeline.keep())
    try:
        yield lifeline
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def answering(lifeline: Lifeline, ear: Ear) -> int:
    """Wait until the child answers a question; return its process id."""
    await lifeline.up.wait()
    lifeline.say(Kind.ASK, 1, LOOK)
    assert isinstance(await ear.said.get(), Answer)
    assert lifeline.pid is not None
    return lifeline.pid


async def gone(is_there: Callable[[], bool]) -> None:
    """Wait until something is not there any more."""
    while is_there():  # noqa: ASYNC110 - a process tells nobody
        await asyncio.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process runs: a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def test_a_child_that_ended_is_replaced_and_leaves_with_the_line() -> None:
    """Its end is told once; the next one answers; at the end of the line it leaves by itself."""
    ear = Ear()
    async with kept(ear) as lifeline:
        assert lifeline.pid is None
        lifeline.say(Kind.ASK, 1, LOOK)  # to nobody: it is not there yet
        first = await answering(lifeline, ear)
        os.kill(first, signal.SIGTERM)  # is sent to a whole group, and must not end it
        for _ in range(25):  # more than are taken at once
            lifeline.say(Kind.ASK, 1, LOOK)
        assert all([isinstance(await ear.said.get(), Answer) for _ in range(25)])
        assert first == await answering(lifeline, ear)
        os.kill(first, signal.SIGKILL)
        await ear.lost.get()
        second = await answering(lifeline, ear)

    assert first != second
    assert not runs(first)
    assert not runs(second)
    assert ear.said.empty()


async def test_a_child_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that answers nothing any more is replaced; one that answers is left alone."""
    monkeypatch.setattr("bot.apart.lifeline.PING_S", 0.02)
    ear = Ear()
    async with kept(ear) as lifeline:
        first = await answering(lifeline, ear)
        await asyncio.sleep(0.1)  # several pings
        assert first == await answering(lifeline, ear)
        monkeypatch.setattr("bot.apart.lifeline.HUNG_S", 0.2)
        os.kill(first, signal.SIGSTOP)
        await ear.lost.get()
        monkeypatch.setattr("bot.apart.lifeline.HUNG_S", 30.0)
        monkeypatch.setattr("bot.apart.lifeline._LEAVE_S", 0.05)
        second = await answering(lifeline, ear)
        os.kill(second, signal.SIGSTOP)

    assert "hangs; it is ended" in caplog.text
    assert not runs(first)
    assert not runs(second)  # it would not leave


@pytest.mark.parametrize("says", ["nonsense", "answer 1 {}"])
async def test_a_child_that_says_what_is_no_frame_is_replaced(
    says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever took it over can say values of the model, and no more."""
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\necho '{says}'\nexec cat\n", encoding="utf-8")
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    ear = Ear()
    async with kept(ear):
        await ear.lost.get()
        await ear.lost.get()

    assert ear.said.empty()
    assert "is no frame; it is ended" in caplog.text


async def test_where_no_process_can_be_started_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full machine is one for a while only."""
    python = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    ear = Ear()
    async with kept(ear) as lifeline:
        await gone(lambda: "no process could be started" not in caplog.text)
        monkeypatch.setattr(sys, "executable", python)
        assert await answering(lifeline, ear)


async def test_a_child_does_not_outlive_a_parent_that_is_killed() -> None:
    """The pipe ends with the parent, however that ends."""
    program = (
        "import asyncio\n"
        "from bot.apart import open_apart\n"
        "async def main():\n"
        "    async with open_apart('udp://127.0.0.1:9') as apart:\n"
        "        await apart.lifeline.up.wait()\n"
        "        print(apart.lifeline.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert runs(child)
    parent.kill()
    await parent.wait()
    await gone(lambda: runs(child))
