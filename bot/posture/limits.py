"""How much a check asks of DNS: contract.md's limits, and the bounds that keep a zone from more.

A hostile zone may name thousands of hosts, addresses and PTR names. What lies beyond these figures
is named in the report and not asked; it never counts as an answer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one check.

    Attributes:
        hosts: MX hosts that are resolved.
        addresses_per_host: addresses of one host that are asked.
        addresses: distinct addresses of a check that are asked.
        ptr_names: PTR names of one address that are looked up (RFC 7208 §4.6.4 has the figure).
        lookups: distinct questions of a check, those put to blocklists apart.
        seconds: from the first question to the last answer.
    """

    hosts: int = 50
    addresses_per_host: int = 8
    addresses: int = 100
    ptr_names: int = 10
    lookups: int = 500
    seconds: float = 20.0


DEFAULT_LIMITS = Limits()
