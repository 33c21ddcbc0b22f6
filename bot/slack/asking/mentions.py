"""A mention, "@relaycheck example.com": the same as the command, answered in its thread."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.deliver.calls import tell_alone
from bot.jobs import Job
from bot.request import Request
from bot.slack.asking import words

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.desk import Desk

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app hear its name."""

    @app.event("app_mention")
    async def _(body: dict[str, Any]) -> None:
        desk.afterwards.start(
            str(body["event_id"]), partial(hear, body, desk), partial(_tell, body["event"], desk)
        )


async def hear(body: dict[str, Any], desk: Desk) -> None:
    """Ask for what a mention asks for; what cannot be done is told to the person alone."""
    event = body["event"]
    place = Destination(
        team=str(body.get("team_id", "")),
        channel=str(event["channel"]),
        user=str(event["user"]),
        asked_at=desk.now(),
        thread_ts=_thread(event),
    )
    request = await words.read(_MENTION.sub(" ", str(event.get("text", ""))), desk, place)
    if not isinstance(request, Request):
        await _tell(event, desk, request if isinstance(request, str) else request.text)
        return
    asked = await desk.ask(
        Job(
            key=str(body["event_id"]),
            request=request,
            destination=replace(place, private=request.private),
        )
    )
    if not asked.accepted:
        await _tell(event, desk, asked.words)


async def _tell(event: dict[str, Any], desk: Desk, words: str) -> None:
    await tell_alone(
        desk.slack,
        str(event["user"]),
        words,
        channel=str(event["channel"]),
        thread_ts=_thread(event),
    )


def _thread(event: dict[str, Any]) -> str:
    """Return the thread that a message stands in, or the one that it begins."""
    return str(event.get("thread_ts") or event["ts"])
