"""Proof by delivery from end to end: real servers, real messages, our canary."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.check import check
from bot.model.finding import Tag
from bot.model.report import Awaited, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.request import Request, parse_request
from bot.world import open_world
from tests.samples import settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.edges import World
    from bot.model.report import Progress, Report
    from bot.sandbox.hosts import SampleHosts


@pytest.fixture
async def world(hosts: SampleHosts) -> AsyncIterator[World]:
    """Open a world whose canary stands where the samples relay to."""
    settings = settings_for(hosts, canary_listen=(hosts.canary_endpoint,))
    async with open_world(settings) as opened:
        yield replace(opened, proof_s=2.0)


async def run(name: str, hosts: SampleHosts, world: World, *, prove: bool = True) -> list[Progress]:
    """Check one sample to its end."""
    request = parse_request(f"{name}.{hosts.suffix}", allowed_suffixes=(hosts.suffix,))
    assert isinstance(request, Request)
    return [progress async for progress in check(replace(request, prove=prove), world)]


def attempts_of(report: Report) -> dict[str, Outcome]:
    """Return what came of each attempt of the first endpoint."""
    return {a.kind: a.outcome for a in report.mx[0].addresses[0].endpoints[0].attempts}


async def test_an_open_relay_is_proved(hosts: SampleHosts, world: World) -> None:
    """A message went in at the server and came out at the canary: open, with its path."""
    progress = await run("open", hosts, world)
    report = progress[-1].report

    assert report.judgement == Judgement(Verdict.OPEN, Reason.DELIVERED)
    proofs = report.mx[0].addresses[0].endpoints[0].proofs
    assert [proof.kind for proof in proofs] == ["foreign", "null", "own_domain"]
    assert all(proof.delivery for proof in proofs)
    assert proofs[0].delivery
    assert proofs[0].delivery.received
    assert Awaited.DELIVERY in {waiting.what for p in progress for waiting in p.waiting}


async def test_a_message_refused_at_its_end_closes_the_case(
    hosts: SampleHosts, world: World
) -> None:
    """What RCPT accepts and the end of DATA refuses does not relay."""
    report = (await run("data-refused", hosts, world))[-1].report

    assert report.judgement == Judgement(Verdict.CLOSED, Reason.REJECTED_AFTER_DATA)
    assert attempts_of(report)["proof:foreign"] is Outcome.MESSAGE_REJECTED


async def test_what_was_not_accepted_is_not_proved(hosts: SampleHosts, world: World) -> None:
    """A closed server gets no message."""
    report = (await run("closed", hosts, world))[-1].report

    assert report.judgement == Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
    assert not [kind for kind in attempts_of(report) if kind.startswith("proof:")]


async def never(_ip: str, _port: int) -> bool:
    """Let no endpoint have a message."""
    return False


async def test_nobody_sends_a_message_unasked(hosts: SampleHosts, world: World) -> None:
    """Without --prove, without a canary, or without consent, RCPT is the last word."""
    unasked = await run("open", hosts, world, prove=False)
    homeless = await run("open", hosts, replace(world, canary=None))
    too_soon = await run("open", hosts, replace(world, may_prove=never))

    for progress in (unasked, homeless, too_soon):
        report = progress[-1].report
        assert report.judgement == Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
        assert not report.mx[0].addresses[0].endpoints[0].proofs
    tags = {finding.tag for finding in report.mx[0].addresses[0].endpoints[0].findings}
    assert Tag.PROOF_TOO_SOON in tags


async def test_only_the_sender_that_gets_through_is_proved(
    hosts: SampleHosts, world: World
) -> None:
    """A server that trusts its own domain relays that sender's message, and is proved by it."""
    report = (await run("own-sender", hosts, world))[-1].report

    assert report.judgement == Judgement(Verdict.OPEN, Reason.DELIVERED)
    proofs = report.mx[0].addresses[0].endpoints[0].proofs
    assert [proof.kind for proof in proofs] == ["own_domain"]


async def test_a_message_that_does_not_arrive_in_time(hosts: SampleHosts, world: World) -> None:
    """Taken and not arrived is neither open nor closed."""

    class Deaf:
        """A canary at which nothing arrives."""

        def expect(self, nonce: str) -> None:
            """Expect in vain."""

        async def wait(self, nonce: str, enough: object, within_s: float) -> tuple[()]:
            """Wait in vain."""
            await asyncio.sleep(min(within_s, 0.01))
            return ()

    near = replace(world.vantage, ehlo=f"probe.open.{hosts.suffix}")
    deaf: World = replace(world, vantage=near, canary=Deaf())  # type: ignore[arg-type] # two are used
    report = (await run("open", hosts, deaf))[-1].report

    assert report.judgement == Judgement(Verdict.INCONCLUSIVE, Reason.ACCEPTED_NOT_DELIVERED)
    # It may still arrive, and make it open: that we asked from inside is said from now on.
    tags = {finding.tag for finding in report.mx[0].addresses[0].endpoints[0].findings}
    assert Tag.VANTAGE_INSIDE in tags
