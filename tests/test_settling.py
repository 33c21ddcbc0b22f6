"""Tests of telling a change from a mood."""

from __future__ import annotations

import pytest

from bot.model.verdict import Judgement, Reason, Verdict
from bot.settling import Flip, Standing, settle

CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
LOGIN = Judgement(Verdict.CLOSED, Reason.AUTH_REQUIRED)
LIKELY = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
OPEN = Judgement(Verdict.OPEN, Reason.DELIVERED)
BYPASS = Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS)
NO_MAIL = Judgement(Verdict.NO_MAIL, Reason.NEVER_ACCEPTS_MAIL)
SILENT = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
EGRESS = Judgement(Verdict.INCONCLUSIVE, Reason.EGRESS_BLOCKED)
NO_DNS = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)


def told(*runs: Judgement) -> list[tuple[Judgement | None, Judgement] | None]:
    """Return what each run of a host had to say: before and after, or nothing."""
    standings: dict[str, Standing] = {}
    said: list[tuple[Judgement | None, Judgement] | None] = []
    for judgement in runs:
        standings, flips = settle(standings, {"mx": judgement})
        said.append((flips[0].before, flips[0].after) if flips else None)
    return said


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        # The first look settles what there is, and tells only of what is open.
        ((CLOSED,), [None]),
        ((LIKELY,), [(None, LIKELY)]),
        # Open is told at once, closed again when two runs agree.
        ((CLOSED, LIKELY), [None, (CLOSED, LIKELY)]),
        ((LIKELY, CLOSED, CLOSED), [(None, LIKELY), None, (LIKELY, CLOSED)]),
        ((LIKELY, CLOSED, LIKELY, CLOSED), [(None, LIKELY), None, None, None]),
        # Whatever else it is, two runs in a row have to agree.
        ((CLOSED, NO_MAIL, BYPASS, NO_MAIL), [None, None, None, None]),
        ((CLOSED, NO_MAIL, NO_MAIL, NO_MAIL), [None, None, (CLOSED, NO_MAIL), None]),
        ((CLOSED, BYPASS, BYPASS), [None, None, (CLOSED, BYPASS)]),
        # Proof of what was likely is no alarm of its own.
        ((LIKELY, OPEN, OPEN), [(None, LIKELY), None, (LIKELY, OPEN)]),
        # Another reason for the same verdict is no change.
        ((CLOSED, LOGIN, CLOSED), [None, None, None]),
        # Trouble on the way is no news: not alone, not often, not between two that agree.
        ((CLOSED, SILENT, SILENT, SILENT), [None, None, None, None]),
        ((CLOSED, EGRESS, NO_DNS, CLOSED), [None, None, None, None]),
        ((SILENT, NO_DNS, CLOSED, NO_MAIL), [None, None, None, None]),
        ((CLOSED, NO_MAIL, SILENT, NO_MAIL), [None, None, None, (CLOSED, NO_MAIL)]),
    ],
)
def test_runs_of_one_host(
    runs: tuple[Judgement, ...], said: list[tuple[Judgement | None, Judgement] | None]
) -> None:
    """A change is told once it is certain, and once."""
    assert said == told(*runs)


def test_each_host_is_settled_on_its_own() -> None:
    """What one host does says nothing of another; those that are gone are forgotten."""
    before = {"mx1": Standing(CLOSED), "mx2": Standing(LIKELY, CLOSED), "old": Standing(CLOSED)}
    held, flips = settle(before, {"mx2": CLOSED, "mx1": LIKELY, "new": CLOSED, "mute": SILENT})

    assert {"mx1": Standing(LIKELY), "mx2": Standing(CLOSED), "new": Standing(CLOSED)} == held
    assert (Flip("mx2", LIKELY, CLOSED), Flip("mx1", CLOSED, LIKELY)) == flips


def test_a_run_without_dns_tells_nothing() -> None:
    """No host is forgotten because nobody said which there are."""
    before = {"mx1": Standing(CLOSED, NO_MAIL)}

    assert (before, ()) == settle(before, {})


@pytest.mark.parametrize(
    ("before", "after", "is_worse"),
    [
        (None, LIKELY, True),
        (CLOSED, LIKELY, True),
        (BYPASS, OPEN, True),
        (LIKELY, OPEN, False),
        (LIKELY, CLOSED, False),
        (CLOSED, NO_MAIL, False),
        (CLOSED, BYPASS, False),
    ],
)
def test_worse_is_what_lets_a_stranger_in(
    before: Judgement | None, after: Judgement, is_worse: bool
) -> None:
    """A change is worse where a stranger's mail is accepted now and was not before."""
    assert is_worse is Flip("mx", before, after).is_worse
