"""The stand-in as JSON for the page: all of it at the beginning, then one change at a time.

Each is for one person: what is ephemeral for others, and their views, are not in it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.sandbox.page.presets import PRESETS
from bot.sandbox.slack import Delivery, Message
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.state import ApiCall

if TYPE_CHECKING:
    from bot.sandbox.page.listing import Listing
    from bot.sandbox.slack import Channel, StandIn
    from bot.sandbox.slack.views import OpenView

_TRAFFIC = 100


def everything(slack: StandIn, listing: Listing, me: str) -> dict[str, Any]:
    """Return all that one person's page begins with."""
    workspace = slack.workspace
    messages = [
        _message(each)
        for channel in workspace.channels
        for each in workspace.conversation(channel).everything
        if each.ephemeral_to in (None, me)
    ]
    return {
        "kind": "snapshot",
        "me": me,
        "bot": BOT_USER,
        "users": [asdict(user) for user in workspace.users.values()],
        "channels": [_channel(channel) for channel in workspace.channels.values()],
        "messages": messages,
        "listing": asdict(listing),
        "presets": [
            {"id": name, "label": preset.label, "explains": preset.explains}
            for name, preset in PRESETS.items()
        ],
        "traffic": [
            *map(_call, slack.state.calls[-_TRAFFIC:]),
            *map(_delivery, slack.deliveries[-_TRAFFIC:]),
        ],
        **status(slack),
        **_views(slack, me),
    }


def change(slack: StandIn, me: str, kind: str, what: object) -> dict[str, Any] | None:
    """Return one change as one person's page is told of it; None when it is not theirs to see."""
    match what:
        case Message():
            hidden = what.ephemeral_to not in (None, me)
            return None if hidden else {"kind": "message", "message": _message(what)}
        case ApiCall():
            return {"kind": "traffic", "entry": _call(what), **status(slack)}
        case Delivery():
            return {"kind": "traffic", "entry": _delivery(what), **status(slack)}
    if kind == "view":
        return {"kind": "views", **_views(slack, me)}
    if kind == "channel":
        channels = [_channel(channel) for channel in slack.workspace.channels.values()]
        return {"kind": "channels", "channels": channels}
    return {"kind": "status", **status(slack)}


def status(slack: StandIn) -> dict[str, Any]:
    """Return whether the app is there, and which faults wait."""
    by_http = slack.courier.request_url is not None
    return {
        "app": {
            "transport": "HTTP" if by_http else "Socket Mode",
            "connected": by_http or bool(slack.state.sockets.connections),
            "revoked": slack.state.revoked,
        },
        "faults": [
            {"method": each.method, "error": each.error, "times": each.times}
            for each in slack.faults.waiting
        ],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "is_reply": message.is_reply,
        "broadcast": message.broadcast,
        "ephemeral": message.ephemeral_to is not None,
        "files": message.files,
        "edited": message.edited,
        "deleted": message.deleted,
    }


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "archived": channel.archived,
        "purpose": channel.purpose,
        "members": sorted(channel.members),
        "has_bot": BOT_USER in channel.members,
    }


def _views(slack: StandIn, me: str) -> dict[str, Any]:
    home = slack.state.views.home(me)
    return {
        "stack": [_view(view) for view in slack.state.views.stack(me)],
        "home": None if home is None else _view(home),
    }


def _view(view: OpenView) -> dict[str, Any]:
    return {**view.wire, "errors": view.errors}


def _call(call: ApiCall) -> dict[str, Any]:
    return {"way": "from the app", "name": call.method, "error": call.error, "at": call.at}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    payload = delivery.payload
    name = payload.get("command") or payload.get("event", payload).get("type", "")
    return {
        "way": "to the app",
        "name": name,
        "error": delivery.error,
        "took_ms": round(delivery.took_s * 1000),
        "at": delivery.at,
    }
