"""The breaker: probes pause once several strangers' servers say that our address is on a blocklist.

Whoever is listed learns nothing by asking on, and is listed longer for it. So where enough
servers, of different domains and in different networks, refuse us in the words of a blocklist,
nobody is asked for some hours, and then it is tried anew. Pure: reports go in, a pause comes out;
so the process after this one finds the same pause in the reports that are kept.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.model.neighbours import network_of
from bot.policy.words import Withheld, withheld
from bot.relay.reply import is_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.model.report import AddressReport, Report
    from bot.settings import Rate, Settings

PAUSE = timedelta(hours=6)
# More than these are never needed to tell; the latest are kept.
_MOST = 1000
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Blocked:
    """A server that refused us in the words of a blocklist, and when it was heard."""

    at: datetime
    domain: str
    host: str
    network: str


@dataclass(frozen=True, slots=True)
class Pause:
    """No stranger's server is asked until then; ``hosts`` are those that gave the reason."""

    until: datetime
    hosts: tuple[str, ...]

    @property
    def why(self) -> str:
        """The reason and its end, as plain text."""
        named = ", ".join(self.hosts[:_NAMED])
        return withheld(Withheld.PAUSE, until=f"{self.until:%Y-%m-%d %H:%M}", hosts=named)


class Breaker:
    """Hears what servers say of us, and says when to pause.

    Args:
        rate: so many servers within such a time make it pause; None: it never does.
        is_spared: whether an address is none of a stranger's.
    """

    def __init__(
        self, rate: Rate | None, is_spared: Callable[[str], bool] = lambda _ip: False
    ) -> None:
        self._rate = rate
        self._is_spared = is_spared
        self._heard: list[Blocked] = []

    @property
    def memory(self) -> timedelta:
        """How old a report may be that still counts."""
        return PAUSE + timedelta(seconds=self._rate.period_s if self._rate else 0)

    def note(self, report: Report) -> None:
        """Hear what the servers of a finished report said of us."""
        known = set(self._heard)
        fresh = [blocked for blocked in self._blocked(report) if blocked not in known]
        self._heard = sorted([*self._heard, *fresh], key=lambda each: each.at)[-_MOST:]

    def pause(self, now: datetime, ip: str | None = None) -> Pause | None:
        """Return the pause that holds now, if one does; for an address, unless it is spared."""
        if ip is not None and self._is_spared(ip):
            return None
        paused = self._latest() if self._rate else None
        return paused if paused and now < paused.until else None

    def _latest(self) -> Pause | None:
        """Return the latest pause there was; what was heard before its end counts no more."""
        assert self._rate is not None  # noqa: S101 - the caller has asked
        window = timedelta(seconds=self._rate.period_s)
        counted: list[Blocked] = []
        paused: Pause | None = None
        for blocked in self._heard:
            if paused and blocked.at < paused.until:
                continue
            counted = [each for each in counted if blocked.at - each.at <= window] + [blocked]
            domains = {each.domain for each in counted}
            networks = {each.network for each in counted}
            if min(len(domains), len(networks)) >= self._rate.amount:
                hosts = tuple(dict.fromkeys(each.host for each in counted))
                paused, counted = Pause(blocked.at + PAUSE, hosts), []
        return paused

    def _blocked(self, report: Report) -> Iterator[Blocked]:
        at = report.started_at + timedelta(milliseconds=report.duration_ms)
        for mx in report.mx:
            names = frozenset({mx.host, report.domain.ascii, report.vantage.ehlo})
            for address in mx.addresses:
                if not self._is_spared(address.ip) and _says_listed(address, names):
                    yield Blocked(at, report.domain.ascii, mx.host, network_of(address.ip))


def breaker_of(settings: Settings) -> Breaker:
    """Return the breaker of the settings, which has heard nothing yet.

    The networks that the operator let in are no strangers: they are spared, unless the rate is set.
    """
    if "breaker" in settings.model_fields_set:
        return Breaker(settings.breaker)

    def is_own(ip: str) -> bool:
        address = ipaddress.ip_address(ip)
        return any(address in network for network in settings.allow_networks)

    return Breaker(settings.breaker, is_own)


def _says_listed(address: AddressReport, names: frozenset[str]) -> bool:
    return any(
        attempt.reply is not None and is_listing(attempt.reply, attempt.stage, names)
        for endpoint in address.endpoints
        for attempt in endpoint.attempts
    )
