"""Reports of servers that refused us as a client: what the breaker learns from after a start."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.model.verdict import Reason
from bot.store.codec import REPORT
from bot.store.database import whole
from bot.store.tables import reports, verdicts

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.report import Report
    from bot.store.database import Database

log = logging.getLogger(__name__)

# Whole reports are large, and few are enough to tell.
_MOST = 100


@whole
async def reports_that_block_us(database: Database, *, since: datetime) -> tuple[Report, ...]:
    """Return the latest reports since a moment in which some host refused us as a client."""
    blocked = select(verdicts.c.report_id).where(verdicts.c.reason == Reason.CLIENT_BLOCKED)
    wanted = (
        select(reports.c.id, reports.c.packed)
        .where(reports.c.started_at >= since, reports.c.id.in_(blocked))
        .order_by(reports.c.started_at.desc(), reports.c.id)
        .limit(_MOST)
    )
    async with database.begin() as connection:
        rows = (await connection.execute(wanted)).all()
    found: list[Report] = []
    for row in rows:
        try:
            found.append(REPORT.unpack(row.packed))
        except ValueError:  # of a version that this one cannot read
            log.warning("report cannot be read run=%s", row.id)
    return tuple(found)
