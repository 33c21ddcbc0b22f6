"""How the service is: each of its parts, for /readyz, and its numbers, for /metrics."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.model.question import AnswerStatus, QType, Question
from bot.store.database import touch
from bot.store.watches import count_due

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.posture.walk import Ask
    from bot.slack.front.installation import Identity
    from bot.slack.front.socket_mode import SocketMode
    from bot.store import Database

log = logging.getLogger(__name__)

# Whoever asks whether we are ready waits for a few seconds at most.
LOOK_S = 2.0
_SILENT = (AnswerStatus.TIMEOUT, AnswerStatus.UNREACHABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The parts of a running service.

    Attributes:
        identity: who we are to Slack, once Slack has said so.
        sockets: the connections to Slack; None in HTTP mode.
        database: where everything is kept.
        ask: the resolver.
        is_stopping: whether nothing more is taken in.
        now: the time of day.
    """

    identity: Identity
    sockets: SocketMode | None
    database: Database
    ask: Ask
    is_stopping: Callable[[], bool]
    now: Callable[[], datetime]

    async def readiness(self) -> dict[str, bool]:
        """Return each part by name, and whether it is ready; a look takes two seconds at most."""
        database, resolver = await asyncio.gather(
            _in_time(self._database()), _in_time(self._resolver())
        )
        parts = {
            "accepting": not self.is_stopping(),
            "slack": self.identity.is_known,
            "database": database,
            "resolver": resolver,
        }
        sockets = {"socket_mode": await self.sockets.is_connected()} if self.sockets else {}
        return parts | sockets

    async def numbers(self) -> bytes:
        """Return the metrics as Prometheus reads them."""
        try:
            async with asyncio.timeout(LOOK_S):
                metrics.watches_due(await count_due(self.database, now=self.now()))
        except (SQLAlchemyError, TimeoutError):  # the other numbers are wanted all the more then
            log.warning("watches not counted: the database does not answer")
        return metrics.written()

    async def _database(self) -> bool:
        try:
            await touch(self.database)
        except (OSError, SQLAlchemyError):
            log.exception("the database does not answer")
            return False
        return True

    async def _resolver(self) -> bool:
        # The root has no MX, and every resolver can say so.
        return (await self.ask(Question("", QType.MX))).status not in _SILENT


async def _in_time(look: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(LOOK_S):
            return await look
    except TimeoutError:
        return False
