"""Every kind of block, as the sandbox's page draws it beside npm slack-blocks-to-jsx's drawing.

    .venv/bin/python -m tests.tools.block_drawings.beside

Needs node, npm and Chromium; installs into its own ``node_modules``. The picture is
``artefacts/beside.png``. The other drawing is no oracle of escaping: it makes mentions of texts
that Slack shows as they are, and reads no mrkdwn where links are not to be made (``verbatim``), so
that word is left out for it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from playwright.async_api import async_playwright
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.page import Listing, add_page
from bot.sandbox.slack import StandIn
from tests.e2e.conftest import ARGUMENTS, SHOTS
from tests.e2e.gallery import BLOCKS

if TYPE_CHECKING:
    from playwright.async_api import Browser

HERE = Path(__file__).parent
_WIDTH = 620
_CSS = HERE / "node_modules/slack-blocks-to-jsx/dist/style.css"


def drawn(block: dict[str, Any]) -> str:
    """Return the other drawing of one block, as HTML."""
    given = json.dumps([block]).replace(', "verbatim": true', "")
    done = subprocess.run(
        ("node", "draw.mjs"), cwd=HERE, input=given, text=True, stdout=subprocess.PIPE, check=True
    )
    return done.stdout


async def theirs(browser: Browser, drawings: dict[str, str]) -> dict[str, bytes]:
    """Return a picture of each of the other drawings."""
    page = await browser.new_page(viewport={"width": _WIDTH, "height": 900})
    css = _CSS.read_text(encoding="utf-8")
    pictures: dict[str, bytes] = {}
    for name, html in drawings.items():
        await page.set_content(f"<style>{css}</style><div id=drawing>{html}</div>")
        pictures[name] = await page.locator("#drawing").screenshot()
    return pictures


async def ours(browser: Browser) -> dict[str, bytes]:
    """Post each block to the sandbox, and return a picture of each of the page's drawings."""
    pictures: dict[str, bytes] = {}
    slack = StandIn(rate_limits=False)
    add_page(slack, Listing())
    async with slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.state.bot_token, base_url=slack.base_url, session=session)
        # Channels, and a side panel that is closed at this width, stand beside the messages.
        page = await browser.new_page(viewport={"width": _WIDTH + 210, "height": 900})
        await page.goto(slack.state.origin)
        await page.wait_for_selector("#channel-head h1")
        for name, block in BLOCKS.items():
            sent = await client.chat_postMessage(channel="C0INCIDENT", text=name, blocks=[block])
            pictures[name] = await page.locator(f"[data-ts='{sent['ts']}']").screenshot()
    return pictures


def row(name: str, *pictures: bytes) -> str:
    """Return one row of the picture: the name, and each drawing."""
    images = (f"<td><img src='data:image/png;base64,{b64encode(p).decode()}'>" for p in pictures)
    return f"<tr><th>{escape(name)}</th>{''.join(images)}</tr>"


async def draw_beside(drawings: dict[str, str]) -> None:
    """Draw everything a second time, and keep the picture of both."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        one, other = await ours(browser), await theirs(browser, drawings)
        rows = "".join(row(name, one[name], other[name]) for name in BLOCKS)
        page = await browser.new_page(viewport={"width": 2 * _WIDTH + 180, "height": 900})
        head = "<tr><th></th><th>the sandbox's page</th><th>slack-blocks-to-jsx</th></tr>"
        style = "body{font-family:sans-serif} td{vertical-align:top;padding:8px}"
        await page.set_content(f"<style>{style}</style><table>{head}{rows}</table>")
        SHOTS.mkdir(exist_ok=True)
        await page.screenshot(path=SHOTS / "beside.png", full_page=True)
        await browser.close()


def main() -> None:
    """Install the other renderer, draw everything twice."""
    install = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent")
    subprocess.run(install, cwd=HERE, check=True)
    asyncio.run(draw_beside({name: drawn(block) for name, block in BLOCKS.items()}))


if __name__ == "__main__":
    main()
