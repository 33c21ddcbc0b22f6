"""The HTML report in a browser, as a file that somebody opens: light, dark, on a phone, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.render.report_html import to_html
from tests.e2e.conftest import shoot
from tests.render import samples

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from bot.model.report import Report

pytestmark = pytest.mark.asyncio(loop_scope="module")
DESKTOP = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 780}


@pytest.mark.parametrize(
    ("name", "report", "options"),
    [
        ("report", samples.three_hosts(), {"color_scheme": "light", "viewport": DESKTOP}),
        ("report-dark", samples.open_postfix(), {"color_scheme": "dark", "viewport": DESKTOP}),
        ("report-phone", samples.hostile(), {"color_scheme": "light", "viewport": PHONE}),
        ("report-phone-dark", samples.thirty_hosts(), {"color_scheme": "dark", "viewport": PHONE}),
        ("report-paper", samples.three_hosts(), {"viewport": DESKTOP}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_page_loads_nothing_and_fits(
    browser: Browser, tmp_path: Path, name: str, report: Report, options: dict[str, Any]
) -> None:
    """No request, no complaint of the browser, no sideways scrolling, in the colours asked for."""
    file = tmp_path / "report.html"
    file.write_text(to_html(report, version="1.2.3"), "utf-8")
    context = await browser.new_context(**options)
    page = await context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    if name.endswith("paper"):
        await page.emulate_media(media="print")
    await page.goto(file.as_uri())
    await shoot(page, name)
    body = "getComputedStyle(document.body)"
    is_dark = options.get("color_scheme") == "dark"

    assert [file.as_uri()] == asked
    assert [] == said
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    light = ["rgb(255, 255, 255)", "rgb(27, 31, 36)"]
    ground, text = await page.evaluate(f"[{body}.backgroundColor, {body}.color]")
    assert is_dark == (ground != light[0])
    assert ground != text
    await context.close()
