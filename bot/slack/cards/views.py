"""Modals that show a result at length, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.deliver.calls import insist
from bot.deliver.web_api import Refusal
from bot.render.pages import json_lines, paged, transcript_lines
from bot.slack.cards.buttons import SEPARATOR
from bot.slack.cards.press import GONE, open_window, tell

if TYPE_CHECKING:
    from bot.render.controls import View
    from bot.slack.cards.press import Press
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

PAGES = "relaycheck_pages"


async def show_evidence(press: Press, result: Result, desk: Desk) -> None:
    """Open the transcript of an MX host."""
    await open_window(desk.slack, press, _page(result, press.value, 0))


async def turn_page(press: Press, desk: Desk) -> None:
    """Show another page of an open modal."""
    result = await desk.results.find(press.team, press.subject.partition(SEPARATOR)[0])
    if result is None:
        await tell(desk.slack, press, GONE)
        return
    if not press.value.isdecimal():
        return
    view = _page(result, press.subject, int(press.value))
    refusal = await insist(
        "views.update",
        lambda _: desk.slack.client.views_update(view_id=press.view_id, view=view),
        desk.slack,
    )
    if isinstance(refusal, Refusal):
        await tell(desk.slack, press, f"Slack did not turn that page ({refusal.error}).")


def json_page(result: Result, note: str) -> View:
    """Return the first page of a result as JSON, with a note on top (mrkdwn)."""
    return _page(result, result.handle, 0, note=note)


def _page(result: Result, subject: str, page: int, *, note: str = "") -> View:
    """Return a page of what ``subject`` names: a handle (its JSON), or one of its hosts."""
    _, _, number = subject.partition(SEPARATOR)
    report = result.report
    hosts = [mx.host for mx in report.mx] if report else []
    if report is None or (number and not (number.isdecimal() and int(number) < len(hosts))):
        title, lines = "Evidence", ["There is nothing to show yet."]
    elif number:
        title, lines = "Evidence", transcript_lines(report, hosts[int(number)])
    else:
        title, lines = "Report as JSON", json_lines(report)
    return paged(title, lines, page, callback_id=PAGES, subject=subject, note=note)
