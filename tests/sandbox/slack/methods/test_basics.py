"""auth, conversations, users and blocks.validate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.method import Arguments

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn


def call(slack: StandIn, method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Call a method as the server does once a call is let in."""
    return METHODS[method].run(slack.state, Arguments(given))


def test_channel_says_whether_the_bot_is_a_member(slack: StandIn) -> None:
    """Public channels are seen from outside, private ones are not."""
    assert not call(slack, "conversations.info", channel="C0GENERAL")["channel"]["is_member"]
    assert "U0DANA" == call(slack, "conversations.info", channel="D0RELAYCHK")["channel"]["user"]
    with pytest.raises(SlackError, match="channel_not_found"):
        call(slack, "conversations.info", channel="C0SECURITY")


def test_direct_message_is_opened(slack: StandIn) -> None:
    """conversations.open returns the DM with a person."""
    assert "D0RELAYCHK" == call(slack, "conversations.open", users="U0DANA")["channel"]["id"]
    with pytest.raises(SlackError, match="user_not_found"):
        call(slack, "conversations.open", users="U0X")


def test_user_is_told(slack: StandIn) -> None:
    """users.info knows the people of the sample workspace."""
    assert "Dana Okafor" == call(slack, "users.info", user="U0DANA")["user"]["real_name"]
    with pytest.raises(SlackError, match="user_not_found"):
        call(slack, "users.info", user="U0X")


def test_a_group_has_members(slack: StandIn) -> None:
    """usergroups.users.list knows the sample workspace's group."""
    assert ["U0DANA"] == call(slack, "usergroups.users.list", usergroup="S0ONCALL")["users"]
    with pytest.raises(SlackError, match="no_such_subteam"):
        call(slack, "usergroups.users.list", usergroup="S0X")


def test_blocks_are_validated_without_posting(slack: StandIn) -> None:
    """blocks.validate takes blocks or a view, and says what is wrong."""
    assert {} == call(slack, "blocks.validate", blocks='[{"type": "divider"}]')
    assert {} == call(slack, "blocks.validate", view={"type": "home", "blocks": []})
    for given in ({"blocks": [{"type": "x"}]}, {"view": {"type": "home"}}):
        with pytest.raises(SlackError, match="invalid_blocks"):
            call(slack, "blocks.validate", **given)
