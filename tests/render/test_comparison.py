"""What changed since the last report, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.report import MxReport, Report
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.comparison import domain_change, host_change
from tests.render import samples

THEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def clock(moment: datetime) -> str:
    """Return the time of day."""
    return f"{moment:%H:%M}"


def before(*mx: MxReport) -> Report:
    """Return an earlier report."""
    return samples.finished(*mx, started_at=THEN)


def skipped(host: str, verdict: Verdict, reason: Reason) -> MxReport:
    """Return a host with this verdict and no endpoint."""
    return MxReport(preference=10, host=host, resolved=True, skipped=Judgement(verdict, reason))


def test_fixed_with_both_times() -> None:
    """A host that was open and is closed is fixed."""
    opened = samples.open_postfix()
    said = samples.exchanges("mx2.example.com", {"control": samples.ACCEPTED})
    closed = samples.host(
        "mx2.example.com",
        samples.address("203.0.113.26", samples.endpoint("mx2.example.com", said)),
    )
    told = host_change(
        samples.finished(closed), before(*opened.mx), "mx2.example.com", clock, as_mrkdwn=False
    )

    assert "Fixed. Then (09:00): likely open relay. Now (12:03): closed." == told


def test_what_was_not_asked_again_is_named() -> None:
    """A host whose open address is gone is not called fixed."""
    told = host_change(
        samples.closed(),
        before(*samples.open_postfix().mx),
        "mx2.example.com",
        clock,
        as_mrkdwn=True,
    )

    assert told.startswith("Not shown to be fixed.")
    assert told.endswith("Open then and not asked again: 203.0.113.26:25.")


@pytest.mark.parametrize(
    ("previous", "host"),
    [
        (None, "mx1.example.com"),
        (before(), "mx1.example.com"),
        (before(*samples.closed().mx), "mx1.example.com"),
        (before(*samples.closed().mx), "other.example"),
    ],
)
def test_nothing_to_say(previous: Report | None, host: str) -> None:
    """A host that is new, as it was, or not there says nothing."""
    assert "" == host_change(samples.closed(), previous, host, clock, as_mrkdwn=False)


def test_a_running_check_is_not_compared() -> None:
    """Before its end a check has nothing to compare."""
    running = replace(samples.closed(), finished=False)

    assert "" == domain_change(running, before(*samples.closed().mx), clock, as_mrkdwn=False)


def test_a_look_at_dns_alone_is_not_compared() -> None:
    """With --no-probe nothing was asked that could have changed."""
    disabled = skipped("mx2.example.com", Verdict.NOT_PROBED, Reason.DISABLED)
    looked = replace(samples.finished(disabled), judgement=disabled.skipped)

    assert "" == domain_change(looked, before(*samples.closed().mx), clock, as_mrkdwn=False)


def test_a_domain_from_the_worst_to_the_best() -> None:
    """The domain's line groups its hosts, the worst first, many cut short."""
    then = before(
        skipped("*a*.example", Verdict.CLOSED, Reason.RELAY_DENIED),
        *(skipped(f"gone{n}.example", Verdict.CLOSED, Reason.RELAY_DENIED) for n in range(5)),
    )
    now = samples.finished(skipped("*a*.example", Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED))

    assert (
        "Since 09:00: worse: `*a*.example`; no longer an MX host: gone0.example, gone1.example,"
        " gone2.example and 2 more."
    ) == domain_change(now, then, clock, as_mrkdwn=True)


def test_a_domain_as_it_was() -> None:
    """Where nothing changed the line says that."""
    assert "As it was 09:00." == domain_change(
        samples.closed(), before(*samples.closed().mx), clock, as_mrkdwn=False
    )


def test_without_a_last_report() -> None:
    """There is nothing to say without a last report."""
    assert "" == domain_change(samples.closed(), None, clock, as_mrkdwn=False)


def test_a_host_that_is_gone() -> None:
    """A host that is no longer in the MX records was something and is nothing."""
    told = host_change(
        samples.finished(),
        before(*samples.closed().mx),
        "mx1.example.com",
        clock,
        as_mrkdwn=False,
    )

    assert "No longer an MX host. Then (09:00): closed. Now (12:03): not there." == told
