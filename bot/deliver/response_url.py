"""The way back to a person where the app may not post: a response_url.

Slack's rules ("Handling user interaction in your Slack apps"): five messages within 30 minutes,
from the moment of the command; they need no token and no membership of the channel. Never posts
anywhere but to Slack.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.deliver.plainer import AS_IT_IS, PLAINEST, plainer
from bot.deliver.web_api import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.render.card import Card

log = logging.getLogger(__name__)

USES = 5
LIFETIME_S = 30 * 60
_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_TRIES = 4
_RETRY_S = 1.0


def is_slacks(url: str, api_url: str) -> bool:
    """Whether ``url`` leads to Slack, or to the stand-in that SLACK_API_URL names."""
    target, api = urlsplit(url), urlsplit(api_url)
    if api.hostname not in ("slack.com", "slack-gov.com"):
        return (target.scheme, target.netloc) == (api.scheme, api.netloc)
    return target.scheme == "https" and target.netloc in _HOSTS


async def respond(
    session: aiohttp.ClientSession,
    url: str,
    cards: Sequence[Card],
    *,
    in_channel: bool,
    retry_s: float = _RETRY_S,
) -> int:
    """Send cards one after the other, as many as the response_url takes.

    Args:
        session: The shared HTTP session.
        url: A response_url that ``is_slacks``.
        cards: The most important first.
        in_channel: Whether everybody in the channel sees them, or only the person who asked.
        retry_s: How long to wait before the first retry after a time-out or a server error.

    Returns:
        How many were taken.
    """
    for taken, card in enumerate(cards):
        if not await _send(session, url, card, _manner(in_channel=in_channel), retry_s):
            return taken
    return len(cards)


async def put_in_place(
    session: aiohttp.ClientSession, url: str, card: Card, *, in_channel: bool
) -> bool:
    """Put a card in the place of the message whose button was pressed; return whether it was taken.

    ``url`` is the response_url of the press; ``in_channel`` says who sees the message.
    """
    manner = _manner(in_channel=in_channel) | {"replace_original": True}
    return await _send(session, url, card, manner, _RETRY_S)


def _manner(*, in_channel: bool) -> dict[str, object]:
    return {
        "response_type": "in_channel" if in_channel else "ephemeral",
        "replace_original": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


async def _send(
    session: aiohttp.ClientSession,
    url: str,
    card: Card,
    manner: Mapping[str, object],
    retry_s: float,
) -> bool:
    plainness = AS_IT_IS
    for attempt in range(_TRIES):
        sent = plainer(card, plainness)
        message = {**manner, "text": sent.text, "blocks": sent.blocks}
        status, answer, retry_after = await _post(session, url, message)
        if status == 200:
            return True
        log.warning("response_url answered %s: %s", status, answer)
        if status == 429 or status >= 500:
            await asyncio.sleep(retry_after or retry_s * 2**attempt)
        elif status == 400 and plainness < PLAINEST:
            plainness += 1
        else:
            return False
    return False


async def _post(
    session: aiohttp.ClientSession, url: str, message: dict[str, object]
) -> tuple[int, str, float | None]:
    """Post once; a network that fails counts as 599."""
    try:
        async with session.post(
            url, json=message, proxy=proxy_for(url), allow_redirects=False
        ) as response:
            text = (await response.content.read(200)).decode("utf-8", "replace")
            after = response.headers.get("Retry-After", "")
            return response.status, repr(text), float(after) if after.isdigit() else None
    except (aiohttp.ClientError, OSError, TimeoutError) as failure:
        return 599, type(failure).__name__, None
