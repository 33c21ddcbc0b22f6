"""How many probes may be asked for in Slack: counted by person, workspace, address and network.

The counting is `limits`' (fixed windows in memory: each begins with its first probe, so its end is
when to come again). A restart begins anew; so do windows, and nobody is the worse for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from bot.policy.words import Scope, Withheld, limit, withheld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.settings import Rate, Settings

__all__ = ["Full", "Left", "Rates", "Scope", "rates_of"]


@dataclass(frozen=True, slots=True)
class Full:
    """A rate that is used up, and when its next window begins."""

    scope: Scope
    rate: Rate
    again_at: datetime

    @property
    def limit(self) -> str:
        """The limit in words."""
        many = "probe" if self.rate.amount == 1 else "probes"
        return limit(self.scope, f"{self.rate.amount} {many} per {self.rate.period}")

    @property
    def why(self) -> str:
        """The limit in words, and when to come again, as plain text."""
        again_at = f"{self.again_at:%H:%M:%S}"
        return withheld(Withheld.RATE, limit=self.limit, again_at=again_at)


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a rate is left, and when it begins anew, where any of it is used."""

    scope: Scope
    rate: Rate
    amount: int
    again_at: datetime | None


class Rates:
    """Counts probes against the rates that are set."""

    def __init__(self, rates: Mapping[Scope, Rate | None]) -> None:
        """Count from nothing; a rate of None is no limit."""
        self._rates = {scope: rate for scope, rate in rates.items() if rate is not None}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def take(self, *keys: tuple[Scope, str]) -> Full | None:
        """Count one probe for each key, unless any of them has had all that it may.

        Returns:
            The first that is full, and then nothing is counted; None where there is none.
        """
        counted = [
            (_item(scope, rate), key) for scope, key in keys if (rate := self._rates.get(scope))
        ]
        for item, key in counted:
            if not await self._limiter.test(item, key):
                scope = Scope[item.namespace]
                stats = await self._limiter.get_window_stats(item, key)
                again_at = datetime.fromtimestamp(stats.reset_time, UTC)
                return Full(scope, self._rates[scope], again_at)
        for item, key in counted:
            await self._limiter.hit(item, key)
        return None

    async def left(self, *keys: tuple[Scope, str]) -> tuple[Left, ...]:
        """Return what is left for each key that has a rate; nothing is counted."""
        found = []
        for scope, key in keys:
            if rate := self._rates.get(scope):
                stats = await self._limiter.get_window_stats(_item(scope, rate), key)
                used = stats.remaining < rate.amount
                again_at = datetime.fromtimestamp(stats.reset_time, UTC) if used else None
                found.append(Left(scope, rate, stats.remaining, again_at))
        return tuple(found)


def rates_of(settings: Settings) -> Rates:
    """Return the rates that the settings name."""
    return Rates(
        {
            Scope.USER: settings.rate_user,
            Scope.WORKSPACE: settings.rate_workspace,
            Scope.TOTAL: settings.rate_total,
            Scope.ADDRESS: settings.rate_address,
            Scope.NETWORK: settings.rate_network,
            Scope.GLASS: settings.rate_break_glass,
        }
    )


def _item(scope: Scope, rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.amount, rate.period_s, namespace=scope.name)
