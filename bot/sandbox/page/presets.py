"""The faults that the page's side panel offers, by name: what a user would see of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.slack import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.slack import StandIn


@dataclass(frozen=True, slots=True)
class Preset:
    """One fault to choose: either a Fault of the Web API, or something done to the sockets."""

    label: str
    explains: str
    fault: Fault | None = None
    act: Callable[[StandIn], None] | None = None


def _drop(slack: StandIn) -> None:
    slack.state.sockets.drop()


def _refuse(slack: StandIn) -> None:
    slack.state.sockets.refuse_next += 1
    slack.state.sockets.drop()


def _revoke(slack: StandIn) -> None:
    slack.state.revoked = not slack.state.revoked


def _forget_scope(slack: StandIn) -> None:
    slack.state.scopes ^= {"chat:write"}


PRESETS: dict[str, Preset] = {
    "slow": Preset(
        "Slow Web API",
        "every call takes two seconds, until cleared",
        Fault(method="*", delay_s=2.0, times=None),
    ),
    "rate_limited": Preset(
        "429 on the next three updates",
        "chat.update is rate-limited, Retry-After 2",
        Fault(method="chat.update", error="ratelimited", status=429, retry_after_s=2, times=3),
    ),
    "invalid_blocks": Preset(
        "invalid_blocks once",
        "the next message or update is refused",
        Fault(method="chat.[pu]*", error="invalid_blocks"),
    ),
    "too_long": Preset(
        "msg_blocks_too_long once",
        "the next message or update is refused as too long",
        Fault(method="chat.[pu]*", error="msg_blocks_too_long"),
    ),
    "archived": Preset(
        "is_archived",
        "every channel is archived to the app, until cleared",
        Fault(method="chat.[pu]*", error="is_archived", times=None),
    ),
    "server_error": Preset(
        "HTTP 500 twice",
        "the next two calls fail within Slack",
        Fault(method="*", error="internal_error", status=500, times=2),
    ),
    "lost_reply": Preset(
        "Lost reply",
        "the next post happens, but its answer never arrives",
        Fault(method="chat.postMessage", lose_reply=True),
    ),
    "response_url": Preset(
        "response_url fails once",
        "the next use of a response_url is answered with 500",
        Fault(method="response_url", status=500),
    ),
    "expired_url": Preset(
        "Every response_url is over",
        "as after its thirty minutes, until cleared",
        Fault(method="response_url", error="expired_url", status=404, times=None),
    ),
    "late_window": Preset(
        "The next window comes too late",
        "views.open finds its trigger expired",
        Fault(method="views.open", error="expired_trigger_id"),
    ),
    "drop": Preset("Drop the socket", "Socket Mode is cut without a word", act=_drop),
    "refuse": Preset(
        "Drop it, refuse the next", "the first ticket after the cut is dead", act=_refuse
    ),
    "revoke": Preset("Revoke the tokens", "and give them back when chosen again", act=_revoke),
    "missing_scope": Preset(
        "Take the scope chat:write away",
        "and give it back when chosen again",
        act=_forget_scope,
    ),
}


def cause(slack: StandIn, name: str) -> None:
    """Let a fault happen.

    Raises:
        KeyError: there is no such preset.
    """
    preset = PRESETS[name]
    if preset.fault is not None:
        slack.faults.add(preset.fault)
    if preset.act is not None:
        preset.act(slack)
    slack.workspace.tell("faults", None)
