"""What an operator watches, counted: the names, their labels, and how they are written down.

In Prometheus' text format, by its own client. A label never holds a domain, a person or a secret,
and each has few values, whatever the world sends. What a check did is counted from its report, so
it is counted where the report ends up, in whichever process the check ran.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.model.exchange import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.model.exchange import Exchange
    from bot.model.report import AddressReport, Report

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

# Slack waits three seconds for an acknowledgement.
_ACK_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
_CHECK_BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 180, 600, 1200)
_DATABASE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
# Names of methods and errors are Slack's to choose: so many different ones, then "other".
_NAME = re.compile(r"[A-Za-z0-9_.]{1,60}", re.ASCII)
_MOST_NAMES = 100
_OTHER = "other"

_acks = Histogram(
    "relaycheck_ack_seconds",
    "From a delivery of Slack's to its acknowledgement, by what was delivered.",
    ["kind"],
    buckets=_ACK_BUCKETS,
    registry=REGISTRY,
)
_jobs = Gauge(
    "relaycheck_jobs",
    "Checks that were accepted and are not finished.",
    ["state"],
    registry=REGISTRY,
)
_checks = Counter(
    "relaycheck_checks", "Checks that came to their end.", ["verdict"], registry=REGISTRY
)
_check_seconds = Histogram(
    "relaycheck_check_seconds",
    "How long checks took, waits on purpose included.",
    buckets=_CHECK_BUCKETS,
    registry=REGISTRY,
)
_endpoints = Counter(
    "relaycheck_endpoints",
    "Endpoints that were judged, and addresses that were not asked.",
    ["verdict", "reason"],
    registry=REGISTRY,
)
_reused = Counter(
    "relaycheck_endpoints_reused",
    "Endpoints of which answers of another check were reused.",
    registry=REGISTRY,
)
_questions = Counter(
    "relaycheck_dns_questions", "Questions of DNS that checks asked.", ["status"], registry=REGISTRY
)
_sessions = Counter(
    "relaycheck_smtp_sessions", "Connections to mail hosts.", ["outcome"], registry=REGISTRY
)
_calls = Counter(
    "relaycheck_slack_calls",
    "Calls of Slack's Web API; error is ok, or why it was not done.",
    ["method", "error"],
    registry=REGISTRY,
)
_limited = Counter(
    "relaycheck_slack_rate_limited",
    "Answers 429 of Slack's, those waited out inside a call included.",
    ["method"],
    registry=REGISTRY,
)
_database = Histogram(
    "relaycheck_database_seconds",
    "How long transactions took, the wait for their turn included.",
    buckets=_DATABASE_BUCKETS,
    registry=REGISTRY,
)
_due = Gauge("relaycheck_watches_due", "Watches that wait for their run.", registry=REGISTRY)
_runs = Counter("relaycheck_watch_runs", "Runs of watches that were begun.", registry=REGISTRY)
_arrivals = Counter(
    "relaycheck_canary_arrivals",
    "Proof messages, and bounces of them, that came to the canary.",
    ["kind"],
    registry=REGISTRY,
)


class _Names:
    """Lets so many names pass as they are, and calls every further one by one name."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def bound(self, name: str) -> str:
        """Return a name that may be a label."""
        if name not in self._known:
            if len(self._known) >= self._most or not _NAME.fullmatch(name):
                return _OTHER
            self._known.add(name)
        return name


_methods, _errors = _Names(_MOST_NAMES), _Names(_MOST_NAMES)
_KINDS = frozenset(
    {
        "block_actions",
        "command",
        "event_callback",
        "message_action",
        "shortcut",
        "view_closed",
        "view_submission",
    }
)


def written() -> bytes:
    """Return every metric, in Prometheus' text format."""
    return generate_latest(REGISTRY)


def acknowledged(kind: str, took_s: float) -> None:
    """Count a delivery that was acknowledged; ``kind`` is Slack's name for it."""
    _acks.labels(kind if kind in _KINDS else _OTHER).observe(took_s)


def watch_jobs(load: Callable[[], tuple[int, int]]) -> None:
    """Let a function tell, whenever the metrics are read, how many jobs run and how many wait."""
    _jobs.labels("running").set_function(lambda: load()[0])
    _jobs.labels("waiting").set_function(lambda: load()[1])


def check_finished(report: Report) -> None:
    """Count a finished check, and all that it did."""
    _checks.labels(report.judgement.verdict if report.judgement else "none").inc()
    _check_seconds.observe(report.duration_ms / 1000)
    for answer in report.answers:
        _questions.labels(answer.status).inc()
    addresses = {address.ip: address for mx in report.mx for address in mx.addresses}
    for address in addresses.values():
        _count_address(address)


def slack_called(method: str, error: str = "ok") -> None:
    """Count a call of the Web API, with Slack's name for why it was not done."""
    _calls.labels(_methods.bound(method), _errors.bound(error)).inc()


def slack_limited(method: str) -> None:
    """Count an answer 429."""
    _limited.labels(_methods.bound(method)).inc()


def database_took(seconds: float) -> None:
    """Count a transaction."""
    _database.observe(seconds)


def watches_due(count: int) -> None:
    """Say how many watches wait for their run."""
    _due.set(count)


def watches_begun(count: int) -> None:
    """Count runs of watches."""
    _runs.inc(count)


def canary_heard(*, is_bounce: bool) -> None:
    """Count a message at the canary that was expected there."""
    _arrivals.labels("bounce" if is_bounce else "message").inc()


def _count_address(address: AddressReport) -> None:
    judged = [address.skipped, *(endpoint.judgement for endpoint in address.endpoints)]
    for judgement in filter(None, judged):
        _endpoints.labels(judgement.verdict, judgement.reason).inc()
    for endpoint in address.endpoints:
        _reused.inc(bool(endpoint.age_s))
        for session in _sessions_of(endpoint.exchanges):
            _sessions.labels(_outcome(session)).inc()


def _sessions_of(exchanges: tuple[Exchange, ...]) -> Iterator[list[Exchange]]:
    """Yield the exchanges of each connection."""
    session: list[Exchange] = []
    for exchange in exchanges:
        if exchange.stage is Stage.CONNECT and session:
            yield session
            session = []
        session.append(exchange)
    if session:
        yield session


def _outcome(session: list[Exchange]) -> str:
    """Return how a connection ended: a trouble's name, or who ended it."""
    trouble = next((exchange.trouble for exchange in session if exchange.trouble), None)
    if trouble:
        return trouble
    last = session[-1]
    was_closed = last.reply is not None and last.reply.code == 421
    return "closed_by_server" if was_closed else "finished"
