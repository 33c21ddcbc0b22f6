"""The payloads that Slack sends when a person does something, field by field.

docs.slack.dev/reference/interaction-payloads and
docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.interactive import elements_of
from bot.sandbox.slack.methods.views import view_wire
from bot.sandbox.slack.methods.wire import message_wire
from bot.sandbox.slack.response_url import Place
from bot.sandbox.slack.sample import APP, BOT_USER, TEAM
from bot.sandbox.slack.workspace import Channel, ChannelKind, Message, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.slack.state import State
    from bot.sandbox.slack.views import OpenView

_VERIFICATION = "sandbox-verification-token"
_TEAM = {"id": TEAM, "domain": "sandbox"}
_serial = itertools.count(1)


def channel_name(channel: Channel) -> str:
    """Return a channel's name as payloads spell it: the private ones are not named."""
    special = {ChannelKind.DM: "directmessage", ChannelKind.PRIVATE: "privategroup"}
    return special.get(channel.kind, channel.name)


def slash_command(
    state: State, user: User, channel: Channel, command: str, text: str
) -> dict[str, Any]:
    """Return the form of a slash command."""
    return {
        "token": _VERIFICATION,
        "team_id": TEAM,
        "team_domain": "sandbox",
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": state.response_url(Place(channel.id, user.id)),
        "trigger_id": state.views.trigger(user.id),
    }


def _interaction(state: State, kind: str, user: User) -> dict[str, Any]:
    who = {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM}
    return {
        "type": kind,
        "token": _VERIFICATION,
        "team": _TEAM,
        "user": who,
        "api_app_id": APP,
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": state.views.trigger(user.id),
    }


def block_actions(
    state: State,
    user: User,
    source: Message | OpenView,
    action: Mapping[str, Any],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the payload of a pressed button or a chosen option, on a message or in a view."""
    payload = _interaction(state, "block_actions", user)
    stamped = {**action, "action_ts": state.workspace.stamp()}
    payload |= {"actions": [stamped], "state": {"values": dict(values)}}
    if not isinstance(source, Message):
        view = view_wire(source, values)
        return {**payload, "view": view, "container": {"type": "view", "view_id": source.id}}
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": source.ts,
        "channel_id": source.channel,
        "is_ephemeral": source.ephemeral_to is not None,
    }
    if source.thread_ts is not None:
        container["thread_ts"] = source.thread_ts
    channel = state.workspace.channel(source.channel)
    payload |= {
        "container": container,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "response_url": state.response_url(Place(channel.id, user.id, source.ts)),
    }
    # The content of an ephemeral message is not kept, so it is not sent either.
    return payload if source.ephemeral_to else {**payload, "message": message_wire(source)}


def view_submission(
    state: State, user: User, view: OpenView, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the payload of a submitted modal; ``values`` by block_id, then action_id."""
    payload = _interaction(state, "view_submission", user)
    urls = list(_response_urls(state, user, view, values))
    return {**payload, "view": view_wire(view, values), "response_urls": urls}


def _response_urls(
    state: State, user: User, view: OpenView, values: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield a response_url for each conversation chosen in a menu that asks for one."""
    for block_id, element in elements_of(view.wire["blocks"]):
        chosen = values.get(block_id, {}).get(element["action_id"], {})
        channel = chosen.get("selected_conversation") or chosen.get("selected_channel")
        if element.get("response_url_enabled") and channel:
            yield {
                "block_id": block_id,
                "action_id": element["action_id"],
                "channel_id": channel,
                "response_url": state.response_url(Place(channel, user.id)),
            }


def view_closed(state: State, user: User, view: OpenView, *, is_cleared: bool) -> dict[str, Any]:
    """Return the payload of a closed modal that asked to hear of it."""
    payload = _interaction(state, "view_closed", user)
    return {**payload, "view": view_wire(view), "is_cleared": is_cleared}


def message_shortcut(
    state: State, user: User, message: Message, callback_id: str
) -> dict[str, Any]:
    """Return the payload of a shortcut chosen in a message's menu."""
    channel = state.workspace.channel(message.channel)
    return {
        **_interaction(state, "message_action", user),
        "callback_id": callback_id,
        "action_ts": state.workspace.stamp(),
        "message_ts": message.ts,
        "message": message_wire(message),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "response_url": state.response_url(Place(channel.id, user.id, message.ts)),
    }


def global_shortcut(state: State, user: User, callback_id: str) -> dict[str, Any]:
    """Return the payload of a shortcut chosen beside the composer."""
    stamp = state.workspace.stamp()
    payload = _interaction(state, "shortcut", user)
    return {**payload, "callback_id": callback_id, "action_ts": stamp}


def event_callback(state: State, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event in its outer wrapper."""
    return {
        "token": _VERIFICATION,
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": f"Ev{next(_serial):08d}",
        "event_time": int(state.clock()),
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": {"event_ts": state.workspace.stamp(), **event},
    }
