"""`/relaycheck verify DOMAIN`: what to publish to show that a domain is yours, and whether it is.

The token is of one workspace and one name. It is no secret: whoever can publish it rules the zone,
and it is worth nothing to another workspace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.policy.consent import VERIFY
from bot.render.inert import inert
from bot.slack.desk import HELP

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.slack.desk import Desk

_USAGE = "Name the domain: type for example `/relaycheck verify example.com`."
_ONLY_BY_OPERATOR = (
    "This relaycheck cannot verify by DNS: its operator has to set RELAYCHECK_VERIFY_SECRET, or to "
    "vouch for the domain with RELAYCHECK_VERIFIED."
)


async def verify(desk: Desk, text: str, place: Destination) -> str:
    """Say whether a domain or host is verified for a workspace, and else how to get there."""
    request = desk.read(text)
    if isinstance(request, str):
        return _USAGE if request == HELP else request
    name = request.domain.ascii
    shown = f"`{inert(name, 300)}`"
    is_verified = await desk.permissions.is_verified(place.team, name)
    if is_verified:
        return f"{shown} is verified for this workspace, with every host below it."
    consent = desk.permissions.consent(place.team)
    if consent.secret is None:
        return _ONLY_BY_OPERATOR
    slow = "" if is_verified is False else "DNS was too slow to tell now. "
    return (
        f"{slow}To show that {shown} is yours, publish this TXT record and type the same again:\n"
        f'`{VERIFY}.{inert(name, 300)}. TXT "{consent.token(name)}"`\n'
        "It covers every host below it, for this workspace alone."
    )
