"""Faults hit the calls that they are meant for, as often as they should."""

from __future__ import annotations

from bot.sandbox.slack.faults import Fault, Faults


def test_fault_hits_its_method_so_many_times() -> None:
    """A fault counts down with each call of its method, and leaves others alone."""
    faults = Faults()
    faults.add(Fault(method="chat.update", error="ratelimited", times=2))

    assert faults.take("chat.postMessage") is None
    hits = [faults.take("chat.update") is not None for _ in range(3)]

    assert [True, True, False] == hits


def test_pattern_without_count_stays_until_cleared() -> None:
    """A fault for chat.* without an end hits every chat method until it is taken away."""
    faults = Faults()
    faults.add(Fault(method="chat.*", status=500, times=None))

    assert all(faults.take("chat.delete") for _ in range(5))
    faults.clear()
    assert faults.take("chat.delete") is None
