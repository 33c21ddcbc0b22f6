"""Messages, channels and links are spelled as Slack spells them."""

from __future__ import annotations

from bot.sandbox.slack.methods.wire import message_wire
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.workspace import Message


def test_a_person_s_message_is_plain() -> None:
    """Nothing is said of what a message does not have."""
    wire = message_wire(Message(channel="C1", ts="1.1", user="U1", text="hi"))

    assert {"type", "user", "ts", "text", "team", "blocks"} == wire.keys()


def test_the_bot_s_message_has_all_of_it() -> None:
    """Bot, thread, edit, metadata and files each have their field."""
    message = Message(
        channel="C1",
        ts="1.1",
        user=BOT_USER,
        thread_ts="1.0",
        edited=True,
        metadata={"event_type": "x", "event_payload": {}},
        files=({"id": "F1"},),
    )

    wire = message_wire(message)

    assert "1.0" == wire["thread_ts"]
    assert {"bot_id", "app_id", "edited", "metadata", "files"} <= wire.keys()
