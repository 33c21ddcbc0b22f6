"""The report of a running check, as facts arrive: the one mutable thing in it.

Knows how facts fit into a Report and what is still awaited; knows nothing of how they are learnt.
An address behind several MX hosts stands here once, and in the snapshot under each of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.report import (
    AddressReport,
    MxReport,
    Progress,
    Report,
    Waiting,
)
from bot.model.verdict import worst

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bot.model.verdict import Judgement


class Board:
    """Facts of one check, and a flag that says when there are new ones."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.changed = asyncio.Event()
        self._hosts: dict[str, MxReport] = {}
        self._ips: dict[str, Sequence[str]] = {}
        self._addresses: dict[str, AddressReport] = {}
        self._waiting: dict[tuple[str, str], Waiting] = {}

    def set_report(self, **facts: Any) -> None:  # noqa: ANN401 - the fields of Report
        """Set fields of the report itself."""
        self.report = replace(self.report, **facts)
        self.changed.set()

    def set_host(self, host: MxReport, ips: Sequence[str] = ()) -> None:
        """Put an MX host, with the addresses it resolved to, in place of what was known of it."""
        self._hosts[host.host] = host
        self._ips[host.host] = ips
        self.changed.set()

    def hosts_of(self, ip: str) -> tuple[str, ...]:
        """Return the MX hosts that have an address, in the order of the report."""
        return tuple(name for name in self._hosts if ip in self._ips[name])

    def address(self, ip: str) -> AddressReport:
        """Return what is known of an address so far."""
        return self._addresses[ip]

    def knows(self, ip: str) -> bool:
        """Whether the address stands on the board already."""
        return ip in self._addresses

    def clear_waiting(self) -> None:
        """Nothing is awaited any more."""
        self._waiting.clear()
        self.changed.set()

    def set_address(self, address: AddressReport) -> None:
        """Put an address in place of what was known of it."""
        self._addresses[address.ip] = address
        self.changed.set()

    def wait_for(self, waiting: Waiting | None, *, host: str, ip: str = "") -> None:
        """Say what is awaited of a host or of one of its addresses; None: nothing any more."""
        if waiting is None:
            self._waiting.pop((host, ip), None)
        else:
            self._waiting[host, ip] = waiting
        self.changed.set()

    def snapshot(self) -> Progress:
        """Return the check as it stands."""
        hosts = tuple(
            replace(host, addresses=tuple(self._addresses[ip] for ip in self._ips[name]))
            for name, host in self._hosts.items()
        )
        return Progress(replace(self.report, mx=hosts), tuple(self._waiting.values()))

    def verdict(self, own: Judgement | None) -> Judgement | None:
        """Return the worst of the hosts and of what the domain itself says (``own``)."""
        parts = [host.judgement for host in self.snapshot().report.mx]
        return worst(part for part in (own, *parts) if part is not None)
