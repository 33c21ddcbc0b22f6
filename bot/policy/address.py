"""Which addresses may be asked at all, and at which ports; and how it reads when one may not.

Knows the words of the report and the ports of the contract; the address filter's word
(``bot.network.address_filter``) and the operator's exemptions are handed in as facts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.exchange import TlsMode
from bot.model.finding import Finding, Tag
from bot.model.ports import SUBMISSIONS, WELL_KNOWN_PORTS
from bot.model.report import AddressReport, EndpointReport
from bot.model.verdict import Judgement, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.policy.consent import Ruling

# What one organisation usually has: the networks that the contract counts by.


def refused(ip: str, kind: str) -> AddressReport:
    """Return an address that the filter forbids, with its class; nothing connects there."""
    finding = Finding(Tag.ADDRESS_FORBIDDEN, {"ip": ip, "class": kind})
    return AddressReport(ip=ip, findings=(finding,), skipped=_not_probed(Reason.ADDRESS_FORBIDDEN))


def over_limit(ip: str) -> AddressReport:
    """Return an address that is named only: the check has asked as many as it may."""
    return AddressReport(ip=ip, skipped=_not_probed(Reason.OVER_LIMIT))


def admit(ip: str, ports: Sequence[int], *, probe: bool, exempt: bool) -> AddressReport:
    """Return an address with the endpoints that will be asked.

    Args:
        ip: an address that the filter lets through.
        ports: what the request or the settings name.
        probe: false with ``--no-probe``.
        exempt: RELAYCHECK_ALLOW_NETWORKS names the address; only then are ports other than those
            of mail asked.
    """
    allowed = tuple(port for port in ports if port in WELL_KNOWN_PORTS or exempt)
    if not probe or not allowed:
        return AddressReport(ip=ip, skipped=_not_probed(Reason.DISABLED))
    endpoints = tuple(EndpointReport(port=port, tls=_tls_mode(port)) for port in allowed)
    return AddressReport(ip=ip, endpoints=endpoints)


def ruled(address: AddressReport, ruling: Ruling) -> AddressReport:
    """Return an address after somebody ruled on it: not asked, or asked for less than was wanted.

    Its reverse DNS and its listings stay; why it was ruled so is a finding.
    """
    if not ruling.why:
        return address
    rule = {"rule": ruling.rule.value} if ruling.rule else {}
    finding = Finding(Tag.PROBE_WITHHELD, {"ip": address.ip, "why": ruling.why, **rule})
    findings = (*address.findings, finding)
    if ruling.refused is None:
        return replace(address, findings=findings)
    skipped = _not_probed(ruling.refused)
    return replace(address, endpoints=(), findings=findings, skipped=skipped)


def _not_probed(reason: Reason) -> Judgement:
    return Judgement(Verdict.NOT_PROBED, reason)


def _tls_mode(port: int) -> TlsMode:
    """RFC 8314 §3.3: port 465 speaks TLS from the first byte."""
    return TlsMode.IMPLICIT if port == SUBMISSIONS else TlsMode.NONE
