"""A Slack for checks to be shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.deliver import Slack, make_client, make_session
from bot.sandbox.slack import StandIn
from tests.deliver.scripted import PACE, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The session of the process."""
    async with make_session() as opened:
        yield opened


@pytest.fixture
async def stage(session: aiohttp.ClientSession) -> AsyncIterator[Stage]:
    """A Slack without limits of rate, and the way out to it."""
    async with StandIn(rate_limits=False) as slack:
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        yield Stage(slack, Slack(client=client, session=session, api_url=slack.base_url, pace=PACE))
