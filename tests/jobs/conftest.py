"""What the tests of durable jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store import Database, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return an open database, of each kind in turn."""
    async with open_database(database_url) as opened:
        yield opened
