"""Every remedy that can be tried here closes a real server, and leaves it a mail server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.servers.advice import advice
from tests.servers.asking import SUFFIX, report_on
from tests.servers.hands import HANDS, follow
from tests.servers.mailing import OUTSIDE
from tests.servers.namespace import beside_a_cable
from tests.servers.products import PRODUCTS
from tests.servers.proof import prove
from tests.servers.setups import Setup, setups

if TYPE_CHECKING:
    from tests.servers.namespace import Cable

OPEN = [
    pytest.param(setup, id=f"{setup.product}.{setup.name}")
    for setup in setups().values()
    if setup.is_open
]


@pytest.mark.parametrize("setup", OPEN)
def test_the_remedy_closes_it(setup: Setup) -> None:
    """Open before, closed after; its users get mail and may send; undone, it is open again."""
    alice = f"alice@{setup.name.replace('_', '-')}.{SUFFIX}"

    proof = prove(setup)

    assert setup.expects == proof.before
    assert proof.after.startswith("closed/")
    assert proof.local == ((alice,) if setup.delivers else None)
    assert proof.submitted == ((OUTSIDE,) if setup.delivers else None)
    assert proof.undone == (None if setup.variants else setup.expects)


@pytest.mark.parametrize("product", HANDS)
def test_the_hand_does_nothing_of_its_own(product: str) -> None:
    """Whoever follows a card that says nothing leaves the server as open as it was."""

    async def scenario(cable: Cable) -> bool:
        async with PRODUCTS[product](f"open.{SUFFIX}", relay="open", cable=cable) as server:
            said = advice(await report_on(server))
            await follow(server, replace(said, steps=(), config=""))
            judgement = (await report_on(server)).judgement
            return judgement is not None and judgement.verdict.is_open

    assert beside_a_cable(scenario)
