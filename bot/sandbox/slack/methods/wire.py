"""Messages, channels and users as the Web API and payloads spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.sample import APP, BOT, BOT_USER, TEAM
from bot.sandbox.slack.workspace import Channel, ChannelKind, Message, User

if TYPE_CHECKING:
    from bot.sandbox.slack.state import State


def message_wire(message: Message) -> dict[str, Any]:
    """Return a message as Slack writes one."""
    wire: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": TEAM,
        "blocks": list(message.blocks),
    }
    if message.user == BOT_USER:
        wire |= {"bot_id": BOT, "app_id": APP}
    if message.thread_ts is not None:
        wire["thread_ts"] = message.thread_ts
    if message.edited:
        wire["edited"] = {"user": message.user, "ts": message.ts}
    if message.metadata is not None:
        wire["metadata"] = dict(message.metadata)
    if message.files:
        wire["files"] = [dict(file) for file in message.files]
    return wire


def channel_wire(channel: Channel) -> dict[str, Any]:
    """Return a channel as conversations.info does."""
    is_dm = channel.kind is ChannelKind.DM
    wire: dict[str, Any] = {
        "id": channel.id,
        "is_channel": not is_dm,
        "is_im": is_dm,
        "is_private": channel.kind is not ChannelKind.PUBLIC,
        "is_archived": channel.archived,
    }
    if is_dm:
        return {**wire, "user": next(iter(channel.members - {BOT_USER}))}
    return {
        **wire,
        "name": channel.name,
        "is_member": BOT_USER in channel.members,
        "purpose": {"value": channel.purpose},
    }


def user_wire(user: User) -> dict[str, Any]:
    """Return a user as users.info does."""
    return {
        "id": user.id,
        "team_id": TEAM,
        "name": user.name,
        "real_name": user.real_name,
        "is_bot": user.is_bot,
        "tz": "Etc/UTC",
        "profile": {"real_name": user.real_name, "display_name": user.name},
    }


def permalink(state: State, message: Message) -> str:
    """Return the address of a message."""
    link = f"{state.origin}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}" if message.is_reply else link
