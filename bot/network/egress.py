"""Whether anybody answers us at a port: many clouds block outgoing port 25 without a word.

One silent server says nothing about us. When within an hour servers of several domains, in several
networks, were silent and nobody has answered, the likely fault is ours, and a verdict must not
speak of the servers (facts of Google Cloud, AWS and others: port 25 is closed until asked for).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.model.neighbours import network_of

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED_S = 3600.0
SILENT_DOMAINS = 2
SILENT_NETWORKS = 3


@dataclass(slots=True)
class _Port:
    """When a server answered last, and when those of a domain in a network were silent last."""

    answered_at: float | None = None
    silences: dict[tuple[str, str], float] = field(default_factory=dict)


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
        if answered:
            self._ports[port] = _Port(answered_at=self._now())
            return
        known = self._ports.setdefault(port, _Port())
        known.silences = self._recent(known)
        known.silences[domain, network_of(ip)] = self._now()

    def is_blocked(self, port: int) -> bool:
        """Whether the silence is so general that our own network must be the cause."""
        known = self._ports.get(port, _Port())
        if known.answered_at is not None and self._is_recent(known.answered_at):
            return False
        silences = self._recent(known)
        domains = {domain for domain, _ in silences}
        networks = {network for _, network in silences}
        return len(domains) >= SILENT_DOMAINS and len(networks) >= SILENT_NETWORKS

    def _recent(self, known: _Port) -> dict[tuple[str, str], float]:
        return {who: at for who, at in known.silences.items() if self._is_recent(at)}

    def _is_recent(self, at: float) -> bool:
        return self._now() - at < REMEMBERED_S
