"""conversations.history and conversations.replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack.errors import SlackError
from tests.sandbox.slack.methods.test_basics import call

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn

INCIDENT = "C0INCIDENT"
METADATA = {"event_type": "run", "event_payload": {"run_id": "7F3A"}}


def test_a_channel_is_read_the_latest_first(slack: StandIn) -> None:
    """Replies are not part of it; metadata comes where it is asked for."""
    first = call(slack, "chat.postMessage", channel=INCIDENT, text="a", metadata=METADATA)
    call(slack, "chat.postMessage", channel=INCIDENT, text="b")
    call(slack, "chat.postMessage", channel=INCIDENT, text="reply", thread_ts=first["ts"])
    read = call(slack, "conversations.history", channel=INCIDENT, include_all_metadata="true")

    assert ["b", "a"] == [message["text"] for message in read["messages"]]
    assert METADATA == read["messages"][1]["metadata"]
    assert not read["has_more"]
    bare = call(slack, "conversations.history", channel=INCIDENT, limit=1)
    assert ["b"] == [message["text"] for message in bare["messages"]]
    assert bare["has_more"]
    assert "metadata" not in call(slack, "conversations.history", channel=INCIDENT)["messages"][1]


def test_a_thread_is_read_from_its_parent_on(slack: StandIn) -> None:
    """The parent comes first, then the replies."""
    parent = call(slack, "chat.postMessage", channel=INCIDENT, text="a")
    call(slack, "chat.postMessage", channel=INCIDENT, text="reply", thread_ts=parent["ts"])
    read = call(slack, "conversations.replies", channel=INCIDENT, ts=parent["ts"])

    assert ["a", "reply"] == [message["text"] for message in read["messages"]]
    with pytest.raises(SlackError, match="thread_not_found"):
        call(slack, "conversations.replies", channel=INCIDENT, ts="1.2")


def test_only_members_read(slack: StandIn) -> None:
    """A public channel that the bot is not in can be seen and not read."""
    with pytest.raises(SlackError, match="not_in_channel"):
        call(slack, "conversations.history", channel="C0GENERAL")
