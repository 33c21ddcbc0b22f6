"""chat.*: what a message may be, where it may go, and how it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.method import Arguments

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
METADATA = {"event_type": "relaycheck_run", "event_payload": {"run": "7"}}


def call(slack: StandIn, method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Call a method as the server does once a call is let in."""
    return METHODS[method].run(slack.state, Arguments(given))


def post(slack: StandIn, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Post to #incident."""
    return call(slack, "chat.postMessage", **{"channel": "C0INCIDENT", "text": "x"} | given)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel": ""}, "invalid_arguments"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"channel": "C0GENERAL"}, "not_in_channel"),
        ({"channel": "C0SECURITY"}, "channel_not_found"),
        ({"channel": "C0ARCHIVED"}, "is_archived"),
        ({"text": ""}, "no_text"),
        ({"text": " \n"}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"blocks": "{"}, "invalid_blocks_format"),
        ({"blocks": "{}"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "x"}]}, "invalid_blocks"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"metadata": "{"}, "invalid_metadata_format"),
    ],
)
def test_post_is_refused(slack: StandIn, given: dict[str, Any], error: str) -> None:
    """Each refusal has Slack's name, and nothing is posted."""
    with pytest.raises(SlackError, match=f"^{error}$"):
        post(slack, **given)

    assert () == slack.channel("incident").messages


def test_too_much_text_is_refused(slack: StandIn) -> None:
    """About 13,200 characters in all blocks are the most."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        post(slack, blocks=[long] * 5)


def test_refused_blocks_say_where(slack: StandIn) -> None:
    """invalid_blocks comes with messages that point at the fault."""
    with pytest.raises(SlackError) as caught:
        post(slack, blocks=[{"type": "header"}])

    messages = caught.value.body["response_metadata"]["messages"]
    assert ["[ERROR] missing required field: text [json-pointer:/blocks/0]"] == messages


def test_public_channels_are_open_with_their_scope(slack: StandIn) -> None:
    """chat:write.public posts where the bot is not a member, never to private channels."""
    slack.state.scopes |= {"chat:write.public"}

    assert post(slack, channel="C0GENERAL")["ts"]
    with pytest.raises(SlackError, match="channel_not_found"):
        post(slack, channel="C0SECURITY")


def test_user_id_posts_to_the_direct_message(slack: StandIn) -> None:
    """A user's id in place of a channel opens the DM."""
    assert "D0RELAYCHK" == post(slack, channel="U0DANA")["channel"]


def test_message_keeps_what_it_was_given(slack: StandIn) -> None:
    """Thread, broadcast and metadata are kept; blocks and buttons get ids of their own."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "b"}}
    row = {"type": "actions", "elements": [button]}

    sent = post(
        slack, thread_ts="1.2", reply_broadcast="true", metadata=METADATA, blocks=[SECTION, row]
    )

    message = slack.workspace.find("C0INCIDENT", sent["ts"])
    assert message is not None
    assert (message.thread_ts, message.broadcast, message.metadata) == ("1.2", True, METADATA)
    assert message.blocks[0]["block_id"]
    assert message.blocks[1]["elements"][0]["action_id"]
    assert "block_id" not in row


def test_update_without_blocks_takes_them_away(slack: StandIn) -> None:
    """Text alone removes the blocks and marks the message edited; blocks alone do not mark it."""
    ts = post(slack, blocks=[SECTION], metadata=METADATA)["ts"]

    call(slack, "chat.update", channel="C0INCIDENT", ts=ts, blocks=[SECTION], text="y")
    first = slack.channel("incident").messages[0]
    call(slack, "chat.update", channel="C0INCIDENT", ts=ts, text="z", metadata={})
    second = slack.channel("incident").messages[0]

    assert (first.edited, len(first.blocks), first.metadata) == (False, 1, METADATA)
    assert (second.edited, second.blocks, second.metadata) == (True, (), None)


async def test_update_finds_only_its_own_messages(slack: StandIn) -> None:
    """Other people's, ephemeral, deleted and unknown messages are not the bot's to change."""
    theirs = await slack.say("dana", "incident", "hello")
    only = call(slack, "chat.postEphemeral", channel="C0INCIDENT", user="U0DANA", text="psst")
    gone = post(slack)["ts"]
    call(slack, "chat.delete", channel="C0INCIDENT", ts=gone)

    for channel, ts, error in (
        ("C0INCIDENT", theirs.ts, "cant_update_message"),
        ("C0INCIDENT", only["message_ts"], "message_not_found"),
        ("C0INCIDENT", gone, "message_not_found"),
        ("C0ARCHIVED", "1.1", "is_archived"),
        ("incident", gone, "channel_not_found"),
    ):
        with pytest.raises(SlackError, match=error):
            call(slack, "chat.update", channel=channel, ts=ts, text="x")
    with pytest.raises(SlackError, match="cant_delete_message"):
        call(slack, "chat.delete", channel="C0INCIDENT", ts=theirs.ts)


def test_ephemeral_is_for_members(slack: StandIn) -> None:
    """chat.postEphemeral reaches a member of the channel and nobody else."""
    with pytest.raises(SlackError, match="user_not_in_channel"):
        call(slack, "chat.postEphemeral", channel="C0INCIDENT", user="U0X", text="x")


def test_permalink_leads_into_the_thread(slack: StandIn) -> None:
    """A reply's link names its thread; what is not there has none."""
    parent = post(slack)["ts"]
    reply = post(slack, thread_ts=parent)["ts"]

    link = call(slack, "chat.getPermalink", channel="C0INCIDENT", message_ts=reply)["permalink"]
    assert link.endswith(f"/archives/C0INCIDENT/p{reply.replace('.', '')}?thread_ts={parent}")
    assert (
        "?"
        not in call(slack, "chat.getPermalink", channel="C0INCIDENT", message_ts=parent)[
            "permalink"
        ]
    )
    with pytest.raises(SlackError, match="message_not_found"):
        call(slack, "chat.getPermalink", channel="C0INCIDENT", message_ts="1.1")
