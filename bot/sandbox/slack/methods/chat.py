"""chat.*: messages posted, changed, shown to one person, deleted, linked to.

docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import content_of, postable, visible
from bot.sandbox.slack.methods.method import Arguments, Method
from bot.sandbox.slack.methods.wire import message_wire, permalink
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from bot.sandbox.slack.state import State
    from bot.sandbox.slack.workspace import Channel


def _post_message(state: State, args: Arguments) -> dict[str, Any]:
    channel = postable(state, args.required("channel"))
    message = state.workspace.keep(
        replace(_message(state, args, channel), broadcast=args.flag("reply_broadcast"))
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_wire(message)}


def _post_ephemeral(state: State, args: Arguments) -> dict[str, Any]:
    channel = postable(state, args.required("channel"))
    user = args.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = state.workspace.keep(replace(_message(state, args, channel), ephemeral_to=user))
    return {"message_ts": message.ts}


def _update(state: State, args: Arguments) -> dict[str, Any]:
    message = _own_message(state, args, refusal="cant_update_message")
    content = content_of(args)
    # Text without blocks takes the blocks away, and shows "(edited)"; blocks alone do not.
    changed = state.workspace.keep(
        replace(
            message,
            text=content.text,
            blocks=content.blocks or (),
            metadata=content.metadata if "metadata" in args.given else message.metadata,
            edited=message.edited or content.blocks is None,
        )
    )
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": changed.text,
        "message": message_wire(changed),
    }


def _delete(state: State, args: Arguments) -> dict[str, Any]:
    message = _own_message(state, args, refusal="cant_delete_message")
    state.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _get_permalink(state: State, args: Arguments) -> dict[str, Any]:
    channel = visible(state, args.required("channel"))
    message = state.workspace.find(channel.id, args.required("message_ts"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": permalink(state, message)}


def _message(state: State, args: Arguments, channel: Channel) -> Message:
    """Return the bot's new message as the call words it."""
    content = content_of(args)
    return Message(
        channel=channel.id,
        ts=state.workspace.stamp(),
        user=BOT_USER,
        text=content.text,
        blocks=content.blocks or (),
        thread_ts=args.text("thread_ts") or None,
        metadata=content.metadata,
    )


def _own_message(state: State, args: Arguments, *, refusal: str) -> Message:
    """Return the bot's own message that is named; a channel must be named by its id here."""
    name = args.required("channel")
    if name not in state.workspace.channels:
        raise SlackError("channel_not_found")
    channel = visible(state, name)
    if channel.archived:
        raise SlackError("is_archived")
    message = state.workspace.find(channel.id, args.required("ts"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if message.user != BOT_USER:
        raise SlackError(refusal)
    return message


METHODS = {
    "chat.postMessage": Method(_post_message, scope="chat:write"),
    "chat.postEphemeral": Method(_post_ephemeral, scope="chat:write"),
    "chat.update": Method(_update, scope="chat:write"),
    "chat.delete": Method(_delete, scope="chat:write"),
    "chat.getPermalink": Method(_get_permalink),
}
