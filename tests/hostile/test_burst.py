"""Acks while everybody who is being checked means harm, on a small scale; see tests/bench/burst."""

from __future__ import annotations

from tests.bench.burst import Burst, run


async def test_commands_are_acknowledged_beside_hostile_checks() -> None:
    """Tarpits, floods, giant answers and a silent name server keep no command waiting."""
    acks, _ = await run(Burst(commands=50, tarpits=1, giants=2, flooders=1))

    assert [] == [ack for ack in acks if not ack.is_good]
    assert 50 == len(acks)
