"""`/relaycheck`: what was typed, stored as a job, and acknowledged with what was understood.

All of it before any call to Slack, so that the three seconds of an ack are ours alone. A handler
must not raise after its ack: Bolt would lose the ack. So the ack is its last act.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.jobs import Job
from bot.render.card import Card
from bot.request import Request
from bot.slack.asking import words

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app answer the slash command."""

    @app.command(words.COMMAND)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        said = await answer(body, desk)
        card = said if isinstance(said, Card) else Card(said, [])
        await ack(response_type="ephemeral", text=card.text, blocks=card.blocks or None)


async def answer(command: dict[str, Any], desk: Desk) -> str | Card:
    """Do what a slash command asks for, and return what to acknowledge it with (mrkdwn)."""
    text = str(command.get("text", ""))
    place = Destination(
        team=str(command.get("team_id", "")),
        channel=str(command["channel_id"]),
        user=str(command["user_id"]),
        asked_at=desk.now(),
        response_url=str(command.get("response_url", "")),
    )
    request = await words.read(text, desk, place)
    if not isinstance(request, Request):
        return request
    asked = await desk.ask(
        Job(
            key=str(command["trigger_id"]),
            request=request,
            destination=replace(place, private=request.private),
        )
    )
    return asked.words
