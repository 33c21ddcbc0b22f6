"""Tests of who goes first: acceptance, for a while."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.jobs.calm import Calm

if TYPE_CHECKING:
    import pytest


async def test_work_waits_until_nothing_is_being_accepted() -> None:
    """Two acceptances at once are over when both are, however they end."""
    calm = Calm()
    order: list[str] = []

    async def work() -> None:
        await calm.wait()
        order.append("work")

    await calm.wait()
    with calm.accepting():
        working = asyncio.create_task(work())
        with suppress(LookupError), calm.accepting():
            await asyncio.sleep(0)
            order.append("refused")
            raise LookupError
        await asyncio.sleep(0)
        order.append("accepted")
    await working

    assert ["refused", "accepted", "work"] == order


async def test_work_is_not_put_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a steady stream of commands it goes on all the same."""
    monkeypatch.setattr("bot.jobs.calm.AT_MOST_S", 0.01)
    calm = Calm()

    with calm.accepting():
        await calm.wait()


async def test_an_edge_is_used_in_a_calm_moment() -> None:
    """What a check asks of the world is asked once nobody waits; the answer is the edge's own."""
    calm = Calm()

    async def double(number: int, *, plus: int = 0) -> int:
        return 2 * number + plus

    patient = calm.before(double)
    assert 6 == await patient(3)
    with calm.accepting():
        asking = asyncio.create_task(patient(4, plus=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not asking.done()
    assert 9 == await asking


async def test_a_gap_between_two_acceptances_is_no_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must have been quiet for a moment; the five seconds count from the first acceptance."""
    monkeypatch.setattr("bot.jobs.calm.QUIET_S", 3600.0)
    calm = Calm()
    for _ in range(3):
        with calm.accepting():
            await asyncio.sleep(0)
    waiting = asyncio.create_task(calm.wait())
    await asyncio.sleep(0)
    assert not waiting.done()

    waiting.cancel()
    monkeypatch.setattr("bot.jobs.calm.AT_MOST_S", 0.0)
    await calm.wait()
