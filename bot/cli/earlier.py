"""What earlier checks found, for ``relaycheck check`` to compare with.

The command line keeps its reports where the Slack app does (``RELAYCHECK_DATABASE_URL``), as a team
of its own, so that no workspace sees them; it compares with the latest of anybody's. A database
that is away, foreign or of another version costs the comparison and one line on stderr, never a
check. It is opened, and SQLAlchemy loaded, while the first servers are waited for.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from bot.cli.output import say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.model.report import Report
    from bot.settings import Settings
    from bot.store import Database

_T = TypeVar("_T")

# No workspace of Slack's has this id.
COMMAND_LINE = ""
# For opening the database, for each thing that it is asked, and for closing it.
PATIENCE_S = 5.0


class Earlier:
    """The reports of earlier checks, as far as they can be had."""

    def __init__(self, url: str, retention: timedelta) -> None:
        """Begin to open the database.

        Args:
            url: Where it is.
            retention: After how long a report of the command line is deleted.
        """
        self._retention = retention
        self._held = AsyncExitStack()
        self._opening = asyncio.create_task(_open(url, self._held))
        self._is_given_up = False

    async def before(self, report: Report) -> Report | None:
        """Return the latest report of the same domain; None: there is none to compare with."""

        async def find(database: Database) -> Report | None:
            from bot.store.reports import latest_report

            return await latest_report(database, report.domain.ascii)

        return await self._try(find)

    async def keep(self, report: Report) -> None:
        """Keep a report for the next time, and none of the command line's that is too old."""

        async def exchange(database: Database) -> None:
            from bot.store.reports import forget_reports, save_report

            await save_report(database, report, team=COMMAND_LINE)
            oldest = report.started_at - self._retention
            await forget_reports(database, team=COMMAND_LINE, before=oldest)

        if report.finished and report.judgement is not None:
            await self._try(exchange)

    async def aclose(self) -> None:
        """Let go of the database, and of one that is still being opened."""
        self._opening.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.wait((self._opening,))
                await self._held.aclose()

    async def _try(self, what: Callable[[Database], Awaitable[_T]]) -> _T | None:
        if self._is_given_up:
            return None
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await what(await asyncio.shield(self._opening))
        except Exception as error:  # noqa: BLE001 - whatever a driver raises, the check goes on
            why = str(getattr(error, "orig", None) or error) or "it does not answer"
        if not self._is_given_up:  # by another check meanwhile
            self._is_given_up = True
            say(f"This run is not compared with earlier ones, nor kept for later ones: {why}")
        return None


@asynccontextmanager
async def open_earlier(settings: Settings) -> AsyncIterator[Earlier]:
    """Open what is kept of earlier checks; what is wrong with it is said when it is needed."""
    retention = timedelta(days=settings.retention_days)
    earlier = Earlier(settings.database_url.get_secret_value(), retention)
    try:
        yield earlier
    finally:
        await earlier.aclose()


async def _open(url: str, held: AsyncExitStack) -> Database:
    await asyncio.to_thread(_load)
    from bot.store import open_database

    return await held.enter_async_context(open_database(url, owner=False))


def _load() -> None:
    import bot.store.reports  # noqa: F401 - SQLAlchemy takes its time to load
