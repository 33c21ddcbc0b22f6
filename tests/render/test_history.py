"""Tests of a domain's history in words."""

from __future__ import annotations

from bot.history import Sighting
from bot.render.card import plain_time
from bot.render.history import ABSENT, HOSTS, MARKS, TURNINGS, history, overview
from tests.test_history import CLOSED, NULL_MX, OPEN, day, seen


def told(*sightings: Sighting, as_mrkdwn: bool = False) -> list[str]:
    """Return the lines of example.com."""
    return list(history("example.com", sightings, plain_time, as_mrkdwn=as_mrkdwn))


def test_a_history_reads_at_a_glance() -> None:
    """A line of marks a host, then what changed, the latest first, then what the marks mean."""
    assert [
        "example.com: the last 3 checks, 2026-11-01 12:00 UTC to 2026-11-03 12:00 UTC",
        f"{ABSENT}🔴🟢 mx2: CLOSED once, before LIKELY OPEN once, not there once",
        "🟢🟢🟢 mx1: CLOSED 3 times",
        "2026-11-03 12:00 UTC: mx2 became CLOSED, LIKELY OPEN before",
        "2026-11-02 12:00 UTC: mx2 is new: LIKELY OPEN",
        f"🔴 LIKELY OPEN, 🟢 CLOSED, {ABSENT} not there",
    ] == told(seen(0, mx1=CLOSED), seen(1, mx2=OPEN, mx1=CLOSED), seen(2, mx2=CLOSED, mx1=CLOSED))


def test_a_host_that_went_away() -> None:
    """It keeps its line, which says so."""
    text = told(seen(0, mx1=CLOSED, old=OPEN), seen(1, mx1=CLOSED))

    assert f"🔴{ABSENT} old: not there any more once, before LIKELY OPEN once" in text
    assert "2026-11-02 12:00 UTC: old was not there any more, LIKELY OPEN before" in text


def test_nothing_changed() -> None:
    """That is said, unless there is but one check."""
    assert "Nothing changed in this time." in told(seen(0, mx1=CLOSED), seen(1, mx1=CLOSED))
    assert [
        "example.com: one check, 2026-11-01 12:00 UTC",
        "⚪ the domain itself: NO MAIL once",
        "⚪ NO MAIL",
    ] == told(seen(0))
    assert ["example.com was not checked yet."] == told()


def test_a_long_history_is_cut() -> None:
    """What is left out is counted, and the latest is what is shown."""
    flapping = [seen(n, mx1=OPEN if n % 2 else CLOSED) for n in range(MARKS + 9)]
    text = told(*flapping)
    assert text[0].startswith(f"example.com: the last {MARKS} checks")
    assert f"and {MARKS - 1 - TURNINGS} changes before" in text

    assert "mx1: CLOSED once, before LIKELY OPEN once, CLOSED once, LIKELY OPEN once, …" in text[1]

    hosts = {f"mx{n}": CLOSED for n in range(HOSTS + 2)}
    assert "and 2 more hosts" in told(seen(0, **hosts), seen(1, **hosts))


def test_foreign_text_is_harmless() -> None:
    """A host's name mentions nobody and formats nothing."""
    text = "\n".join(told(seen(0, **{"<!channel>": OPEN}), as_mrkdwn=True))
    assert "<!" not in text
    assert "\x1b" not in "\n".join(told(seen(0, **{"\x1b[2J": OPEN})))


def test_an_overview_has_a_line_for_each_domain() -> None:
    """The domain's own verdict over time, the word for the last, and its time."""
    failed = Sighting("R3", day(3), None, {})
    domains = {
        "b.example": [seen(0, mx1=OPEN), seen(1, mx1=CLOSED, mx2=CLOSED)],
        "a.example": [seen(2), failed],
    }

    assert (
        "🔴🟢 b.example: CLOSED, 2026-11-02 12:00 UTC",
        f"⚪{ABSENT} a.example: no result, 2026-11-04 12:00 UTC",
    ) == overview(domains, plain_time, as_mrkdwn=False)
    assert ("Nothing was checked yet.",) == overview({}, plain_time, as_mrkdwn=True)
    assert NULL_MX == domains["a.example"][0].judgement
