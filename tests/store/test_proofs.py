"""Tests of proof messages not being sent twice within a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.store.proofs import take_proof
from tests.render.samples import NOW

if TYPE_CHECKING:
    from bot.store import Database

HOUR = timedelta(hours=1)


async def test_an_endpoint_is_taken_for_an_hour(database: Database) -> None:
    """Again only after it; another port is another endpoint."""
    times = [("192.0.2.1", 25, 0), ("192.0.2.1", 25, 59), ("192.0.2.1", 587, 59)]
    times += [("192.0.2.1", 25, 60), ("192.0.2.1", 25, 61)]
    taken = [
        await take_proof(database, ip, port, now=NOW + timedelta(minutes=minute), every=HOUR)
        for ip, port, minute in times
    ]

    assert [True, False, True, True, False] == taken


async def test_of_two_at_once_one_is_told_no(database: Database) -> None:
    """Whoever asks at the same moment does not send the same message."""
    asked = (take_proof(database, "192.0.2.1", 25, now=NOW, every=HOUR) for _ in range(2))

    assert [False, True] == sorted(await asyncio.gather(*asked))
