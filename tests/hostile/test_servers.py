"""Mail servers that mean harm, over real sockets: each ends in bounds, and in the right verdict.

``pytest tests/hostile/test_servers.py --collect-only -q`` is the list.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.model.verdict import Reason, Verdict
from bot.network.limits import Limits, Target
from bot.network.smtp import converse
from bot.relay.dialogue import next_step
from bot.relay.verdict import judge
from tests.hostile.behaviours import BEHAVIOURS, Points, behave
from tests.network.mail_host import NAME, host
from tests.transcripts.reading import plan

if TYPE_CHECKING:
    from bot.model.report import EndpointReport

QUICK = Limits(greeting_s=1, command_s=1, rcpt_s=1, quit_s=1, tls_s=1, connect_s=5, connection_s=4)


async def _judged(points: Points) -> EndpointReport:
    async with host(behave(points)) as mx:
        said = await converse(
            Target("127.0.0.1", mx.port, NAME), partial(next_step, plan()), limits=QUICK
        )
    return judge(plan(), said)


@pytest.fixture(scope="module")
def judged() -> dict[str, EndpointReport]:
    """What became of each, all asked side by side."""

    async def all_of_them() -> list[EndpointReport]:
        return await asyncio.gather(*(_judged(points) for points, _ in BEHAVIOURS.values()))

    return dict(zip(BEHAVIOURS, asyncio.run(all_of_them()), strict=True))


@pytest.mark.parametrize("name", [pytest.param(n, id=f"server:{n}") for n in BEHAVIOURS])
def test_a_server_that_misbehaves(judged: dict[str, EndpointReport], name: str) -> None:
    """It is judged by what it answered in order, and called open or closed by nothing else."""
    report = judged[name]

    assert report.judgement is not None
    assert BEHAVIOURS[name][1] is report.judgement.reason
    assert (report.judgement.verdict is Verdict.CLOSED) == (
        report.judgement.reason is Reason.RELAY_DENIED
    )
    assert report.judgement.verdict.is_open == (name == "says-250-to-everything")


@pytest.mark.parametrize("name", [pytest.param(n, id=f"bounds:{n}") for n in BEHAVIOURS])
def test_what_is_kept_of_it_is_bounded(judged: dict[str, EndpointReport], name: str) -> None:
    """However much a server says, so much is kept, and any store takes it."""
    exchanges = judged[name].exchanges

    assert len(exchanges) < 100
    for exchange in exchanges:
        text = exchange.reply.text if exchange.reply else ""
        assert len(text.encode("utf-8")) <= 3 * QUICK.reply_kept
        assert "\0" not in text
        assert len(exchange.detail) <= 400
