"""Where a result goes: plain data that a stored job can hold, and the way out to Slack."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.deliver.message import Pace
from bot.deliver.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Who asked, where, and how to reach them.

    ``user`` and ``channel`` are Slack's ids. ``response_url`` may be empty (a mention brings none).
    ``thread_ts``: the thread to answer in, where it was asked in one. ``private``: only for the
    person who asked.
    """

    team: str
    channel: str
    user: str
    asked_at: datetime
    response_url: str = ""
    thread_ts: str | None = None
    private: bool = False

    @property
    def seen_in(self) -> str | None:
        """The channel in which everybody sees the result; None: the person who asked alone does."""
        return None if self.private else self.channel


async def _is_calm() -> None:
    """Wait for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """The way out to one workspace.

    ``client`` must not wait out rate limits itself: after the wait, the outbox has something newer
    to send. ``turns`` are those of all who post in this workspace. ``telling``: who writes cards of
    a check under way, one at a time; ``calm`` is awaited before, and returns when nobody waits for
    an ack.
    """

    client: AsyncWebClient
    session: aiohttp.ClientSession
    api_url: str
    pace: Pace = field(default_factory=Pace)
    turns: Turns = field(default_factory=Turns)
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    calm: Callable[[], Awaitable[None]] = _is_calm
