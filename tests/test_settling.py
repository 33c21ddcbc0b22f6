"""Tests of telling a change from a mood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.report import MailService
from bot.model.verdict import Judgement, Reason, Verdict
from bot.settling import DOMAIN, Standing, settle
from bot.watch import Turn
from tests.render import samples
from tests.test_watch import endpoint, host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model.report import MxReport, Report
    from bot.watch import Change

CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
LOGIN = Judgement(Verdict.CLOSED, Reason.AUTH_REQUIRED)
LIKELY = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
OPEN = Judgement(Verdict.OPEN, Reason.DELIVERED)
SINK = Judgement(Verdict.INCONCLUSIVE, Reason.MAIL_SINK)
NEVER = Judgement(Verdict.NO_MAIL, Reason.NEVER_ACCEPTS_MAIL)
SILENT = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
EGRESS = Judgement(Verdict.INCONCLUSIVE, Reason.EGRESS_BLOCKED)
BLOCKED = Judgement(Verdict.INCONCLUSIVE, Reason.CLIENT_BLOCKED)
NO_DNS = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
REFUSED = Judgement(Verdict.NOT_PROBED, Reason.POLICY)
NULL_MX = Judgement(Verdict.NO_MAIL, Reason.NULL_MX)

ANSWERS = (CLOSED, LOGIN, LIKELY, OPEN, SINK, NEVER)
# Whatever is the matter on the way, at our end, or with our reputation.
TROUBLES = tuple(
    Judgement(Verdict.INCONCLUSIVE, reason)
    for reason in (
        Reason.CLIENT_BLOCKED,
        Reason.GREYLISTED,
        Reason.RATE_LIMITED,
        Reason.SENDER_REJECTED,
        Reason.SENDER_UNUSABLE,
        Reason.RECIPIENT_UNUSABLE,
        Reason.TLS_FAILED,
        Reason.EGRESS_BLOCKED,
        Reason.UNREACHABLE,
        Reason.TIMEOUT,
        Reason.DROPPED,
        Reason.PROTOCOL_ERROR,
        Reason.TEMPORARY_FAILURE,
    )
) + tuple(
    Judgement(Verdict.NOT_PROBED, reason)
    for reason in (
        Reason.ADDRESS_FORBIDDEN,
        Reason.DNS_FAILED,
        Reason.MX_UNUSABLE,
        Reason.OVER_LIMIT,
        Reason.OPTED_OUT,
        Reason.POLICY,
        Reason.DISABLED,
    )
)

Held = dict[str, Standing]


def look(*mx: MxReport, number: int = 0, **facts: object) -> Report:
    """Return the report of a look, an hour after the one before."""
    report = samples.finished(*mx, started_at=samples.NOW + timedelta(hours=number))
    return replace(report, **facts)  # type: ignore[arg-type]


def plain(judgement: Judgement, name: str = "mx") -> MxReport:
    """Return a host of one endpoint with this verdict."""
    return host(endpoint(judgement), name=name)


def run(reports: Sequence[Report]) -> tuple[Held, list[tuple[Change, ...]]]:
    """Return what is held after some looks, and what each had to say."""
    held: Held = {}
    said: list[tuple[Change, ...]] = []
    for report in reports:
        held, changes = settle(held, report)
        said.append(changes)
    return held, said


def told(*judgements: Judgement) -> list[Turn | None]:
    """Return what each look at one host had to say."""
    _, said = run([look(plain(each), number=n) for n, each in enumerate(judgements)])
    return [changes[0].turn if changes else None for changes in said]


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        # The first look settles what there is, and tells only of what is open.
        ((CLOSED,), [None]),
        ((LIKELY,), [Turn.NEW]),
        # Open is told at once, shut again when two looks agree.
        ((CLOSED, LIKELY), [None, Turn.WORSE]),
        ((SINK, LIKELY), [None, Turn.WORSE]),
        ((LIKELY, CLOSED, CLOSED), [Turn.NEW, None, Turn.FIXED]),
        ((LIKELY, CLOSED, LIKELY, CLOSED), [Turn.NEW, None, None, None]),
        ((LIKELY, LIKELY), [Turn.NEW, None]),
        # Whatever else it is, two looks in a row have to agree.
        ((CLOSED, SINK, CLOSED, SINK), [None, None, None, None]),
        ((CLOSED, SINK, SINK, SINK), [None, None, Turn.UNSETTLED, None]),
        ((LIKELY, SINK, SINK), [Turn.NEW, None, Turn.NOT_SHOWN]),
        ((LIKELY, SINK, CLOSED, CLOSED), [Turn.NEW, None, None, Turn.FIXED]),
        ((SINK, CLOSED, CLOSED), [None, None, Turn.SETTLED]),
        # As safe as before is no change, nor is proof of what was likely.
        ((CLOSED, NEVER, NEVER), [None, None, None]),
        ((CLOSED, LOGIN, CLOSED), [None, None, None]),
        ((LIKELY, OPEN, OPEN), [Turn.NEW, None, None]),
        # Trouble on the way is no news: not alone, not often, not between two that agree.
        ((CLOSED, SILENT, SILENT, SILENT), [None, None, None, None]),
        ((CLOSED, BLOCKED, BLOCKED, REFUSED), [None, None, None, None]),
        ((CLOSED, EGRESS, NO_DNS, CLOSED), [None, None, None, None]),
        ((SILENT, NO_DNS, CLOSED, SILENT), [None, None, None, None]),
        ((LIKELY, CLOSED, SILENT, CLOSED), [Turn.NEW, None, None, Turn.FIXED]),
        ((SILENT, LIKELY), [None, Turn.NEW]),
    ],
)
def test_looks_at_one_host(looks: tuple[Judgement, ...], said: list[Turn | None]) -> None:
    """A change is told once it is certain, and once."""
    assert said == told(*looks)


def test_a_change_has_both_times_and_verdicts() -> None:
    """Before is when it was last seen so, after is the look that made it certain."""
    looks = [look(plain(each), number=n) for n, each in enumerate((LIKELY, LIKELY, CLOSED))]
    held, said = run(looks)
    _, (change,) = settle(held, look(plain(LOGIN), number=3))

    assert [1, 0, 0] == [len(changes) for changes in said]
    assert (LIKELY, samples.NOW + timedelta(hours=1)) == (change.before, change.before_at)
    assert (LOGIN, samples.NOW + timedelta(hours=3)) == (change.after, change.after_at)


def test_each_host_is_settled_on_its_own() -> None:
    """What one host does says nothing of another; the worst comes first."""
    first = look(plain(CLOSED, "mx1"), plain(LIKELY, "mx2"))
    second = look(plain(CLOSED, "mx1"), plain(CLOSED, "mx2"), number=1)
    third = look(
        plain(CLOSED, "mx2"),
        plain(LIKELY, "mx1"),
        plain(CLOSED, "new"),
        plain(SILENT, "mute"),
        number=2,
    )
    held, said = run([first, second, third])

    assert {"mx1", "mx2", "new"} == held.keys()
    assert [("mx1", Turn.WORSE), ("mx2", Turn.FIXED)] == [(c.host, c.turn) for c in said[-1]]


def test_an_open_endpoint_that_is_no_longer_asked_is_not_fixed() -> None:
    """A host whose open address is gone has not shown it to be shut."""
    both = host(endpoint(CLOSED), endpoint(LIKELY, port=587))
    one = host(endpoint(CLOSED))
    held, said = run([look(both), look(one, number=1), look(one, number=2)])
    (change,) = said[-1]

    assert (Turn.NOT_SHOWN, ("192.0.2.1:587",)) == (change.turn, change.unasked)
    assert () == held["mx.example"].open_at


def test_an_endpoint_that_was_seen_shut_may_go() -> None:
    """Once it refused, its absence hides nothing."""
    both = host(endpoint(CLOSED), endpoint(LIKELY, port=587))
    shut = host(endpoint(CLOSED), endpoint(CLOSED, port=587))
    _, said = run([look(both), look(shut, number=1), look(host(endpoint(CLOSED)), number=2)])

    assert [Turn.FIXED] == [change.turn for change in said[-1]]


def test_a_host_that_is_gone_is_told_of_where_it_was_open() -> None:
    """Out of the MX records it may relay as before; two looks have to agree that it is."""
    first = look(plain(LIKELY, "bad"), plain(CLOSED, "good"), plain(CLOSED, "stays"))
    stays = plain(CLOSED, "stays")
    held, said = run([first, look(stays, number=1), look(stays, number=2)])
    (change,) = said[-1]

    assert (("bad", Turn.NOT_SHOWN, None), ("192.0.2.1:25",)) == (
        (change.host, change.turn, change.after),
        change.unasked,
    )
    assert () == said[1]
    assert {"stays"} == held.keys()


def test_a_host_that_comes_back_was_not_gone() -> None:
    """One look without it, or many that fail, do not make two that agree."""
    bad, good = plain(LIKELY, "bad"), plain(CLOSED, "good")
    _, said = run(
        [look(bad, good), look(good, number=1), look(bad, good, number=2), look(good, number=3)]
    )

    assert [1, 0, 0, 0] == [len(changes) for changes in said]


def test_a_domain_that_takes_no_mail_any_more() -> None:
    """A null MX is an answer: hosts are gone, and the domain itself is what is held."""
    null = look(judgement=NULL_MX, mail_service=MailService.NULL_MX, number=1)
    later = look(judgement=NULL_MX, mail_service=MailService.NULL_MX, number=2)
    held, said = run([look(plain(LIKELY)), null, later])

    assert {DOMAIN: NULL_MX} == {name: each.settled for name, each in held.items()}
    assert [Turn.NOT_SHOWN] == [change.turn for change in said[-1]]


def test_a_look_without_dns_tells_nothing() -> None:
    """No host is forgotten because nobody said which there are; it is kept that nobody did."""
    silent = look(judgement=NO_DNS, mail_service=MailService.DNS_FAILED, number=1)
    before, _ = run([look(plain(CLOSED))])
    held, said = settle(before, silent)

    assert () == said
    assert NO_DNS == held["mx"].unanswered
    assert before["mx"].seen_at == held["mx"].seen_at


@pytest.mark.parametrize(
    "facts", [{"finished": False}, {"error_id": "abc"}, {"judgement": None}], ids=str
)
def test_a_fault_of_ours_tells_nothing(facts: dict[str, object]) -> None:
    """A check that did not come to its end says nothing about anybody."""
    before, _ = run([look(plain(CLOSED))])

    assert (before, ()) == settle(before, look(plain(LIKELY), number=1, **facts))


def test_since_when_there_is_no_answer() -> None:
    """Silence is kept as such beside what is held, until an answer comes."""
    looks = [look(plain(each), number=n) for n, each in enumerate((CLOSED, SILENT, BLOCKED))]
    held, _ = run(looks)
    answered, _ = settle(held, look(plain(CLOSED), number=3))

    assert (CLOSED, BLOCKED) == (held["mx"].settled, held["mx"].unanswered)
    assert samples.NOW == held["mx"].seen_at
    assert answered["mx"].unanswered is None


JUDGEMENTS = st.lists(st.sampled_from((*ANSWERS, *TROUBLES)), max_size=12)


@given(JUDGEMENTS)
def test_trouble_changes_nothing_that_is_told(judgements: list[Judgement]) -> None:
    """Looks that settle nothing could as well not have been made."""
    answered = [each for each in judgements if each in ANSWERS]
    said = [turn for turn in told(*judgements) if turn]

    assert [turn for turn in told(*answered) if turn] == said


@given(JUDGEMENTS)
def test_each_change_begins_where_the_last_one_ended(judgements: list[Judgement]) -> None:
    """Whoever reads the changes one after the other sees a story without gaps."""
    _, said = run([look(plain(each), number=n) for n, each in enumerate(judgements)])
    story = [change for changes in said for change in changes]
    is_open = [
        (c.before and c.before.verdict.is_open, c.after.verdict.is_open) for c in story if c.after
    ]

    assert len(story) == len(is_open)
    assert all(then[1] == bool(now[0]) for then, now in pairwise(is_open))
    assert all(change.before != change.after for change in story)


@given(JUDGEMENTS)
def test_open_is_never_told_late(judgements: list[Judgement]) -> None:
    """After every look, what was told last agrees with an open answer; nothing is told unseen."""
    _, said = run([look(plain(each), number=n) for n, each in enumerate(judgements)])
    known = False
    for judgement, changes in zip(judgements, said, strict=True):
        for change in changes:
            assert change.after == judgement
            known = judgement.verdict.is_open
        if judgement in ANSWERS and judgement.verdict.is_open:
            assert known
