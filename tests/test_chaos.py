"""Commands survive kills: the short form of ``tests.bench.chaos``."""

from __future__ import annotations

import pytest

from tests.bench.chaos import chaos


@pytest.mark.timeout(300)
@pytest.mark.parametrize("may_read", [True, False])
async def test_nothing_is_lost_or_doubled_over_kills(database_url: str, *, may_read: bool) -> None:
    """Killed -9 at random moments, the app finishes every command that it acknowledged, once."""
    report = await chaos(kills=2, flight=20, database=database_url, may_read=may_read)

    assert report.accepted >= 20
    assert () == report.lost
    assert () == report.doubled
    if may_read:
        assert (0, 0) == (report.twice, report.in_doubt)
