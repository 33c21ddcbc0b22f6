"""Who the probe says it is: EHLO name, reverse-path and forward-path (RFC 5321 §4.1.1.1, §4.1.4).

What the settings leave open is filled with what is true of this machine, never with a name that
belongs to somebody else. Many servers refuse such stand-ins, so what is not set is said.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from bot.model.report import Vantage
from bot.network.own_host import outgoing_address, own_host_name
from bot.request import UsageError, parse_domain
from bot.settings import variable

if TYPE_CHECKING:
    from bot.settings import Settings

_FIELDS = ("ehlo_name", "mail_from", "rcpt_to")
_NO_ROUTE = "127.0.0.1"


def identify(settings: Settings) -> Vantage:
    """Return the probe's identity by the settings, and by this machine where they say nothing."""
    ehlo = settings.ehlo_name or stand_in(own_host_name(), outgoing_address())
    return Vantage(
        name="default",
        ehlo=ehlo,
        reverse_path=settings.mail_from or f"relaycheck@{ehlo}",
        forward_path=settings.rcpt_to or f"canary@{ehlo}",
    )


def stand_in(host_name: str, address: str | None) -> str:
    """Return the EHLO name of a machine that was told none.

    Args:
        host_name: What the machine calls itself; used where it could be a public name.
        address: What its packets leave from; None where it has no route.
    """
    try:
        return parse_domain(host_name).ascii
    except UsageError:
        ip = ipaddress.ip_address(address or _NO_ROUTE)
        return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"  # RFC 5321 §4.1.3


def missing_identity(settings: Settings, vantage: Vantage) -> str | None:
    """Return a sentence about the identity settings that are not set; None when all are."""
    unset = [variable(field) for field in _FIELDS if getattr(settings, field) is None]
    if not unset:
        return None
    return (
        f"{', '.join(unset)} not set: the probe says EHLO {vantage.ehlo}, "
        f"MAIL FROM:<{vantage.reverse_path}>, RCPT TO:<{vantage.forward_path}>, and servers that "
        "check names may refuse it; set a name that resolves to this machine and back, and two "
        "mailboxes of yours at a domain that no probed server handles."
    )
