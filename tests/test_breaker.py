"""When probes pause: what counts as a server that says that we are on a blocklist, and how many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.breaker import PAUSE, Breaker
from bot.model.domain_name import DomainName
from bot.model.exchange import Reply, Stage, TlsMode
from bot.model.report import (
    AddressReport,
    Attempt,
    EndpointReport,
    MxReport,
    Outcome,
    Report,
    Vantage,
)
from bot.settings import Rate

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RATE = Rate(3, 86_400, "day")
LISTED = "Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org"
US = Vantage(
    name="test",
    ehlo="probe.example.net",
    reverse_path="a@probe.example.net",
    forward_path="b@outside.example",
)


def report(
    number: int,
    text: str | None = LISTED,
    *,
    at: datetime = NOW,
    domain: str = "",
    ip: str = "",
    code: int = 554,
) -> Report:
    """Return the report of a domain whose one server refuses us in these words."""
    name = domain or f"d{number}.example"
    attempt = Attempt(
        kind="foreign",
        reverse_path=US.reverse_path,
        forward_path=US.forward_path,
        tls=False,
        stage=Stage.RCPT,
        reply=None if text is None else Reply(code, (text,)),
        outcome=Outcome.CLIENT_BLOCKED,
    )
    endpoint = EndpointReport(port=25, tls=TlsMode.NONE, attempts=(attempt,))
    address = AddressReport(ip=ip or f"198.51.{number}.25", endpoints=(endpoint,))
    return Report(
        id=f"R{number}",
        domain=DomainName(name, name),
        started_at=at,
        vantage=US,
        mx=(MxReport(preference=10, host=f"mx.{name}", addresses=(address,)),),
    )


def heard(*reports: Report, rate: Rate | None = RATE) -> Breaker:
    """Return a breaker that heard these."""
    breaker = Breaker(rate)
    for each in reports:
        breaker.note(each)
    return breaker


def test_the_third_server_makes_it_pause() -> None:
    """Two may be wrong about us; the third, of a third domain and network, is one too many."""
    breaker = heard(report(1), report(2))
    assert breaker.pause(NOW) is None

    breaker.note(report(3))
    pause = breaker.pause(NOW)

    assert pause is not None
    assert NOW + PAUSE == pause.until
    assert (
        "no mail server is asked until 2026-11-24 18:00 UTC, because several (mx.d1.example, "
        "mx.d2.example, mx.d3.example) say that our own address is on a blocklist"
    ) == pause.why


def test_it_resets_itself() -> None:
    """After its time it is tried anew, and what was heard before does not count again."""
    breaker = heard(*map(report, (1, 2, 3)))
    later = NOW + PAUSE
    assert breaker.pause(later) is None

    breaker.note(report(4, at=later))
    breaker.note(report(5, at=later))
    assert breaker.pause(later) is None
    breaker.note(report(6, at=later))
    assert breaker.pause(later) is not None


def test_what_is_heard_in_a_pause_does_not_prolong_it() -> None:
    """Checks that were under way end; the pause ends when it said that it would."""
    breaker = heard(*map(report, (1, 2, 3)), report(4, at=NOW + timedelta(hours=1)))

    pause = breaker.pause(NOW + timedelta(hours=2))
    assert pause is not None
    assert NOW + PAUSE == pause.until


def test_it_counts_within_its_time() -> None:
    """What was heard longer ago than the rate's period is forgotten."""
    old = NOW - timedelta(days=1, minutes=1)

    assert heard(report(1, at=old), report(2), report(3)).pause(NOW) is None


@pytest.mark.parametrize(
    "same",
    [
        [report(n, domain="one.example") for n in (1, 2, 3)],
        [report(n, ip=f"198.51.100.{n}") for n in (1, 2, 3)],
        [report(1), report(1), report(1), report(2)],
    ],
    ids=["one domain", "one network", "one report"],
)
def test_one_party_is_one_voice(same: list[Report]) -> None:
    """One domain, one network, or one report that comes back cannot make it pause alone."""
    assert heard(*same).pause(NOW) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.7.1 Relay access denied", 554),
        ("5.7.25 Client host rejected: cannot find your reverse hostname", 550),
        ("ok", 250),
        (None, 0),
        ("see mx.d1.example and blocklist.d1.example", 550),
    ],
)
def test_other_refusals_are_no_listing(text: str | None, code: int) -> None:
    """A refusal to relay, a missing PTR, silence, or a name that only sounds like a blocklist."""
    assert heard(*(report(n, text, code=code) for n in (1, 2, 3))).pause(NOW) is None


def test_off_never_pauses() -> None:
    """An operator may switch it off."""
    assert heard(*map(report, (1, 2, 3)), rate=None).pause(NOW) is None
    assert PAUSE == Breaker(None).memory


def test_who_is_spared_does_not_count() -> None:
    """The operator's own servers are no strangers."""
    breaker = Breaker(RATE, lambda ip: ip.startswith("198.51."))
    for number in (1, 2, 3):
        breaker.note(report(number))

    assert breaker.pause(NOW) is None
    assert PAUSE + timedelta(days=1) == breaker.memory


def test_the_order_of_hearing_does_not_matter() -> None:
    """A restart reads stored reports in another order, and finds the same pause."""
    reports = [report(n, at=NOW - timedelta(minutes=n)) for n in (1, 2, 3)]

    assert heard(*reports).pause(NOW) == heard(*reversed(reports)).pause(NOW)
