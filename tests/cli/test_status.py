"""The exit status says what was found, the worst first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.cli.status import Status, of_all, of_report
from bot.model.domain_name import DomainName
from bot.model.report import AddressReport, Fcrdns, MailService, MxReport, Report, Vantage
from bot.model.verdict import Judgement, Reason, Verdict

DNS_FAILED = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)
DISABLED = Judgement(Verdict.NOT_PROBED, Reason.DISABLED)


def report(
    judgement: Judgement | None,
    *mx: MxReport,
    service: MailService = MailService.MX,
    error_id: str = "",
) -> Report:
    """Return a finished report of this judgement."""
    return Report(
        id="1",
        domain=DomainName("example.com", "example.com"),
        started_at=datetime(2026, 11, 24, tzinfo=UTC),
        vantage=Vantage(name="default", ehlo="p.example", reverse_path="a@b", forward_path="c@d"),
        mail_service=service,
        judgement=judgement,
        mx=mx,
        finished=True,
        error_id=error_id,
    )


def host(*addresses: AddressReport, skipped: Judgement | None = None) -> MxReport:
    """Return an MX host whose addresses are known."""
    return MxReport(
        preference=10, host="mx.example.com", resolved=True, addresses=addresses, skipped=skipped
    )


@pytest.mark.parametrize(
    ("verdict", "reason", "status"),
    [
        (Verdict.OPEN, Reason.DELIVERED, Status.OPEN),
        (Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED, Status.OPEN),
        (Verdict.CLOSED, Reason.RELAY_DENIED, Status.CLOSED),
        (Verdict.NO_MAIL, Reason.NULL_MX, Status.CLOSED),
        (Verdict.INCONCLUSIVE, Reason.GREYLISTED, Status.UNKNOWN),
        (Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN, Status.UNKNOWN),
    ],
)
def test_a_verdict_has_its_status(verdict: Verdict, reason: Reason, status: Status) -> None:
    """Closed and no mail are 0, open is 1, whatever was not learnt is 3."""
    assert status is of_report(report(Judgement(verdict, reason)), probed=True)


def test_a_report_without_verdict_or_with_a_fault_is_unknown() -> None:
    """A fault of ours is never read as safety."""
    closed = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)

    assert Status.UNKNOWN is of_report(report(None), probed=True)
    assert Status.UNKNOWN is of_report(report(closed, error_id="ABC"), probed=True)


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (Status.CLOSED, report(DISABLED, host(AddressReport(ip="192.0.2.1", skipped=DISABLED)))),
        (
            Status.CLOSED,
            report(DISABLED, host(AddressReport(ip="192.0.2.1", fcrdns=Fcrdns.FAIL))),
        ),
        (
            Status.UNKNOWN,
            report(DISABLED, host(AddressReport(ip="192.0.2.1", fcrdns=Fcrdns.TEMPERROR))),
        ),
        (Status.UNKNOWN, report(DNS_FAILED, host(skipped=DNS_FAILED))),
        (Status.UNKNOWN, report(DNS_FAILED, service=MailService.DNS_FAILED)),
        (
            Status.CLOSED,
            report(
                Judgement(Verdict.NO_MAIL, Reason.NULL_MX),
                service=MailService.NULL_MX,
            ),
        ),
    ],
)
def test_without_a_probe_dns_has_to_have_answered(status: Status, found: Report) -> None:
    """With --no-probe the status tells whether DNS answered everything."""
    assert status is of_report(found, probed=False)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ((), Status.CLOSED),
        ((Status.CLOSED, Status.CLOSED), Status.CLOSED),
        ((Status.CLOSED, Status.UNKNOWN), Status.UNKNOWN),
        ((Status.UNKNOWN, Status.USAGE, Status.CLOSED), Status.USAGE),
        ((Status.UNKNOWN, Status.USAGE, Status.OPEN), Status.OPEN),
    ],
)
def test_of_many_the_worst_is_told(statuses: tuple[Status, ...], status: Status) -> None:
    """An open relay before an invalid domain before what could not be learnt."""
    assert status is of_all(statuses)
