"""Retention: from time to time, what is older than it is deleted from both databases' tables."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.store.janitor import sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from bot.jobs.durable import Durable
    from bot.store import Database

log = logging.getLogger(__name__)

EVERY_S = 6 * 3600.0


async def keep_house(
    database: Database, jobs: Durable, *, retention: timedelta, now: Callable[[], datetime]
) -> None:
    """Sweep at once, and every six hours from then on, until cancelled."""
    while True:
        before = now() - retention
        try:
            rows = await sweep(database, before=before)
            log.info("swept %d rows and %d jobs", rows, await jobs.sweep(before=before))
        except Exception:  # the outermost handler: the next sweep may do better
            log.exception("not swept")
        await asyncio.sleep(EVERY_S)
