"""Payloads have the fields that Slack's have, and hold back what Slack holds back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack import payloads
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("incident", "incident"),
        ("security-private", "privategroup"),
        ("D0RELAYCHK", "directmessage"),
    ],
)
def test_private_channels_are_not_named(slack: StandIn, channel: str, name: str) -> None:
    """A command's channel_name is the name of public channels only."""
    user, where = slack.workspace.user("dana"), slack.workspace.channel(channel)

    form = payloads.slash_command(slack.state, user, where, "/relaycheck", "x")

    assert name == form["channel_name"]
    assert all(isinstance(value, str) for value in form.values())


def test_press_on_an_ephemeral_message_has_no_message(slack: StandIn) -> None:
    """Slack does not keep ephemeral content, so its payloads do not carry it."""
    user = slack.workspace.user("dana")
    message = Message(
        channel="C0INCIDENT", ts="1.1", user="U0RELAYCHK", ephemeral_to="U0DANA", thread_ts="1.0"
    )

    payload = payloads.block_actions(slack.state, user, message, {"action_id": "x"}, {})

    assert "message" not in payload
    assert payload["container"]["is_ephemeral"]
    assert "1.0" == payload["container"]["thread_ts"]


def test_chosen_conversation_brings_a_response_url_where_asked_for(slack: StandIn) -> None:
    """A menu with response_url_enabled adds a way to post where the app is no member."""
    menu = {"type": "conversations_select", "action_id": "to", "response_url_enabled": True}
    other = {"type": "channels_select", "action_id": "also"}
    blocks = [
        {"type": "input", "block_id": name, "element": element}
        for name, element in (("a", menu), ("b", other))
    ]
    view = slack.state.views.open("U0DANA", {"type": "modal", "blocks": blocks})
    user = slack.workspace.user("dana")

    def urls(channel: str | None) -> list[dict[str, str]]:
        chosen = {"a": {"to": {"selected_conversation": channel}}}
        return list(payloads.view_submission(slack.state, user, view, chosen)["response_urls"])

    assert [] == urls(None)
    assert ["C0GENERAL"] == [each["channel_id"] for each in urls("C0GENERAL")]
