"""Whether mail servers can be reached from here, tried on real sockets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.doctor import State
from bot.model.exchange import Exchange, Stage, Trouble
from bot.reach import examine_reach
from bot.sandbox.hosts import SampleHosts, sample_hosts
from bot.world import open_world
from tests.samples import settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.doctor import Diagnosis
    from bot.edges import Script
    from bot.relay.attempts import Plan
    from bot.settings import Settings


@pytest.fixture
async def hosts() -> AsyncIterator[SampleHosts]:
    """Run the sample hosts."""
    async with sample_hosts() as running:
        yield running


async def examine(settings: Settings) -> list[Diagnosis]:
    """Examine with the real edges."""
    async with open_world(settings) as world:
        return [found async for found in examine_reach(settings, world)]


async def test_a_server_that_greets_is_reached(hosts: SampleHosts) -> None:
    """The operator's own mail host answers: the way out is open."""
    (found,) = await examine(settings_for(hosts, rcpt_to=f"canary@closed.{hosts.suffix}"))

    assert found.tag == "REACH_ANSWERED"
    assert found.state is State.OK
    assert "220" in found.says


@pytest.mark.parametrize(
    ("mailbox", "tag"),
    [
        (None, "REACH_UNTRIED"),
        ("canary@[127.0.0.1]", "REACH_UNTRIED"),
        ("canary@missing.sandbox.test", "REACH_NOWHERE"),
    ],
)
async def test_nobody_to_try(hosts: SampleHosts, mailbox: str | None, tag: str) -> None:
    """Without a mailbox of the operator's own nobody is contacted."""
    (found,) = await examine(settings_for(hosts, rcpt_to=mailbox))

    assert found.tag == tag
    assert found.advice


@pytest.mark.parametrize(
    ("last", "tag", "state"),
    [
        (Exchange(stage=Stage.CONNECT, trouble=Trouble.TIMEOUT), "REACH_BLOCKED", State.FAULT),
        (Exchange(stage=Stage.CONNECT, trouble=Trouble.UNREACHABLE), "REACH_BLOCKED", State.FAULT),
        (Exchange(stage=Stage.CONNECT, trouble=Trouble.REFUSED), "REACH_UNANSWERED", State.NOTICE),
        (Exchange(stage=Stage.GREETING, trouble=Trouble.DROPPED), "REACH_UNANSWERED", State.NOTICE),
    ],
)
async def test_silence_is_told_from_refusal(
    hosts: SampleHosts, last: Exchange, tag: str, state: State
) -> None:
    """A silent port is blocked or down; a refused or cut connection is not our network's fault."""

    async def converse(
        plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
    ) -> tuple[Exchange, ...]:
        assert script(()) is not None
        assert script((last,)) is None
        return (last,)

    settings = settings_for(hosts, rcpt_to=f"canary@closed.{hosts.suffix}")
    async with open_world(settings) as world:
        told = [f async for f in examine_reach(settings, replace(world, converse=converse))]

    (found,) = told
    assert found.tag == tag
    assert found.state is state
