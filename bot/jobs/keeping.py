"""The ledger of a delivery, in the store: where the messages of a run stand."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.store.messages import Place, keep_place, places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.store import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A ``bot.deliver.Ledger`` for one run; with the database away it keeps nothing, and says so.

    A card that might stand twice after a crash is better than one that does not come.
    """

    database: Database
    run_id: str
    now: Callable[[], datetime]

    async def about_to_post(self, part: str, channel: str) -> None:
        """Keep that a part of the result is being posted now."""
        await self._keep(part, Place(channel=channel, ts=None))

    async def posted(self, part: str, channel: str, ts: str, *, doubtful: bool = False) -> None:
        """Keep where it stands, and whether it may stand twice."""
        await self._keep(part, Place(channel=channel, ts=ts, doubtful=doubtful))

    async def kept(self) -> Mapping[str, Place]:
        """Return what an earlier process had kept of this run, by part."""
        try:
            return await places(self.database, self.run_id)
        except SQLAlchemyError:
            log.exception("places not recalled run=%s", self.run_id)
            return {}

    async def _keep(self, part: str, place: Place) -> None:
        try:
            await keep_place(self.database, self.run_id, part, place, now=self.now())
        except SQLAlchemyError:
            log.exception("place not kept run=%s", self.run_id)
