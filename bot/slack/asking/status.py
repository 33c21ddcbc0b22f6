"""`/relaycheck status`: how we are connected and how busy, what is allowed, who we say we are."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from bot.render.card import slack_time
from bot.render.inert import inert, mrkdwn
from bot.request.options import PROVE, VARIANTS
from bot.settings import ProbePolicy
from bot.slack.rates import Scope

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.slack.desk import Desk
    from bot.slack.rates import Left

_POLICY = {
    ProbePolicy.ANYONE: f"anyone's, and with `{VARIANTS}` or `{PROVE}` those that are verified",
    ProbePolicy.VERIFIED: "those that are verified as this workspace's",
    ProbePolicy.OFF: "nobody's: my operator has switched probing off, and DNS alone is looked at",
}
_WHOSE = {
    Scope.USER: "for you",
    Scope.WORKSPACE: "for this workspace",
    Scope.TOTAL: "for all that I serve",
}


async def status(desk: Desk, _rest: str, place: Destination) -> str:
    """Say how it is now, and what the person who asks may still ask for (mrkdwn)."""
    running, waiting = desk.jobs.load()
    us = desk.vantage
    left = await desk.permissions.left(place.team, place.user)
    ehlo, reverse_path, forward_path = map(_shown, (us.ehlo, us.reverse_path, us.forward_path))
    lines = [
        f"*Slack:* {_connected(desk)}",
        f"*Checks:* {running} running, {waiting} waiting",
        f"*Mail servers that may be asked:* {_POLICY[desk.permissions.policy]}",
        *_paused(desk),
        f"*Probes left:* {'; '.join(map(_left, left)) or 'no limit'}",
        f"*To mail servers I say:* EHLO {ehlo}, MAIL FROM {reverse_path}, RCPT TO {forward_path}",
        f"*Proof of delivery:* {'can be asked for' if desk.results.can_prove else 'not set up'}",
        f"*Version:* {metadata.version('relaycheck')}",
    ]
    return "\n".join(lines)


def _connected(desk: Desk) -> str:
    if not desk.identity.is_known:
        return "takes commands in, and has not yet said who I am: cards wait until it does"
    way = f" by {desk.identity.way}" if desk.identity.way else ""
    return f"connected as <@{desk.identity.bot_user_id}>{way}"


def _paused(desk: Desk) -> list[str]:
    """Say that probes pause, and why and until when, while they do."""
    pause = desk.permissions.pause(desk.now())
    return [f"*Probes pause:* {_shown(pause.why)}"] if pause else []


def _left(left: Left) -> str:
    again = f", more from {slack_time(left.again_at)}" if left.again_at else ""
    rate = f"{left.rate.amount} per {left.rate.period}"
    return f"{left.amount} of {rate} {_WHOSE[left.scope]}{again}"


def _shown(text: str) -> str:
    return mrkdwn(inert(text))
