"""What this machine knows of itself without asking anybody: its name and its addresses.

No packet is sent: a connected UDP socket only asks the routing table (both targets are
documentation addresses, RFC 5737 and 3849), and the name is the kernel's, since looking up the
"fully qualified" one is a DNS question that may take seconds and tell an internal name.
"""

from __future__ import annotations

import socket

_TARGETS = ("192.0.2.1", "2001:db8::1")


def own_host_name() -> str:
    """Return the host name as the administrator set it; often it has no domain."""
    return socket.gethostname()


def outgoing_address() -> str | None:
    """Return the address that packets to the Internet leave from, IPv4 first; None: no route."""
    return next(filter(None, map(source_address, _TARGETS)), None)


def source_address(target: str) -> str | None:
    """Return the address that packets to a target would leave from; None where no route leads."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def is_own_address(ip: str) -> bool:
    """Whether an address is one of this machine's: what it sends there leaves from that address.

    So every interface counts, those that came up after we did as well. An address that a router
    before us translates (NAT) is not known here.
    """
    return source_address(ip) == ip
