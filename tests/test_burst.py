"""Commands are acknowledged beside hostile checks: the short form of ``tests.bench.burst``."""

from __future__ import annotations

import pytest

from tests.bench.burst import Burst, run


@pytest.mark.timeout(180)
@pytest.mark.parametrize("socket_mode", [True, False])
async def test_every_command_is_acknowledged_and_ends_in_its_own_card(*, socket_mode: bool) -> None:
    """Beside tarpits, floods and a giant answer: none refused, none lost, none answered twice."""
    burst = Burst(commands=40, tarpits=1, giants=1, flooders=1, socket_mode=socket_mode)
    outcome = await run(burst, to_the_end=True)

    assert {200} == {ack.status for ack in outcome.acks}
    said = zip(outcome.domains, outcome.acks, strict=True)
    assert all(f"Checking `{domain}`" in ack.text for domain, ack in said)
    assert sorted(outcome.domains) == sorted(card.partition(":")[0] for card in outcome.cards)
