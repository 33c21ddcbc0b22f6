"""MX hosts as lines: the worst first, many alike as one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.finding import Finding, Tag
from bot.model.report import Awaited, MxReport, Progress, Waiting
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.card import CardContext
from bot.render.cards import parent
from bot.render.hosts import HostLine, findings_of, flags, host_lines
from bot.render.terminal import live
from tests.render import samples
from tests.render.block_lint import faults
from tests.render.test_terminal import shown


def lines(*mx: MxReport, finished: bool = True) -> list[tuple[str, str]]:
    """Return word and hosts of each line."""
    report = replace(samples.finished(*mx), finished=finished)
    return [(line.word, line.hosts) for line in host_lines(Progress(report))]


def hosts(reason: Reason, verdict: Verdict, count: int, name: str = "mx") -> list[MxReport]:
    """Return so many hosts with one verdict."""
    judgement = Judgement(verdict, reason)
    return [
        MxReport(preference=10, host=f"{name}{n}.example", resolved=True, skipped=judgement)
        for n in range(1, count + 1)
    ]


OPEN = (Reason.FOREIGN_ACCEPTED, Verdict.LIKELY_OPEN)
CLOSED = (Reason.RELAY_DENIED, Verdict.CLOSED)
GREY = (Reason.GREYLISTED, Verdict.INCONCLUSIVE)


def test_the_worst_first() -> None:
    """Lines are sorted by badness, not by preference."""
    assert [
        ("LIKELY OPEN", "mx2.example.com"),
        ("NOT SETTLED", "mx3.example.com"),
        ("CLOSED", "mx1.example.com"),
    ] == lines(*samples.three_hosts().mx)


def test_a_line_says_why() -> None:
    """A line has the verdict, the reason in words, the reply, and what else is amiss."""
    line = host_lines(Progress(samples.open_postfix()))[0]

    assert (
        HostLine(
            mark="🔴",
            word="LIKELY OPEN",
            verdict=Verdict.LIKELY_OPEN,
            hosts="mx2.example.com",
            because="accepts a stranger's mail to a stranger",
            reply="250 2.1.5 Ok",
            flags="residential PTR, on a blocklist",
        )
        == line
    )


@pytest.mark.parametrize(
    ("mx", "shown"),
    [
        (hosts(*CLOSED, 1), [("CLOSED", "mx1.example")]),
        (hosts(*CLOSED, 3), [("CLOSED", "mx1.example, mx2.example, mx3.example")]),
        (
            hosts(*CLOSED, 9),
            [("CLOSED", "9 hosts (mx1.example, mx2.example, mx3.example and 6 more)")],
        ),
        (
            hosts(*OPEN, 9),
            [
                *[("LIKELY OPEN", f"mx{n}.example") for n in range(1, 7)],
                ("LIKELY OPEN", "mx7.example, mx8.example, mx9.example"),
            ],
        ),
        (hosts(*OPEN, 7), [("LIKELY OPEN", f"mx{n}.example") for n in range(1, 8)]),
        (
            [*hosts(*CLOSED, 2, "a"), *hosts(*GREY, 2, "b")],
            [
                ("NOT SETTLED", "b1.example"),
                ("NOT SETTLED", "b2.example"),
                ("CLOSED", "a1.example, a2.example"),
            ],
        ),
    ],
)
def test_many_alike_fold(mx: list[MxReport], shown: list[tuple[str, str]]) -> None:
    """Clean hosts fold at once, bad ones where they are many, and never one alone."""
    assert shown == lines(*mx)


def test_a_fold_counts_what_is_amiss() -> None:
    """A fold says how many of its hosts have each fault."""
    folded = host_lines(Progress(samples.closed()))[0]

    assert ("each refuses to relay", "no PTR (1)") == (folded.because, folded.flags)


def test_what_is_awaited() -> None:
    """A host that is asked says what of it is awaited, once for all its addresses."""
    report = samples.running().report
    waiting = [
        Waiting("mx1.example.com", Awaited.GREETING, "192.0.2.1"),
        Waiting("mx1.example.com", Awaited.GREETING, "192.0.2.2"),
        Waiting("mx1.example.com", Awaited.CONNECT, "192.0.2.3"),
    ]
    told = host_lines(Progress(report, tuple(waiting)))

    assert [
        ("mx1.example.com", "waiting for its greeting, connecting"),
        ("mx3.example.com", "not answered yet"),
    ] == [(line.hosts, line.because) for line in told if line.verdict is None]


def test_what_is_waited_for_on_purpose_has_its_time() -> None:
    """A host that greylisted us is asked again at a time that its line tells, in each view."""
    until = datetime(2026, 11, 24, 12, 7, tzinfo=UTC)
    report = replace(samples.closed(), finished=False)
    waiting = Waiting(report.mx[0].host, Awaited.RETRY, "192.0.2.1", until=until)
    progress = Progress(report, (waiting,))

    told = [line for line in host_lines(progress) if line.until]
    assert [("asking again at", until)] == [(line.awaited, line.until) for line in told]
    card = parent(progress, CardContext(requested_by="U0DANA", requested_at=until))
    assert ", asking again at <!date^1795522020^{time}|12:07 UTC>" in card.text
    assert '"fallback": "12:07 UTC"' in json.dumps(card.blocks)
    assert [] == faults(card)
    assert "asking again at 12:07:00 UTC" in shown(live(progress))


def test_many_that_are_asked_fold() -> None:
    """Of many hosts that are still asked three are named one by one."""
    mx = [MxReport(preference=10, host=f"mx{n}.example") for n in range(1, 9)]

    assert [
        ("ASKING", "mx1.example"),
        ("ASKING", "mx2.example"),
        ("ASKING", "mx3.example"),
        ("ASKING", "5 hosts (mx4.example, mx5.example, mx6.example and 2 more)"),
    ] == lines(*mx, finished=False)


def test_a_check_that_ended_early() -> None:
    """A host without a verdict in a finished check was not asked."""
    told = host_lines(Progress(samples.fault()))[-1]

    assert ("NOT ASKED", "the check ended before its answer") == (told.word, told.because)


def test_flags_are_warnings_of_every_level() -> None:
    """Warnings of the host, its addresses and endpoints are flags, each once; notices are not."""
    alias = Finding(Tag.MX_IS_ALIAS, {})
    mx = replace(samples.closed().mx[1], findings=(alias, Finding(Tag.MX_DUPLICATE, {}), alias))

    assert "MX is an alias, no PTR" == flags(mx)
    assert 4 == len(list(findings_of(mx)))
