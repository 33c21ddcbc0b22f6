"""Which stored reports tell that servers refuse us."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from bot.model.verdict import Judgement, Reason, Verdict
from bot.store.refusals import reports_that_block_us
from bot.store.reports import save_report
from bot.store.tables import reports
from tests.test_breaker import NOW, report

if TYPE_CHECKING:
    import pytest

    from bot.model.report import Report
    from bot.store import Database

BLOCKED = Judgement(Verdict.INCONCLUSIVE, Reason.CLIENT_BLOCKED)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)


def judged(number: int, judgement: Judgement, hours: int = 0) -> Report:
    """Return a report whose one host was judged so, begun some hours ago."""
    found = report(number, at=NOW - timedelta(hours=hours))
    (mx,) = found.mx
    (address,) = mx.addresses
    (endpoint,) = address.endpoints
    asked = replace(address, endpoints=(replace(endpoint, judgement=judgement),))
    host = replace(mx, resolved=True, addresses=(asked,))
    return replace(found, judgement=judgement, mx=(host,), finished=True)


async def test_those_that_block_us_since_then(database: Database) -> None:
    """Every team's, whole, the latest first; no others, and none that is older."""
    kept = [judged(1, BLOCKED, 2), judged(2, CLOSED), judged(3, BLOCKED), judged(4, BLOCKED, 9)]
    for number, each in enumerate(kept):
        await save_report(database, each, team=f"T{number}")

    found = await reports_that_block_us(database, since=NOW - timedelta(hours=5))

    assert (kept[2], kept[0]) == found


async def test_one_that_cannot_be_read(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A report of another version is passed over, and a line in the log."""
    await save_report(database, judged(1, BLOCKED), team="T1")
    async with database.begin() as connection:
        await connection.execute(update(reports).values(packed=b"?"))

    assert () == await reports_that_block_us(database, since=NOW)
    assert "report cannot be read run=R1" in caplog.text
