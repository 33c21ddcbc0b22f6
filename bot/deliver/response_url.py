"""The way back to a person where the app may not post: a response_url.

Slack's rules ("Handling user interaction in your Slack apps"): five messages within 30 minutes,
from the moment of the command; they need no token and no membership of the channel. Never posts
anywhere but to Slack. A message whose answer was lost is sent again and says that it may stand
twice; no wait is longer than the reader's patience, whatever Slack asks for.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.deliver.outbox import POSTED_AGAIN
from bot.deliver.plainer import AS_IT_IS, PLAINEST, plainer, with_line
from bot.deliver.web_api import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.render.card import Card

log = logging.getLogger(__name__)

USES = 5
_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_TRIES = 4
_RETRY_S = 1.0
# Whoever is asked to wait longer goes another way: to the person directly.
_LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Taken:
    """How many messages a response_url took; ``doubtful``: the next may stand all the same."""

    count: int
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """An HTTP status, 599 for a network that failed, and the words for the log.

    ``unsure``: Slack may have taken the message all the same.
    """

    status: int
    words: str
    retry_after_s: float | None = None
    unsure: bool = False


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
) -> Taken:
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
    manner = _manner(in_channel=in_channel)
    for count, card in enumerate(cards):
        sent = await _send(session, url, card, manner, retry_s)
        if not sent.count:
            return Taken(count, sent.doubtful)
    return Taken(len(cards))


async def put_in_place(
    session: aiohttp.ClientSession, url: str, card: Card, *, in_channel: bool
) -> bool:
    """Put a card in the place of the message whose button was pressed; return whether it was taken.

    ``url`` is the response_url of the press; ``in_channel`` says who sees the message.
    """
    manner = _manner(in_channel=in_channel) | {"replace_original": True}
    return (await _send(session, url, card, manner, _RETRY_S)).count == 1


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
) -> Taken:
    plainness, doubtful = AS_IT_IS, False
    for attempt in range(_TRIES):
        # What takes the place of another is the same twice.
        marked = doubtful and not manner["replace_original"]
        sent = plainer(with_line(card, POSTED_AGAIN) if marked else card, plainness)
        answer = await _post(session, url, {**manner, "text": sent.text, "blocks": sent.blocks})
        if answer.status == 200:
            return Taken(1)
        log.warning("response_url answered %s: %s", answer.status, answer.words)
        doubtful = doubtful or answer.unsure
        wait_s = answer.retry_after_s or retry_s * 2**attempt
        if answer.status == 400 and plainness < PLAINEST:
            plainness += 1
        elif (answer.status == 429 or answer.status >= 500) and wait_s <= _LONGEST_WAIT_S:
            await asyncio.sleep(wait_s)
        else:
            break
    return Taken(0, doubtful)


async def _post(session: aiohttp.ClientSession, url: str, message: Mapping[str, object]) -> _Answer:
    """Post once; a network that fails counts as 599."""
    try:
        async with session.post(
            url, json=message, proxy=proxy_for(url), allow_redirects=False
        ) as response:
            words = (await response.content.read(200)).decode("utf-8", "replace")
            after = response.headers.get("Retry-After", "")
            return _Answer(
                response.status,
                repr(words),
                float(after) if after.isascii() and after.isdigit() else None,
                unsure=response.status >= 500,
            )
    except aiohttp.ClientConnectorError as failure:  # before a byte was sent
        return _Answer(599, type(failure).__name__)
    except (aiohttp.ClientError, OSError, TimeoutError) as failure:
        return _Answer(599, type(failure).__name__, unsure=True)
