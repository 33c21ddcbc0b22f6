"""Commands are acknowledged beside hostile checks: the short form of ``tests.bench.burst``."""

from __future__ import annotations

import pytest

from tests.bench.burst import Burst, run


@pytest.mark.timeout(180)
async def test_every_command_is_acknowledged_and_ends_in_its_own_card() -> None:
    """Beside tarpits, floods and a giant answer: none refused, none lost, none answered twice."""
    outcome = await run(Burst(commands=40, tarpits=1, giants=1, flooders=1), to_the_end=True)

    assert {200} == {ack.status for ack in outcome.acks}
    said = zip(outcome.domains, outcome.acks, strict=True)
    assert all(f"Checking `{domain}`" in ack.text for domain, ack in said)
    assert sorted(outcome.domains) == sorted(card.partition(":")[0] for card in outcome.cards)
