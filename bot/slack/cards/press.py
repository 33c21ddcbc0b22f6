"""A button pressed, on a message or in a view, as plain data; and how its presser is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.deliver.calls import open_view, tell_alone
from bot.deliver.response_url import is_slacks, put_in_place

if TYPE_CHECKING:
    from bot.deliver import Slack
    from bot.render.card import Card
    from bot.render.controls import View
    from bot.slack.cards.result import Result

GONE = (
    "I no longer keep what this card shows, so its buttons lead nowhere: `/relaycheck` and the "
    "domain ask anew."
)
_TOO_LATE = "Slack gave up waiting for that window. Please try again."
_TOO_LATE_ERRORS = ("expired_trigger_id", "exchanged_trigger_id", "trigger_exchanged", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Who pressed what, where. On a view, ``view_id`` and ``subject`` (its private_metadata)."""

    team: str
    user: str
    action_id: str
    value: str
    trigger_id: str
    channel: str = ""
    message_ts: str = ""
    response_url: str = ""
    view_id: str = ""
    subject: str = ""


def parse_press(body: dict[str, Any]) -> Press:
    """Read a block_actions payload; of its actions there is one, since ours are buttons."""
    action = body["actions"][0]
    container, view = body.get("container") or {}, body.get("view") or {}
    return Press(
        team=str(body["team"]["id"]),
        user=str(body["user"]["id"]),
        action_id=str(action["action_id"]),
        value=str(action.get("value") or ""),
        trigger_id=str(body["trigger_id"]),
        channel=str((body.get("channel") or {}).get("id", "")),
        message_ts=str(container.get("message_ts", "")),
        response_url=str(body.get("response_url", "")),
        view_id=str(view.get("id", "")),
        subject=str(view.get("private_metadata", "")),
    )


def kept_in_form(handle: str, channel: str) -> str:
    """Return the private_metadata of a form: which card it was opened on, and where."""
    return json.dumps([handle, channel])


def parse_submission(body: dict[str, Any]) -> Press:
    """Read a view_submission of such a form, as a press on its card by whoever submitted it."""
    handle, channel = json.loads(body["view"]["private_metadata"])
    return Press(
        team=str(body["team"]["id"]),
        user=str(body["user"]["id"]),
        action_id=str(body["view"]["callback_id"]),
        value=handle,
        trigger_id=str(body["trigger_id"]),
        channel=channel,
    )


def may_press(press: Press, result: Result) -> bool:
    """Whether a result is this person's, or stands where they can see it."""
    wanted = result.job.destination
    return press.user == wanted.user or (not wanted.private and press.channel == wanted.channel)


async def change_pressed(slack: Slack, press: Press, card: Card, *, in_channel: bool) -> bool:
    """Put a card in the place of the message that was pressed on; return whether Slack took it."""
    return is_slacks(press.response_url, slack.api_url) and await put_in_place(
        slack.session, press.response_url, card, in_channel=in_channel
    )


async def tell(slack: Slack, press: Press, text: str) -> None:
    """Answer the presser alone, in mrkdwn, where they pressed; else by direct message."""
    await tell_alone(
        slack, press.user, text, channel=press.channel, response_url=press.response_url
    )


async def open_window(slack: Slack, press: Press, view: View) -> None:
    """Open a modal for the presser; where Slack opens none, they are told."""
    refusal = await open_view(slack, press.trigger_id, view)
    if refusal is not None:
        late = refusal.error in _TOO_LATE_ERRORS
        why = f"Slack did not open that window ({refusal.error}). Please try again."
        await tell(slack, press, _TOO_LATE if late else why)
