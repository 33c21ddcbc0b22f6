"""The breaker: probes pause once several strangers' servers say that our address is on a blocklist.

Whoever is listed learns nothing by asking on, and is listed longer for it. So where enough
servers, of different domains and in different networks, refuse us in the words of a blocklist,
nobody is asked for some hours, and then it is tried anew. Pure: reports go in, a pause comes out;
so the process after this one finds the same pause in the reports that are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.policy.address import network_of
from bot.relay.reply import is_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.model.report import AddressReport, Report
    from bot.settings import Rate

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
        return (
            f"no mail server is asked until {self.until:%Y-%m-%d %H:%M} UTC, because several "
            f"({named}) say that our own address is on a blocklist"
        )


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

    def pause(self, now: datetime) -> Pause | None:
        """Return the pause that holds now, if one does."""
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


def _says_listed(address: AddressReport, names: frozenset[str]) -> bool:
    return any(
        attempt.reply is not None and is_listing(attempt.reply, attempt.stage, names)
        for endpoint in address.endpoints
        for attempt in endpoint.attempts
    )
