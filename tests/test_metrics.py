"""What is counted, and that no label holds more than a few values."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import AddressReport, EndpointReport, MxReport
from bot.model.verdict import Judgement, Reason, Verdict
from tests.render import samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.report import Report

CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
CONNECT = Exchange(stage=Stage.CONNECT)


def value(name: str, **labels: str) -> float:
    """Return a metric's value as it is written."""
    families = text_string_to_metric_families(metrics.written().decode())
    found = (
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )
    return next(found, 0.0)


def grown(act: Callable[[], None], name: str, **labels: str) -> float:
    """Return by how much an act makes a metric grow."""
    before = value(name, **labels)
    act()
    return value(name, **labels) - before


def report(*sessions: tuple[Exchange, ...], age_s: int = 0) -> Report:
    """Return a report of one address behind two hosts, asked in these sessions."""
    said = tuple(exchange for session in sessions for exchange in session)
    endpoint = EndpointReport(
        port=25, tls=TlsMode.NONE, judgement=CLOSED, exchanges=said, age_s=age_s
    )
    asked = AddressReport(ip="192.0.2.1", endpoints=(endpoint,))
    skipped = Judgement(Verdict.NOT_PROBED, Reason.OPTED_OUT)
    left = AddressReport(ip="192.0.2.2", skipped=skipped)
    hosts = [MxReport(preference=n, host=f"mx{n}", addresses=(asked, left)) for n in (10, 20)]
    answer = Answer(question=Question("example.com", QType.MX), status=AnswerStatus.SERVFAIL)
    return replace(
        samples.closed(), mx=tuple(hosts), answers=(answer,), judgement=CLOSED, duration_ms=1500
    )


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("relaycheck_checks_total", {"verdict": "closed"}),
        ("relaycheck_check_seconds_sum", {}),
        ("relaycheck_endpoints_total", {"verdict": "closed", "reason": "relay_denied"}),
        ("relaycheck_endpoints_total", {"verdict": "not_probed", "reason": "opted_out"}),
        ("relaycheck_dns_questions_total", {"status": "servfail"}),
        ("relaycheck_endpoints_reused_total", {}),
    ],
)
def test_a_finished_check(name: str, labels: dict[str, str]) -> None:
    """It is counted by its verdict, and so is each address once, behind however many hosts."""
    finished = report((CONNECT,), age_s=60)

    wanted = 1.5 if name.endswith("_sum") else 1
    assert wanted == grown(lambda: metrics.check_finished(finished), name, **labels)


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (Exchange(stage=Stage.QUIT, command="QUIT", reply=Reply(221)), "finished"),
        (Exchange(stage=Stage.EHLO, command="EHLO x", reply=Reply(421)), "closed_by_server"),
        (Exchange(stage=Stage.GREETING, trouble=Trouble.TIMEOUT), "timeout"),
    ],
)
def test_each_connection_by_how_it_ended(last: Exchange, outcome: str) -> None:
    """A conversation of several connections counts each."""
    finished = report((CONNECT, last), (CONNECT, last))

    assert 2 == grown(
        lambda: metrics.check_finished(finished), "relaycheck_smtp_sessions_total", outcome=outcome
    )


def test_where_nothing_was_said_no_connection_is_counted() -> None:
    """An endpoint that the deadline overtook before its turn had no session."""
    before = metrics.written()
    metrics.check_finished(report())

    named = [line for line in before.splitlines() if line.startswith(b"relaycheck_smtp_sessions")]
    assert named == [line for line in metrics.written().splitlines() if line in named]


def test_a_check_without_a_verdict() -> None:
    """A fault of ours, too, is a check that came to its end; nothing was asked in it."""
    failed = replace(samples.closed(), judgement=None, mx=(), answers=())

    assert 1 == grown(
        lambda: metrics.check_finished(failed), "relaycheck_checks_total", verdict="none"
    )


def test_acknowledgements() -> None:
    """They are counted by what was delivered, as far as we know what that is."""
    name = "relaycheck_ack_seconds_count"

    assert 1 == grown(lambda: metrics.acknowledged("command", 0.1), name, kind="command")
    assert 1 == grown(lambda: metrics.acknowledged("xoxb-1", 0.1), name, kind="other")


def test_jobs_are_counted_when_somebody_looks() -> None:
    """The engine itself is asked, so the numbers are those of the moment."""
    metrics.watch_jobs(lambda: (3, 14))

    assert 3 == value("relaycheck_jobs", state="running")
    assert 14 == value("relaycheck_jobs", state="waiting")


def test_slack() -> None:
    """Calls are counted by method and error, and 429 apart: some are waited out inside a call."""
    calls, limited = "relaycheck_slack_calls_total", "relaycheck_slack_rate_limited_total"
    method, error = "chat.update", "message_not_found"

    assert 1 == grown(lambda: metrics.slack_called(method), calls, method=method, error="ok")
    assert 1 == grown(
        lambda: metrics.slack_called(method, error), calls, method=method, error=error
    )
    assert 1 == grown(lambda: metrics.slack_limited(method), limited, method=method)


def test_names_of_others_make_few_labels() -> None:
    """Whatever Slack calls its errors: a hundred names, no strange ones, and the rest is other."""
    names = metrics._Names(2)

    assert ["a", "b", "a", "other"] == [names.bound(name) for name in ("a", "b", "a", "c")]
    assert "other" == metrics._Names(2).bound("Bearer xoxb-1")


@pytest.mark.parametrize(
    ("act", "name", "labels"),
    [
        (lambda: metrics.database_took(0.1), "relaycheck_database_seconds_count", {}),
        (lambda: metrics.watches_begun(1), "relaycheck_watch_runs_total", {}),
        (
            lambda: metrics.canary_heard(is_bounce=True),
            "relaycheck_canary_arrivals_total",
            {"kind": "bounce"},
        ),
        (
            lambda: metrics.canary_heard(is_bounce=False),
            "relaycheck_canary_arrivals_total",
            {"kind": "message"},
        ),
    ],
)
def test_counting(act: Callable[[], None], name: str, labels: dict[str, str]) -> None:
    """Each act counts once."""
    assert 1 == grown(act, name, **labels)


def test_watches_due() -> None:
    """The last word counts."""
    metrics.watches_due(7)
    metrics.watches_due(5)

    assert 5 == value("relaycheck_watches_due")


def test_what_the_readme_would_wake_somebody_for() -> None:
    """Its rules can be read, and every metric that they look at is there."""
    readme = Path(metrics.__file__).parent.parent.joinpath("README.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (group,) = yaml.safe_load(dedent(block))["groups"]
    looked_at = {
        name for rule in group["rules"] for name in re.findall(r"relaycheck_\w+", rule["expr"])
    }
    there = set(re.findall(r"^# TYPE (\w+)", metrics.written().decode(), re.MULTILINE))

    assert looked_at
    assert looked_at <= there | {f"{name}_bucket" for name in there}
