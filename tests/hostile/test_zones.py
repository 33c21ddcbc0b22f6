"""Zones that mean harm, checked by the real edges: bounded, finished, and never called safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.message
import dns.rdatatype
import pytest

from bot.check import check
from bot.model.domain_name import DomainName
from bot.model.finding import Tag
from bot.model.question import AnswerStatus
from bot.model.report import MailService
from bot.model.verdict import Judgement, Reason, Verdict
from bot.request import Request
from bot.settings import Settings
from bot.world import open_world
from tests.bench.hostile_world import MX_RECORDS, SUFFIX, answers
from tests.servers.stub_dns import reply, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.model.report import Report

    Handler = Callable[[dns.message.Message, str], Iterable[bytes]]

NAME = f"giant0.{SUFFIX}"
DNS_FAILED = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)


async def checked(handler: Handler, name: str = NAME) -> Report:
    """Check a domain with this name server, and no other in the world."""
    async with serve(handler) as server:
        settings = Settings(
            resolver=f"udp://{server.ip}:{server.port}",
            blocklists="off",
            ehlo_name="probe.example.net",
        )
        async with open_world(settings) as world:
            request = Request(DomainName(name, name), name)
            return [progress.report async for progress in check(request, world)][-1]


def _loop(query: dns.message.Message, _: str) -> Iterable[bytes]:
    here = f"{NAME}. 60 CNAME a.test."
    yield reply(query, here, "a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test.")


def _one_more_alias(query: dns.message.Message, _: str) -> Iterable[bytes]:
    name = query.question[0].name.to_text()
    yield reply(query, f"{name} 60 CNAME x{name}")


def _cut_over_tcp(query: dns.message.Message, _: str) -> Iterable[bytes]:
    yield reply(query, f"{NAME}. 60 MX 10 mx.{NAME}.", truncated=True)


def _torn(query: dns.message.Message, _: str) -> Iterable[bytes]:
    whole = reply(query, *(f"{NAME}. 60 MX {n} mx{n}.{NAME}." for n in range(9)))
    yield whole[: len(whole) // 2]


def _somebody_elses(query: dns.message.Message, _: str) -> Iterable[bytes]:
    other = dns.message.make_query("other.test", "MX", id=query.id)
    yield reply(other, "other.test. 60 MX 10 mx.test.")
    yield reply(dns.message.make_query(NAME, "MX", id=query.id ^ 1), f"{NAME}. 60 MX 10 mx.test.")


def _noise(_query: dns.message.Message, _: str) -> Iterable[bytes]:
    yield from (b"", b"\0" * 11, b"\xff" * 500)


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (_loop, AnswerStatus.MALFORMED),
        (_one_more_alias, AnswerStatus.MALFORMED),
        (_cut_over_tcp, AnswerStatus.TRUNCATED),
        (_torn, AnswerStatus.MALFORMED),
        (_somebody_elses, AnswerStatus.TIMEOUT),
        (_noise, AnswerStatus.TIMEOUT),
        (lambda _query, _way: (), AnswerStatus.TIMEOUT),
        (lambda query, _way: [reply(query, rcode="SERVFAIL")], AnswerStatus.SERVFAIL),
        (lambda query, _way: [reply(query, rcode="REFUSED")], AnswerStatus.REFUSED),
        (lambda query, _way: [reply(query, rcode="NOTIMP")], AnswerStatus.SERVFAIL),
        (
            lambda query, _way: [reply(query, f"{SUFFIX}. 60 NS ns.{SUFFIX}.")],
            AnswerStatus.SERVFAIL,
        ),
    ],
)
async def test_a_zone_that_does_not_answer_is_not_known(
    handler: Handler, status: AnswerStatus
) -> None:
    """Loops, cuts, torn and forged answers, noise and silence: nothing is known, nothing asked."""
    report = await checked(handler)

    assert DNS_FAILED == report.judgement
    assert MailService.DNS_FAILED == report.mail_service
    assert status == report.answers[0].status


@pytest.mark.parametrize("number", [0, 1])
async def test_a_giant_zone_is_bounded(number: int) -> None:
    """Of 3,000 MX and 4,000 addresses a host, what is asked stays within the check's bounds."""
    report = await checked(answers, f"giant{number}.{SUFFIX}")

    assert report.finished
    assert report.judgement is not None
    assert Verdict.NOT_PROBED == report.judgement.verdict
    assert len(report.answers) <= 500 + 50  # look-ups, and those that were not asked any more
    assert len(report.mx) <= MX_RECORDS
    assert Tag.MX_TOO_MANY in {finding.tag for finding in report.findings}
    assert sum(1 for mx in report.mx if mx.addresses) <= 50
