"""A Slack that nobody answers for, and one in which the app is at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.deliver import make_client, make_session
from bot.store import Database, open_database
from tests.slack.office import Office, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database, of each kind in turn."""
    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The session of the process."""
    async with make_session() as made:
        yield made


@pytest.fixture
def nowhere(session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client whose Slack cannot be reached: whatever calls it fails."""
    return make_client(None, "http://127.0.0.1:1/api/", session, retries=False)


@pytest.fixture
async def office(session: aiohttp.ClientSession) -> AsyncIterator[Office]:
    """The app in its workspace, with checks whose course is written beforehand."""
    async with opened(session) as made:
        yield made
