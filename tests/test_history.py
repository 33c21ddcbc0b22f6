"""Tests of a domain's verdicts over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.history import Line, Sighting, Turning, lines, turnings
from bot.model.verdict import Judgement, Reason, Verdict

CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
LOGIN = Judgement(Verdict.CLOSED, Reason.AUTH_REQUIRED)
OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
NULL_MX = Judgement(Verdict.NO_MAIL, Reason.NULL_MX)
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def day(number: int) -> datetime:
    """Return the same hour of a later day."""
    return START + timedelta(days=number)


def seen(number: int, **hosts: Judgement) -> Sighting:
    """Return what the check of a day found; without hosts, that there is a null MX."""
    worst = min(hosts.values(), key=lambda each: each.rank, default=NULL_MX)
    return Sighting(f"R{number}", day(number), worst, hosts)


def test_each_host_has_a_line() -> None:
    """A line has a place for each check; hosts of the latest come first, in its order."""
    history = [seen(0, old=CLOSED, mx1=CLOSED), seen(1, mx2=OPEN, mx1=CLOSED)]

    assert (
        Line("mx2", (None, OPEN)),
        Line("mx1", (CLOSED, CLOSED)),
        Line("old", (CLOSED, None)),
    ) == lines(history)


def test_a_domain_without_hosts_has_a_line_of_its_own() -> None:
    """A null MX is the domain's own verdict; a check that failed says nothing at all."""
    history = [seen(0), Sighting("R1", day(1), None, {}), seen(2, mx1=CLOSED)]

    assert (Line("mx1", (None, None, CLOSED)), Line("", (NULL_MX, None, None))) == lines(history)


def test_turnings_come_latest_first() -> None:
    """Each change of a verdict is a point in time, with what was before and after."""
    history = [seen(0, mx1=CLOSED), seen(1, mx1=OPEN), seen(2, mx1=CLOSED, mx2=OPEN), seen(3)]

    assert (
        Turning(day(3), "", None, NULL_MX),
        Turning(day(3), "mx1", CLOSED, None),
        Turning(day(3), "mx2", OPEN, None),
        Turning(day(2), "mx1", OPEN, CLOSED),
        Turning(day(2), "mx2", None, OPEN),
        Turning(day(1), "mx1", CLOSED, OPEN),
    ) == tuple(sorted(turnings(history), key=lambda each: (-each.at.timestamp(), each.host)))
    assert [3, 3, 3, 2, 2, 1] == [(each.at - START).days for each in turnings(history)]


def test_another_reason_is_no_turning() -> None:
    """Closed in other words is closed."""
    assert () == turnings([seen(0, mx1=CLOSED), seen(1, mx1=LOGIN)])
    assert () == turnings([])
    assert () == lines([])
