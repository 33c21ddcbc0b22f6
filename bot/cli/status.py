"""The exit status of ``relaycheck check``, which scripts act on (contract of the command line).

0: nothing open, and everything answered. 1: at least one host takes a stranger's mail. 2: usage, or
a domain among others that is none. 3: anything that could not be learnt. Where several hold, the
first of 1, 2, 3 is told: an open relay matters most.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from bot.model.report import Fcrdns, MailService
from bot.model.verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.report import Report


class Status(IntEnum):
    """What the process exits with."""

    CLOSED = 0
    OPEN = 1
    USAGE = 2
    UNKNOWN = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells say it


def of_report(report: Report, *, probed: bool) -> Status:
    """Return what one finished report means; ``probed`` false: only DNS was asked."""
    judgement = report.judgement
    if report.error_id or judgement is None:
        return Status.UNKNOWN
    if judgement.verdict.is_open:
        return Status.OPEN
    answered = judgement.verdict.is_clean if probed else _dns_answered(report)
    return Status.CLOSED if answered else Status.UNKNOWN


def _dns_answered(report: Report) -> bool:
    """Whether DNS told everything: where mail goes, every address, every reverse name."""
    addresses = [address for host in report.mx for address in host.addresses]
    skipped = [host.skipped for host in report.mx] + [address.skipped for address in addresses]
    return (
        report.mail_service is not MailService.DNS_FAILED
        and not any(part and part.reason is Reason.DNS_FAILED for part in skipped)
        and not any(address.fcrdns is Fcrdns.TEMPERROR for address in addresses)
    )


def of_all(statuses: Iterable[Status]) -> Status:
    """Return what the process exits with: 1 before 2 before 3 before 0."""
    found = set(statuses)
    order = (Status.OPEN, Status.USAGE, Status.UNKNOWN)
    return next((status for status in order if status in found), Status.CLOSED)
