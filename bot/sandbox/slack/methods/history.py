"""conversations.history and conversations.replies: what stands in a channel, and in a thread.

docs.slack.dev/reference/methods/conversations.history: the latest first; replies the oldest first.
Metadata comes where it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import visible
from bot.sandbox.slack.methods.method import Arguments, Method
from bot.sandbox.slack.methods.wire import message_wire
from bot.sandbox.slack.sample import BOT_USER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.slack.state import State
    from bot.sandbox.slack.workspace import Conversation, Message

_MOST = 999


def _history(state: State, args: Arguments) -> dict[str, Any]:
    return _page(_readable(state, args).parents[::-1], args)


def _replies(state: State, args: Arguments) -> dict[str, Any]:
    conversation = _readable(state, args)
    root = args.required("ts")
    parent = [message for message in conversation.messages if message.ts == root]
    if not parent:
        raise SlackError("thread_not_found")
    return _page([*parent, *conversation.replies(root)], args)


def _readable(state: State, args: Arguments) -> Conversation:
    channel = visible(state, args.required("channel"))
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return state.workspace.conversation(channel.id)


def _page(messages: Sequence[Message], args: Arguments) -> dict[str, Any]:
    limit = min(int(args.text("limit") or 100), _MOST)
    wires = [message_wire(message) for message in messages[:limit]]
    if not args.flag("include_all_metadata"):
        for wire in wires:
            wire.pop("metadata", None)
    return {"messages": wires, "has_more": len(messages) > limit}


METHODS = {
    "conversations.history": Method(_history, scope="channels:history"),
    "conversations.replies": Method(_replies, scope="channels:history"),
}
