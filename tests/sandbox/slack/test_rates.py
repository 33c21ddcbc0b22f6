"""Calls are counted as Slack counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.rates import Rates

if TYPE_CHECKING:
    from tests.sandbox.slack.conftest import Clock


def test_post_is_limited_by_channel_after_a_burst(clock: Clock) -> None:
    """A channel takes a short burst and then a message a second; another channel is not held up."""
    rates = Rates(clock)
    burst = [rates.wait_s("chat.postMessage", "C1") for _ in range(11)]

    assert [0] * 10 + [1] == burst
    assert 0 == rates.wait_s("chat.postMessage", "C2")
    clock.now += 1
    assert 0 == rates.wait_s("chat.postMessage", "C1")


def test_tier_is_counted_over_all_channels(clock: Clock) -> None:
    """chat.update has fifty calls a minute in the workspace."""
    rates = Rates(clock)
    for number in range(50):
        assert 0 == rates.wait_s("chat.update", f"C{number}")

    assert 2 == rates.wait_s("chat.update", "C1")


def test_method_without_a_limit_is_never_held_up(clock: Clock) -> None:
    """auth.test is not counted here."""
    rates = Rates(clock)

    assert not any(rates.wait_s("auth.test", "") for _ in range(1000))
