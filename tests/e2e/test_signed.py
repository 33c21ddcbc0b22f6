"""Slack over HTTP: a Workflow step, and a process that is killed while a check runs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.sandbox.session import running_sandbox
from tests.e2e.conftest import shoot

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from bot.sandbox.slack import StandIn
    from tests.e2e.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[tuple[StandIn, Process]]:
    """The sandbox over HTTP, each delivery signed; and the process of the bot."""
    async with running_sandbox(port=0, http=True) as (stand_in, bot):
        yield stand_in, bot


@pytest.fixture(scope="module")
def sandbox(running: tuple[StandIn, Process]) -> StandIn:
    """Slack's stand-in."""
    return running[0]


async def test_workflow_step_gives_verdict_hosts_and_link(
    visit: Open, slack: StandIn, room: str
) -> None:
    """A workflow takes the step: the card stands where it says, the outputs lead to it."""
    async with visit(f"/#/{room}") as page:
        event = {
            "type": "function_executed",
            "function": {"id": "Fn1", "callback_id": "check_domain"},
            "function_execution_id": "Fx1",
            "inputs": {"domain": "open.sandbox.test", "channel": room, "user": "U0DANA"},
            "bot_access_token": "xwfp-1",
        }
        assert (await slack.event(event)).in_time
        await expect(page.locator("#messages .block-header")).to_contain_text("open.sandbox.test")

        def completed() -> dict[str, str]:
            told = [each for each in slack.state.calls if each.method.startswith("functions.")]
            return json.loads(told[0].arguments["outputs"]) if told else {}

        outputs = await slack.until(completed)
        assert ("likely_open", "mx1.open.sandbox.test") == (
            outputs["verdict"],
            outputs["open_hosts"],
        )
        await page.goto(outputs["permalink"])
        await expect(page.get_by_role("log", name="Thread")).to_contain_text("open.sandbox.test")


async def test_a_check_survives_the_end_of_its_process(
    visit: Open,
    slack: StandIn,
    room: str,
    running: tuple[StandIn, Process],
) -> None:
    """Killed -9 while a host keeps it waiting, the bot finishes the same card when it is back."""
    _, bot = running
    proc = Path("/proc") / str(bot.pid)
    folder = (proc / "cwd").resolve()
    settings = dict(
        line.split("=", 1) for line in (proc / "environ").read_text().split("\0") if line
    )
    async with visit(f"/#/{room}") as page:
        await slack.slash_command("dana", room, "tarpit.sandbox.test")
        header = page.locator("#messages .block-header")
        await expect(header).to_contain_text("asking its mail host")
        os.kill(bot.pid, signal.SIGKILL)
        await bot.wait()
        await shoot(page, "killed")

        successor = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=folder, env=settings, start_new_session=True
        )
        try:
            await expect(page.locator("#messages .blocks")).to_contain_text(
                "CLOSED", timeout=30_000
            )
            await expect(header).to_have_count(1)
            await expect(page.locator("#messages .thread-summary")).to_contain_text("1 reply")
            await shoot(page, "resumed")
        finally:
            successor.terminate()
            await successor.wait()
