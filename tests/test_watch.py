"""Two reports of a domain: fixed, still open, worse, or not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.exchange import TlsMode
from bot.model.report import EndpointReport, MxReport, Outcome, Report
from bot.model.verdict import Judgement, Reason, Verdict
from bot.watch import Turn, changes
from tests.render import samples
from tests.render.test_evidence import attempt

OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
PROVED = Judgement(Verdict.OPEN, Reason.DELIVERED)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
LOGINS = Judgement(Verdict.CLOSED, Reason.AUTH_REQUIRED)
GREY = Judgement(Verdict.INCONCLUSIVE, Reason.GREYLISTED)
BLOCKED = Judgement(Verdict.INCONCLUSIVE, Reason.CLIENT_BLOCKED)
SKIPPED = Judgement(Verdict.NOT_PROBED, Reason.POLICY)
FORM = Judgement(Verdict.LIKELY_OPEN, Reason.VARIANT_ACCEPTED)


def endpoint(judgement: Judgement | None, *kinds: str, port: int = 25) -> EndpointReport:
    """Return an endpoint with this verdict, asked in these forms."""
    asked = tuple(attempt(kind, Outcome.ACCEPTED) for kind in kinds)
    return EndpointReport(port=port, tls=TlsMode.NONE, judgement=judgement, attempts=asked)


def host(*endpoints: EndpointReport, ip: str = "192.0.2.1", name: str = "mx.example") -> MxReport:
    """Return a host of one address with these endpoints."""
    return samples.host(name, samples.address(ip, *endpoints))


def report(*mx: MxReport, hours_ago: int = 0) -> Report:
    """Return a finished report of these hosts."""
    return samples.finished(*mx, started_at=samples.NOW - timedelta(hours=hours_ago))


def turns(then: MxReport, now: MxReport) -> list[Turn]:
    """Return the turn of each host."""
    return [change.turn for change in changes(report(then, hours_ago=3), report(now))]


@pytest.mark.parametrize(
    ("then", "now", "turn"),
    [
        (OPEN, CLOSED, Turn.FIXED),
        (PROVED, LOGINS, Turn.FIXED),
        (OPEN, OPEN, Turn.STILL_OPEN),
        (OPEN, PROVED, Turn.STILL_OPEN),
        (PROVED, OPEN, Turn.STILL_OPEN),
        (OPEN, GREY, Turn.NOT_SHOWN),
        (OPEN, SKIPPED, Turn.NOT_SHOWN),
        (CLOSED, OPEN, Turn.WORSE),
        (GREY, OPEN, Turn.WORSE),
        (CLOSED, GREY, Turn.UNSETTLED),
        (CLOSED, LOGINS, Turn.SAME),
        (GREY, BLOCKED, Turn.SAME),
        (GREY, CLOSED, Turn.SETTLED),
        (SKIPPED, CLOSED, Turn.SETTLED),
    ],
)
def test_the_same_endpoint(then: Judgement, now: Judgement, turn: Turn) -> None:
    """Open to closed is fixed; no answer is never a fix."""
    assert [turn] == turns(host(endpoint(then)), host(endpoint(now)))


def test_an_open_address_that_is_no_longer_asked_is_not_fixed() -> None:
    """A host that moved to a closed address has not shown its old one to be closed."""
    then, now = host(endpoint(OPEN), ip="2001:db8::1"), host(endpoint(CLOSED))
    (change,) = changes(report(then), report(now))

    assert (Turn.NOT_SHOWN, ("[2001:db8::1]:25",)) == (change.turn, change.unasked)


def test_an_open_port_that_is_no_longer_asked_is_not_fixed() -> None:
    """Neither is a port that was left out this time."""
    then = host(endpoint(OPEN, port=587), endpoint(CLOSED))

    assert [Turn.NOT_SHOWN] == turns(then, host(endpoint(CLOSED)))


def test_a_form_that_is_no_longer_asked_is_not_fixed() -> None:
    """What got through in one form is fixed once that form was asked again and refused."""
    then = host(endpoint(FORM, "variant:percent"))

    assert [Turn.NOT_SHOWN] == turns(then, host(endpoint(CLOSED, "foreign")))
    assert [Turn.FIXED] == turns(then, host(endpoint(CLOSED, "variant:percent")))


def test_an_endpoint_that_is_being_asked_is_not_fixed() -> None:
    """A part without a verdict shows nothing."""
    then = host(endpoint(OPEN), endpoint(CLOSED, port=465))
    now = replace(host(endpoint(None), endpoint(CLOSED, port=465)), addresses=())
    now = replace(now, skipped=CLOSED)

    assert [Turn.NOT_SHOWN] == turns(then, now)


def test_hosts_come_and_go() -> None:
    """A host that is not in the other report is new or gone; the worst comes first."""
    then = report(
        host(endpoint(CLOSED), name="a.example"), host(endpoint(CLOSED), name="b.example")
    )
    now = report(host(endpoint(CLOSED), name="c.example"), host(endpoint(OPEN), name="b.example"))

    assert [
        ("b.example", Turn.WORSE),
        ("c.example", Turn.NEW),
        ("a.example", Turn.GONE),
    ] == [(change.host, change.turn) for change in changes(then, now)]


def test_an_open_host_that_is_gone_is_not_fixed() -> None:
    """Out of the MX records, a server may relay as before."""
    (change,) = changes(report(host(endpoint(OPEN))), report())

    assert (Turn.NOT_SHOWN, None, ("192.0.2.1:25",)) == (change.turn, change.after, change.unasked)


def test_both_times_and_verdicts() -> None:
    """A change carries when and what it was, and when and what it is."""
    then, now = report(host(endpoint(OPEN)), hours_ago=3), report(host(endpoint(CLOSED)))
    (change,) = changes(then, now)

    assert (OPEN, then.started_at, CLOSED, now.started_at) == (
        change.before,
        change.before_at,
        change.after,
        change.after_at,
    )
