"""Whether anybody answers us at a port: many clouds block outgoing port 25 without a word.

One silent server says nothing about us. When servers of several domains, in several networks, are
all silent and nobody has answered for an hour, the likely fault is ours, and a verdict must not
speak of the servers (facts of Google Cloud, AWS and others: port 25 is closed until asked for).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED_S = 3600.0
SILENT_DOMAINS = 2
SILENT_NETWORKS = 3
_PREFIX = {4: 24, 6: 48}


@dataclass(slots=True)
class _Port:
    answered_at: float | None = None
    domains: set[str] = field(default_factory=set)
    networks: set[str] = field(default_factory=set)


class Egress:
    """What came of our connections lately, by port.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ports: dict[int, _Port] = {}

    def note(self, domain: str, ip: str, port: int, *, answered: bool) -> None:
        """Remember that an address took our connection, or was silent."""
        known = self._ports.setdefault(port, _Port())
        if answered:
            self._ports[port] = _Port(answered_at=self._now())
            return
        known.domains.add(domain)
        address = ipaddress.ip_address(ip)
        network = ipaddress.ip_network((ip, _PREFIX[address.version]), strict=False)
        known.networks.add(str(network))

    def is_blocked(self, port: int) -> bool:
        """Whether the silence is so general that our own network must be the cause."""
        known = self._ports.get(port, _Port())
        fresh = known.answered_at is not None and self._now() - known.answered_at < REMEMBERED_S
        return (
            not fresh
            and len(known.domains) >= SILENT_DOMAINS
            and len(known.networks) >= SILENT_NETWORKS
        )
