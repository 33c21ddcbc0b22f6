"""The stand-in as a whole, with Bolt's own app on it, over both transports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.sandbox.slack import StandIn
    from tests.sandbox.slack.conftest import Heard

BUTTON = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}}
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "options",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Options"},
    "submit": {"type": "plain_text", "text": "Check"},
    "blocks": [
        {
            "type": "input",
            "block_id": "domain",
            "label": {"type": "plain_text", "text": "Domain"},
            "element": {"type": "plain_text_input", "action_id": "domain"},
        }
    ],
}


async def test_slash_command_ack_is_shown_to_the_person_alone(slack: StandIn, heard: Heard) -> None:
    """The text of an ack is ephemeral unless it says otherwise."""
    ack = await slack.slash_command("dana", "incident", "example.com")

    assert ack.in_time
    assert "example.com" == heard.bodies[0]["text"]
    assert "Looking." == slack.channel("incident").ephemerals("U0DANA")[0].text
    assert () == slack.channel("incident").messages


async def test_ack_in_channel_is_shown_to_all(slack: StandIn, heard: Heard) -> None:
    """An ack of response_type in_channel reaches a channel that the bot is not a member of."""
    heard.answer = {"text": "Hello", "response_type": "in_channel"}

    await slack.slash_command("dana", "general", "example.com")

    assert "Hello" == slack.channel("general").messages[0].text


async def test_button_press_reaches_the_app(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A press carries the action, the message and a response_url that works."""
    await client.chat_postMessage(channel="C0INCIDENT", text="card", blocks=[BUTTON])

    delivery = await slack.press("kai", slack.channel("incident").messages[0], "again")

    assert delivery.in_time
    body = heard.bodies[0]
    assert "again" == body["actions"][0]["action_id"]
    assert "card" == body["message"]["text"]
    assert body["response_url"].startswith(slack.state.origin)


async def test_button_that_is_not_there_cannot_be_pressed(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A test that presses nothing is told so."""
    await client.chat_postMessage(channel="C0INCIDENT", text="card", blocks=[BUTTON])

    with pytest.raises(LookupError, match="again"):
        await slack.press("kai", slack.channel("incident").messages[0], "gone")
