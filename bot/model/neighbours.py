"""Which addresses are taken for neighbours: those of one /24, or of one /48 of IPv6.

A size for counting and for doubt, where nobody knows how a network is really parted: Postfix's
mynetworks_style = subnet and many an access list trust as much.
"""

from __future__ import annotations

import ipaddress

_PREFIX = {4: 24, 6: 48}


def network_of(ip: str) -> str:
    """Return the /24 or, of IPv6, the /48 that an address is in."""
    prefix = _PREFIX[ipaddress.ip_address(ip).version]
    return str(ipaddress.ip_network((ip, prefix), strict=False))
