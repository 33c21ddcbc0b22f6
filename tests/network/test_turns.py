"""One connection at a time to an address."""

from __future__ import annotations

import asyncio

from bot.network.turns import Turns


async def test_one_holder_at_a_time_in_the_order_of_asking() -> None:
    """Who asks for an address waits for all who asked before."""
    turns = Turns()
    seen: list[str] = []

    async def hold(name: str) -> None:
        async with turns.turn("192.0.2.1"):
            assert turns.is_taken("192.0.2.1")
            seen.append(f"{name} in")
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    await asyncio.gather(hold("a"), hold("b"), hold("c"))

    assert ["a in", "a out", "b in", "b out", "c in", "c out"] == seen
    assert not turns.is_taken("192.0.2.1")


async def test_addresses_do_not_wait_for_each_other() -> None:
    """A turn at one address says nothing about another."""
    turns = Turns()
    async with turns.turn("192.0.2.1"):
        assert not turns.is_taken("192.0.2.2")
        async with asyncio.timeout(1), turns.turn("192.0.2.2"):
            assert turns.is_taken("192.0.2.2")


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    """Somebody who gives up waiting neither holds the address nor keeps it on the books."""
    turns = Turns()
    async with turns.turn("192.0.2.1"):
        impatient = asyncio.create_task(turns.turn("192.0.2.1").__aenter__())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
    assert not turns.is_taken("192.0.2.1")
    assert not turns._locks
