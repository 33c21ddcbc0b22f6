"""Whether we ask from inside: a server that trusts its own network looks open to its neighbours.

A probe from within the target's networks (or by one of its own names) proves nothing about
strangers; every open verdict is then said with that warning.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from bot.model.neighbours import network_of

if TYPE_CHECKING:
    from bot.relay.attempts import Plan


def is_inside(plan: Plan, source: str | None) -> bool:
    """Say whether the target may take us for one of its own.

    Args:
        plan: whom we asked, and as whom.
        source: the address that we asked from; None: not known.
    """
    ours, theirs = plan.vantage.ehlo.lower(), plan.domain.ascii
    if ours == theirs or ours.endswith(f".{theirs}"):
        return True
    return source is not None and _is_near(source, plan.ip)


def _is_near(source: str, target: str) -> bool:
    # Loopback is a stage for tests (the operator has to allow it), and not a network to be inside.
    is_stage = ipaddress.ip_address(target).is_loopback
    return not is_stage and network_of(source) == network_of(target)
