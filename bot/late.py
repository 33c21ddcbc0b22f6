"""Proof messages that arrive after the report: the verdict is corrected for a day.

Queues are slow on purpose: a message that was taken and had not arrived after two minutes may still
come out at the canary. For as long as the canary remembers, the report is judged anew with what
arrives.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.verdict import Reason
from bot.relay.proof import with_arrivals
from bot.replay import judge_report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.model.report import AddressReport, EndpointReport, MxReport, Report
    from bot.network.canary import Canary

LATE_S = 24 * 3600.0


def is_unsettled(report: Report) -> bool:
    """Whether a message was taken at one of its endpoints and has not arrived."""
    return any(_waits(endpoint) for endpoint in _endpoints(report))


def expect_again(report: Report, canary: Canary) -> None:
    """Let a canary expect the messages of a report that another process had sent."""
    for endpoint in _endpoints(report):
        if endpoint.proofs:
            nonce = endpoint.proofs[0].token.partition("-")[0]
            canary.expect(nonce, (each for proof in endpoint.proofs for each in proof.arrivals))


async def corrections(
    report: Report, canary: Canary, within_s: float = LATE_S
) -> AsyncIterator[Report]:
    """Yield the report anew each time that a message of it arrives late.

    Args:
        report: a finished report with proofs.
        canary: where its messages arrive.
        within_s: how long it is waited for, in seconds.
    """
    # What the report knows, not what the canary does: a message may have come since.
    seen: dict[str, int] = {}
    for endpoint in _endpoints(report):
        for proof in endpoint.proofs:
            nonce = proof.token.partition("-")[0]
            seen[nonce] = seen.get(nonce, 0) + len(proof.arrivals)
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while is_unsettled(report) and (left := until - loop.time()) > 0:
        waits = [
            asyncio.create_task(_news(canary, nonce, count, left)) for nonce, count in seen.items()
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        now = {nonce: len(canary.arrivals(nonce)) for nonce in seen}
        if now != seen:
            seen = now
            report = await judge_report(_with_arrivals(report, canary))
            yield report


async def _news(canary: Canary, nonce: str, seen: int, within_s: float) -> None:
    await canary.wait(nonce, lambda arrivals: len(arrivals) > seen, within_s)


def _waits(endpoint: EndpointReport) -> bool:
    judgement = endpoint.judgement
    return judgement is not None and judgement.reason is Reason.ACCEPTED_NOT_DELIVERED


def _endpoints(report: Report) -> Iterator[EndpointReport]:
    for host in report.mx:
        for address in host.addresses:
            yield from address.endpoints


def _with_arrivals(report: Report, canary: Canary) -> Report:
    def endpoint(asked: EndpointReport) -> EndpointReport:
        if not asked.proofs:
            return asked
        arrivals = canary.arrivals(asked.proofs[0].token.partition("-")[0])
        return replace(asked, proofs=with_arrivals(asked.proofs, arrivals))

    def address(known: AddressReport) -> AddressReport:
        return replace(known, endpoints=tuple(map(endpoint, known.endpoints)))

    def host(known: MxReport) -> MxReport:
        return replace(known, addresses=tuple(map(address, known.addresses)))

    return replace(report, mx=tuple(map(host, report.mx)))
