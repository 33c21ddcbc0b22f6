"""Which addresses are never connected to, whatever DNS says (RFC 6890, RFC 8190).

An attacker chooses the addresses behind an MX record: without this filter they could have us knock
at a cloud's metadata service, at a private network, at this machine. The ranges and their names
stand in ``special_addresses.toml``. ``ipaddress.is_global`` is no such filter: it lets multicast,
NAT64 and 6to4 through.

Pure: it judges the text of one address; connecting to that very address is ``bot.network.smtp``'s.
"""

from __future__ import annotations

import ipaddress
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.settings import IPNetwork

_TABLE = tomllib.loads(
    resources.files("bot.network").joinpath("special_addresses.toml").read_text(encoding="utf-8")
)
# RFC 4291 §2.4: 2000::/3 is the one part of the catch-all ::/0 that is not refused by it.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_EVERYTHING = ipaddress.IPv6Network("::/0")
_SPECIAL = sorted(
    ((ipaddress.ip_network(row["prefix"]), str(row["is"])) for row in _TABLE["network"]),
    key=lambda row: row[0].prefixlen,
    reverse=True,
)


def forbidden_class(
    ip: str,
    allowed: Sequence[IPNetwork] = (),
    is_own: Callable[[str], bool] = lambda _: False,
) -> str | None:
    """Return what an address is if it must not be connected to, or None.

    An address that holds an IPv4 address (mapped, NAT64, 6to4, Teredo) is refused as what it is and
    never unwrapped, so that nothing behind it can be reached by another spelling.

    Args:
        ip: the address as text, in the one spelling of its family; others are not addresses.
        allowed: networks that the operator exempts (RELAYCHECK_ALLOW_NETWORKS); they go first.
        is_own: whether an address is this machine's; asked of public unicast addresses alone.

    Returns:
        Words that follow "192.0.2.1 is", such as "in a private network (RFC 1918)".
    """
    if "%" in ip:  # RFC 4007 §11: a zone names an interface of ours
        return "an address with a scope (RFC 4007)"
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "not an IP address"
    if any(address in network for network in allowed):
        return None
    for network, what in _SPECIAL:
        if address in network and not (network == _EVERYTHING and address in _GLOBAL_UNICAST):
            return what
    return "an address of this machine" if is_own(str(address)) else None
