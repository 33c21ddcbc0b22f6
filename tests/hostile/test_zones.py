"""Zones that mean harm, checked by the real edges: bounded, finished, and never called safe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.check import check
from bot.model.domain_name import DomainName
from bot.model.finding import Tag
from bot.model.report import MailService
from bot.model.verdict import Judgement, Reason, Verdict
from bot.request import Request
from bot.settings import Settings
from bot.world import open_world
from tests.bench import hostile_world
from tests.bench.hostile_world import MX_RECORDS, SUFFIX
from tests.hostile import answers
from tests.servers.stub_dns import serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.report import Report
    from tests.hostile.answers import Handler

DNS_FAILED = Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)


async def checked(handler: Handler, name: str) -> Report:
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


async def _all_of_them(handlers: Iterable[Handler]) -> list[Report]:
    return await asyncio.gather(*(checked(handler, answers.NAME) for handler in handlers))


@pytest.fixture(scope="module")
def unknown() -> dict[str, Report]:
    """What became of each zone that does not answer, all checked side by side."""
    found = asyncio.run(_all_of_them(handler for handler, _ in answers.UNKNOWN.values()))
    return dict(zip(answers.UNKNOWN, found, strict=True))


@pytest.fixture(scope="module")
def known() -> dict[str, Report]:
    """What became of each zone that answers, all checked side by side."""
    found = asyncio.run(_all_of_them(handler for handler, *_ in answers.KNOWN.values()))
    return dict(zip(answers.KNOWN, found, strict=True))


@pytest.mark.parametrize("name", [pytest.param(n, id=f"dns:{n}") for n in answers.UNKNOWN])
def test_a_zone_that_does_not_answer_is_not_known(unknown: dict[str, Report], name: str) -> None:
    """Loops, cuts, torn and forged answers, noise and silence: nothing is known, nothing asked."""
    report = unknown[name]

    assert DNS_FAILED == report.judgement
    assert MailService.DNS_FAILED == report.mail_service
    assert answers.UNKNOWN[name][1] == report.answers[0].status


@pytest.mark.parametrize("name", [pytest.param(n, id=f"dns:{n}") for n in answers.KNOWN])
def test_a_zone_that_lies_leads_nowhere(known: dict[str, Report], name: str) -> None:
    """Of what it says only what was asked for counts, and no address inside is asked."""
    report = known[name]
    _, records, reason = answers.KNOWN[name]

    assert records == report.answers[0].records
    assert report.judgement is not None
    assert reason == report.judgement.reason.value
    assert not any(
        endpoint for mx in report.mx for address in mx.addresses for endpoint in address.endpoints
    )


@pytest.mark.parametrize("number", [0, 1])
async def test_a_giant_zone_is_bounded(number: int) -> None:
    """Of 3,000 MX and 4,000 addresses a host, what is asked stays within the check's bounds."""
    report = await checked(hostile_world.answers, f"giant{number}.{SUFFIX}")

    assert report.finished
    assert report.judgement is not None
    assert Verdict.NOT_PROBED == report.judgement.verdict
    assert len(report.answers) <= 500 + 50  # look-ups, and those that were not asked any more
    assert len(report.mx) <= MX_RECORDS
    # A machine that is busy elsewhere may not read it in time: that is a bound as well.
    assert (Tag.MX_TOO_MANY in {finding.tag for finding in report.findings}) == (
        report.mail_service is MailService.MX
    )
    assert sum(1 for mx in report.mx if mx.addresses) <= 50
