"""Counting what is asked for: by person, workspace, address and network."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.policy.words import limit
from bot.settings import Rate, Settings
from bot.slack.rates import Full, Left, Rates, Scope, rates_of

TWICE = Rate(2, 3600, "hour")
ONCE = Rate(1, 60, "minute")


async def test_a_rate_is_used_up() -> None:
    """Two of two are let through, the third is told when the window ends."""
    rates = Rates({Scope.USER: TWICE})

    assert await rates.take((Scope.USER, "dana")) is None
    assert await rates.take((Scope.USER, "dana")) is None
    full = await rates.take((Scope.USER, "dana"))

    assert full is not None
    assert (Scope.USER, TWICE) == (full.scope, full.rate)
    assert full.again_at.tzinfo is UTC
    assert await rates.take((Scope.USER, "kai")) is None


async def test_nothing_is_counted_for_who_is_refused() -> None:
    """Where one rate is used up, the others are not charged."""
    rates = Rates({Scope.ADDRESS: ONCE, Scope.NETWORK: TWICE})
    one, network = (Scope.ADDRESS, "192.0.2.1"), (Scope.NETWORK, "192.0.2.0/24")

    assert await rates.take(one, network) is None
    for _ in range(3):
        full = await rates.take(one, network)
        assert full is not None
        assert Scope.ADDRESS is full.scope
    assert await rates.take((Scope.ADDRESS, "192.0.2.2"), network) is None
    full = await rates.take((Scope.ADDRESS, "192.0.2.3"), network)
    assert full is not None
    assert Scope.NETWORK is full.scope


async def test_off_is_no_limit() -> None:
    """What has no rate is not counted, nor is what is not set."""
    rates = Rates({Scope.USER: None})

    assert [None] * 50 == [
        await rates.take((Scope.USER, "dana"), (Scope.TOTAL, "")) for _ in range(50)
    ]


@pytest.mark.parametrize("scope", Scope)
def test_a_refusal_says_when_to_come_again(scope: Scope) -> None:
    """Each limit has its words, with the figure and the end of the window."""
    full = Full(scope, ONCE, datetime(2026, 11, 24, 12, 5, 7, tzinfo=UTC))

    assert full.limit == limit(scope, "1 probe per minute")
    assert "1 probe per minute" in full.limit
    assert full.why == f"{full.limit}, again from 12:05:07 UTC"
    assert "2 probes per hour" in Full(scope, TWICE, full.again_at).limit


async def test_the_rates_of_the_settings() -> None:
    """Each setting is the rate of its scope."""
    settings = Settings(
        rate_user=Rate(1, 60, "minute"),
        rate_workspace=Rate(2, 60, "minute"),
        rate_total=Rate(3, 60, "minute"),
        rate_address=Rate(4, 60, "minute"),
        rate_network=Rate(5, 60, "minute"),
        rate_break_glass=Rate(6, 60, "minute"),
    )
    rates = rates_of(settings)

    for amount, scope in enumerate(Scope, start=1):
        taken = [await rates.take((scope, "x")) for _ in range(amount + 1)]
        assert [None] * amount == taken[:-1]
        assert taken[-1] is not None


async def test_what_is_left_is_told_and_not_counted() -> None:
    """Asking what is left costs nothing; a rate that is no limit is left out."""
    rates = Rates({Scope.USER: TWICE, Scope.TOTAL: None})
    keys = ((Scope.USER, "dana"), (Scope.TOTAL, ""))

    assert (Left(Scope.USER, TWICE, 2, None),) == await rates.left(*keys)
    await rates.take(*keys)
    (left,) = await rates.left(*keys)
    assert 1 == left.amount
    assert left.again_at is not None
