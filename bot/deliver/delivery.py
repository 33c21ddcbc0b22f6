"""From a check's progress to Slack: what is shown when, and what happens when it cannot be.

Arranges only: the cards are ``bot.render``'s, how often to speak ``outbox``'s.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliver.fallback import deliver_elsewhere
from bot.deliver.outbox import PARENT, Outbox
from bot.deliver.web_api import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.deliver.destination import Destination, Slack
    from bot.deliver.story import Story
    from bot.model.report import Progress

log = logging.getLogger(__name__)

INTERRUPTED = "Interrupted: relaycheck was stopped before this check was done. Please ask again."
LAST_WORDS_S = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    story: Story
    outbox: Outbox
    destination: Destination
    slack: Slack
    posting: asyncio.Task[Refusal | None] | None


async def deliver(
    progress: AsyncIterator[Progress], story: Story, destination: Destination, slack: Slack
) -> None:
    """Show a check while it runs, and its end for certain.

    Args:
        progress: A check; only its last Progress has ``report.finished``.
        story: Which check it is, and what its cards say about who asked. It is filled in: the last
            progress, and the messages that stand.
        destination: Where it was asked for.
        slack: The way out.

    Raises:
        asyncio.CancelledError: After a finished card has said that the check was interrupted.
    """
    outbox = Outbox(
        client=slack.client,
        channel=destination.channel,
        run_id=story.run_id,
        thread_ts=destination.thread_ts,
        standing=story.standing,
        pace=slack.pace,
    )
    delivery = _Delivery(
        story=story,
        outbox=outbox,
        destination=destination,
        slack=slack,
        posting=None if destination.private else asyncio.create_task(outbox.keep_current()),
    )
    interrupted = False
    try:
        await _follow(progress, delivery)
    except asyncio.CancelledError:
        interrupted = True
        story.end(line=INTERRUPTED)
    ending = asyncio.create_task(_finish(delivery))
    if interrupted or not await _comes_to_its_end(ending):
        await _last_words(ending, story.run_id)
        raise asyncio.CancelledError


async def _comes_to_its_end(ending: asyncio.Task[None]) -> bool:
    """Await the end; whoever cancels us does not cancel what Slack is being told just now."""
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        return False
    return True


async def _last_words(ending: asyncio.Task[None], run_id: str) -> None:
    try:
        async with asyncio.timeout(LAST_WORDS_S):
            await ending
    except TimeoutError:
        log.exception("interrupted before its card was finished run=%s", run_id)


async def _follow(progress: AsyncIterator[Progress], delivery: _Delivery) -> None:
    """Tell the story as it goes. A fault of ours in the check is its end, and told as such."""
    story = delivery.story
    try:
        async for now in progress:
            story.last = now
            _tell(delivery)
    except Exception:
        error_id = secrets.token_hex(4)
        log.exception("check failed run=%s error_id=%s", story.run_id, error_id)
        story.end(error_id=error_id)


def _tell(delivery: _Delivery) -> None:
    delivery.outbox.want(PARENT, delivery.story.parent())
    for host, card in delivery.story.hosts():
        delivery.outbox.want(host, card)


async def _finish(delivery: _Delivery) -> None:
    """Show the end: in the channel, or wherever else the person can be reached."""
    refusal = None
    if delivery.posting is not None:
        _tell(delivery)
        delivery.outbox.finish()
        refusal = await _end_of(delivery.posting, delivery.story.run_id)
        if refusal is None:
            delivery.story.channel = delivery.outbox.channel
            return
    await deliver_elsewhere(
        delivery.story.worst_first(),
        refusal,
        delivery.destination,
        delivery.slack,
        delivery.story.run_id,
    )


async def _end_of(posting: asyncio.Task[Refusal | None], run_id: str) -> Refusal | None:
    """Await the outbox; its own failure is one more reason to try another way."""
    try:
        return await posting
    except Exception:
        log.exception("outbox failed run=%s", run_id)
        return Refusal("internal_error_of_relaycheck")
