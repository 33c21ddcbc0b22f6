"""Tests of reading how often to look."""

from __future__ import annotations

import pytest

from bot.request.schedule import parse_schedule
from bot.request.typed import UsageError


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", 24),
        ("daily", 24),
        (" Weekly ", 168),
        ("hourly", 1),
        ("every 6h", 6),
        ("every 6 hours", 6),
        ("EVERY 1 HOUR", 1),
        ("every hour", 1),
        ("6h", 6),
        ("every 2 days", 48),
        ("every day", 24),
        ("every week", 168),
        ("every 30d", 720),
    ],
)
def test_intervals(text: str, hours: int) -> None:
    """People write intervals in several ways."""
    assert hours == parse_schedule(text).hours


@pytest.mark.parametrize("text", ["every", "h", "hour", "6", "every 6m", "6h daily", "every -1h"])
def test_what_is_no_interval(text: str) -> None:
    """A sentence says what to type."""
    with pytest.raises(UsageError, match="every 6h"):
        parse_schedule(text)


@pytest.mark.parametrize("text", ["every 0h", "every 31d", "every 9999w"])
def test_too_often_and_too_seldom(text: str) -> None:
    """There are bounds, and they are said."""
    with pytest.raises(UsageError, match="once in 30 days"):
        parse_schedule(text)
