"""Watches that were stopped: why, in words, and their owners told as soon as that is possible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.deliver.calls import say
from bot.deliver.web_api import TOKEN_ERRORS
from bot.render.inert import inert
from bot.store.watches import keep_looks, stopped_watches

if TYPE_CHECKING:
    from bot.deliver import Slack
    from bot.store import Database
    from bot.store.watches import Watch

_AWAY = "I am not in that channel (any more), or it is gone"
_TOKEN = "this app was removed from the workspace, or its token was taken back"  # noqa: S105
# Why Slack takes nothing for a channel, by its errors (docs.slack.dev, "chat.postMessage").
_WHY = {
    "channel_not_found": _AWAY,
    "not_in_channel": _AWAY,
    "is_archived": "that channel is archived",
    **dict.fromkeys(TOKEN_ERRORS, _TOKEN),
}
# Before the id of the person who paused a watch.
BY = "by "


def resting(paused: str) -> str:
    """Return why a watch rests (mrkdwn)."""
    if paused.startswith(BY):
        return f"paused by <@{paused.removeprefix(BY)}>"
    return f"stopped: {_why(paused)}"


def stopped(watch: Watch, error: str) -> str:
    """Return what to tell the owner of a watch that is stopped (mrkdwn)."""
    domain = inert(watch.domain.ascii, 300)
    return (
        f"I have stopped watching `{domain}` for {place_of(watch.channel)}: "
        f"{_why(error)}. Put that right (`/invite @relaycheck` in the channel), then choose "
        "*Resume* under `/relaycheck watches`; or set the watch anew for another channel."
    )


def _why(error: str) -> str:
    return _WHY.get(error, f"Slack does not let me post there ({error})")


def place_of(channel: str) -> str:
    """Return where a watch tells of changes (mrkdwn)."""
    return f"<#{channel}>" if channel[:1] in "CG" else "you alone"


async def tell_owners(database: Database, slack: Slack) -> None:
    """Tell the owners of stopped watches who could not be told at the time."""
    for watch in await stopped_watches(database):
        if watch.looks.untold and not await say(slack, watch.owner, stopped(watch, watch.paused)):
            await keep_looks(database, watch.id, replace(watch.looks, untold=False))
