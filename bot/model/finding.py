"""Findings: a tag with arguments, and nothing else.

Severity, title, advice and prose for each tag stand in ``bot/render/catalogue.toml``. The tags are
part of the public JSON report: one is added, none is renamed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tag(StrEnum):
    """What can be found out about a domain, a host, an address or an endpoint."""

    PTR_MISSING = "PTR_MISSING"
    PTR_GENERIC = "PTR_GENERIC"
    PTR_DYNAMIC = "PTR_DYNAMIC"
    PTR_CLOUD_DEFAULT = "PTR_CLOUD_DEFAULT"
    PTR_MULTIPLE = "PTR_MULTIPLE"
    FCRDNS_MISMATCH = "FCRDNS_MISMATCH"
    MX_NULL = "MX_NULL"
    MX_IMPLICIT = "MX_IMPLICIT"
    MX_NONE = "MX_NONE"
    MX_NULL_WITH_OTHERS = "MX_NULL_WITH_OTHERS"
    MX_IS_ALIAS = "MX_IS_ALIAS"
    MX_IS_ADDRESS = "MX_IS_ADDRESS"
    MX_DUPLICATE = "MX_DUPLICATE"
    MX_UNRESOLVABLE = "MX_UNRESOLVABLE"
    MX_SINGLE_HOST = "MX_SINGLE_HOST"
    MX_TOO_MANY = "MX_TOO_MANY"
    ADDRESS_FORBIDDEN = "ADDRESS_FORBIDDEN"
    PROBE_WITHHELD = "PROBE_WITHHELD"
    DNS_SERVFAIL = "DNS_SERVFAIL"
    DNS_TIMEOUT = "DNS_TIMEOUT"
    NXDOMAIN = "NXDOMAIN"
    BLOCKLISTED = "BLOCKLISTED"
    GREETING_NAME_MISMATCH = "GREETING_NAME_MISMATCH"
    STARTTLS_MISSING = "STARTTLS_MISSING"
    TLS_CERTIFICATE_INVALID = "TLS_CERTIFICATE_INVALID"
    SLOW_GREETING = "SLOW_GREETING"
    VANTAGE_INSIDE = "VANTAGE_INSIDE"
    PROOF_TOO_SOON = "PROOF_TOO_SOON"
    ACCEPTS_ANY_DOMAIN = "ACCEPTS_ANY_DOMAIN"
    POSSIBLE_BYPASS = "POSSIBLE_BYPASS"
    PROOF_BOUNCED = "PROOF_BOUNCED"
    OPEN_RELAY_LIKELY = "OPEN_RELAY_LIKELY"
    OPEN_RELAY_PROVED = "OPEN_RELAY_PROVED"


class Severity(StrEnum):
    """How much a finding matters to a person who runs the host; worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact, by tag; ``args`` fill the placeholders of its title."""

    tag: Tag
    args: Mapping[str, str] = field(default_factory=dict)
