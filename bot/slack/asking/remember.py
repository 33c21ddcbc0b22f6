"""`/relaycheck history DOMAIN`: how its mail hosts fared over time, as far as this person may see.

The checks of this channel, and their own; nobody else's private ones. Only they read the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.render.card import slack_time
from bot.render.history import history as told
from bot.render.inert import inert
from bot.slack.desk import HELP

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.slack.desk import Desk

_USAGE = "Name the domain: type for example `/relaycheck history example.com`."
_AWAY = "My database does not answer now: type the same again in a moment."
_WHOSE = "Checks of this channel and your own; `/relaycheck {}` makes another."
_NONE = (
    "`{0}` was not checked in this channel yet, nor by you elsewhere. `/relaycheck {0}` checks it "
    "now; `/relaycheck watch {0}` looks every day and tells this channel of a change."
)


async def history(desk: Desk, text: str, place: Destination) -> str:
    """Say how a domain's mail hosts fared over time (mrkdwn)."""
    request = desk.read(text)
    if isinstance(request, str):
        return _USAGE if request == HELP else request
    domain = request.domain
    found = await desk.past.sightings(domain.ascii, place)
    if found is None:
        return _AWAY
    if not found:
        return _NONE.format(inert(domain.ascii, 300))
    heading, *lines = told(domain.shown, found, slack_time, as_mrkdwn=True)
    return "\n".join([f"*{heading}*", *lines, _WHOSE.format(inert(domain.ascii, 300))])
