"""The export of a result: its JSON and its page as files, or the JSON in a window.

Files go where the card stands, so that who may see one sees the other. A private result makes
none: a file in a channel is everybody's. Where Slack takes no file, the window says why.
"""

from __future__ import annotations

import asyncio
import json
import logging
from importlib import metadata
from typing import TYPE_CHECKING

from bot.deliver.files import File, upload
from bot.deliver.outbox import PARENT
from bot.render.card import slack_time
from bot.render.inert import inert
from bot.render.report_html import to_html
from bot.render.report_json import to_json
from bot.slack.cards.press import open_window
from bot.slack.cards.views import json_page

if TYPE_CHECKING:
    from bot.deliver.web_api import Refusal
    from bot.model.report import Report
    from bot.slack.cards.press import Press
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

log = logging.getLogger(__name__)

_NOT_YET = "There is nothing to export yet."
_PRIVATE = "This result is yours alone, so no file of it goes to the channel."
_NOT_IN_CHANNEL = "I am not in this channel: invite me, and *Export* sends files."
_UNSURE = "Slack gave no answer: look in the thread whether the files came."
_WHY = {
    "channel_not_found": _NOT_IN_CHANNEL,
    "not_in_channel": _NOT_IN_CHANNEL,
    "missing_scope": "I may not send files: this app lacks the scope `files:write`.",
    "is_archived": "This channel is archived, and takes no files.",
}


async def export(press: Press, result: Result, desk: Desk) -> str:
    """Put the report into its thread as files; where that may not be, open it as JSON.

    What is returned says why neither was done, to be told (mrkdwn).
    """
    report, wanted = result.report, result.job.destination
    if report is None:
        return _NOT_YET
    ts = result.story.standing.get(PARENT)
    if wanted.private or ts is None:
        why = _PRIVATE if wanted.private else _NOT_IN_CHANNEL
    else:
        refusal = await upload(
            desk.slack,
            await asyncio.to_thread(files_of, report),
            channel=result.story.channel or wanted.channel,
            thread_ts=wanted.thread_ts or ts,
            comment=f"Exported by <@{press.user}> {slack_time(desk.now())}: the page opens in any "
            "browser, the JSON is for programs and for `relaycheck judge`.",
        )
        if refusal is None:
            return ""
        log.warning("files not sent: %s (%s)", refusal.error, refusal.detail)
        why = _why(refusal)
    await open_window(desk.slack, press, json_page(result, why))
    return ""


def files_of(report: Report) -> list[File]:
    """Return a report as files: the page that people read, and the JSON that programs read."""
    name = f"relaycheck-{report.domain.ascii}-{report.id}"
    shown = inert(report.domain.unicode, 80)
    page = to_html(report, version=metadata.version("relaycheck"))
    return [
        File(f"{name}.html", f"{shown}: the report as a page", page),
        File(f"{name}.json", f"{shown}: the report as JSON", json.dumps(to_json(report), indent=2)),
    ]


def _why(refusal: Refusal) -> str:
    if refusal.unsure:
        return _UNSURE
    return _WHY.get(refusal.error, f"Slack took no file ({inert(refusal.error, 60)}).")
