"""The sandbox as it is, in a browser as it is: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.sandbox.session import running_sandbox
from bot.sandbox.slack.workspace import Channel
from tests.servers.requirements import require

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from bot.sandbox.slack import StandIn

    Open = Callable[..., AbstractAsyncContextManager[Page]]

# The browser talks to nobody but the sandbox.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = Path(__file__).parents[2] / "artefacts"
_ROOMS = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for a file of tests."""
    chromium = require("chromium", "chromium")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[StandIn]:
    """One sandbox for a file of tests: Slack's stand-in, sample hosts, and the bot as a process."""
    async with running_sandbox(port=0) as (stand_in, _):
        yield stand_in


@pytest.fixture
def slack(sandbox: StandIn) -> StandIn:
    """The sandbox with no fault left and no window open."""
    sandbox.faults.clear()
    sandbox.state.revoked = False
    sandbox.state.scopes |= {"chat:write"}
    for user in sandbox.workspace.users:
        sandbox.state.views.close(user, everything=True)
    return sandbox


@pytest.fixture
def room(slack: StandIn) -> str:
    """A channel of this test alone, with the app in it; its id.

    In a channel of its own a domain is asked for anew, whatever other tests have asked for.
    """
    return open_room(slack)


def open_room(slack: StandIn) -> str:
    """Open one more channel, and return its id."""
    number = next(_ROOMS)
    members = frozenset(slack.workspace.users)
    channel = Channel(id=f"C0ROOM{number}", name=f"room-{number}", members=members)
    slack.workspace.keep_channel(channel)
    return channel.id


@pytest.fixture
def visit(browser: Browser, slack: StandIn) -> Open:
    """Open the page; whatever its console complains of fails the test."""

    @asynccontextmanager
    async def visiting(path: str = "/", **options: object) -> AsyncIterator[Page]:
        defaults = {"viewport": {"width": 1360, "height": 860}, "color_scheme": "light"}
        context = await browser.new_context(**{**defaults, **options})  # type: ignore[arg-type]
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        await page.goto(slack.state.origin + path)
        await page.wait_for_selector("#channel-head h1")
        yield page
        await context.close()
        assert [] == complaints

    return visiting


async def shoot(page: Page, name: str) -> None:
    """Keep a screenshot among the artefacts."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")
