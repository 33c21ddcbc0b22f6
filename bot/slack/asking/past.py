"""What was found before, as far as a person may see it, in the time that an ack has.

A database that is away or slow costs an answer its past, never the answer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.store.reports import SeenBy, sightings
from bot.store.verifications import forget_verification, verified_since

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.deliver import Destination
    from bot.history import Sighting
    from bot.store import Database

log = logging.getLogger(__name__)
_T = TypeVar("_T")

# An ack has three seconds, and DNS may have had two of them (``permissions.LOOK_S``).
PATIENCE_S = 0.7


class Past:
    """The store, asked about earlier checks and verifications."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Ask a database; ``now`` is the time of day."""
        self._database = database
        self._now = now

    async def sightings(self, domain: str, place: Destination) -> tuple[Sighting, ...] | None:
        """Return what checks of a domain found that a person may see where they ask.

        Those of this channel, and their own; None where the store does not answer.
        """
        seen_by = SeenBy(place.team, place.channel, place.user)
        return await _in_time(sightings(self._database, domain, seen_by=seen_by))

    async def verified_since(self, team: str, name: str) -> datetime | None:
        """Take note that a name is verified; return since when, where the store answers."""
        return await _in_time(verified_since(self._database, team=team, name=name, now=self._now()))

    async def no_longer_verified(self, team: str, name: str) -> datetime | None:
        """Take note that a name is not verified; return since when it had been, if it had."""
        return await _in_time(forget_verification(self._database, team=team, name=name))


async def _in_time(asking: Awaitable[_T]) -> _T | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asking
    except TimeoutError:
        log.warning("the database was too slow for an answer")
    except SQLAlchemyError:
        log.exception("the database did not answer")
    return None
