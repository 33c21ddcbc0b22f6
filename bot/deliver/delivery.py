"""From a check's progress to Slack: what is shown when, and what happens when it cannot be.

Arranges only: the cards are ``bot.render``'s, how often to speak ``outbox``'s.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.deliver.fallback import deliver_elsewhere
from bot.deliver.ledger import ELSEWHERE, NO_LEDGER
from bot.deliver.outbox import PARENT, POSTED_AGAIN, Outbox
from bot.deliver.plainer import with_line
from bot.deliver.web_api import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.deliver.destination import Destination, Slack
    from bot.deliver.ledger import Ledger
    from bot.deliver.story import Story
    from bot.model.report import Progress

log = logging.getLogger(__name__)

# How many times as long as it took to tell the news is then waited for more.
_REST = 4

INTERRUPTED = "Interrupted: relaycheck was stopped before this check was done. Please ask again."
LAST_WORDS_S = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    story: Story
    outbox: Outbox
    destination: Destination
    slack: Slack
    ledger: Ledger
    posting: asyncio.Task[Refusal | None] | None


async def deliver(
    progress: AsyncIterator[Progress],
    story: Story,
    destination: Destination,
    slack: Slack,
    ledger: Ledger | None = None,
) -> None:
    """Show a check while it runs, and its end for certain.

    Args:
        progress: A check; only its last Progress has ``report.finished``.
        story: Which check it is, and what its cards say about who asked. It is filled in: the last
            progress, and the messages that stand.
        destination: Where it was asked for.
        slack: The way out.
        ledger: Where it is kept, for a process that will continue an interrupted delivery. None:
            there will be none.

    Raises:
        asyncio.CancelledError: After a finished card has said that the check was interrupted; with
            a ledger, after the last message has been answered.
    """
    delivery = _begin(story, destination, slack, ledger or NO_LEDGER)
    interrupted = False
    try:
        await _follow(progress, delivery)
    except asyncio.CancelledError:
        if ledger is not None:
            await _hand_over(delivery, delivery.posting)
            raise
        interrupted = True
        story.end(line=INTERRUPTED)
    ending = asyncio.create_task(_finish(delivery))
    if interrupted or not await _comes_to_its_end(ending):
        if ledger is None:
            await _last_words(ending, story.run_id)
        else:
            await _hand_over(delivery, ending)
        raise asyncio.CancelledError


def _begin(story: Story, destination: Destination, slack: Slack, ledger: Ledger) -> _Delivery:
    """Open the way out; unless the answer is for one person alone, messages go out from now on."""
    outbox = Outbox(
        client=slack.client,
        channel=story.channel or destination.channel,
        run_id=story.run_id,
        thread_ts=destination.thread_ts,
        standing=story.standing,
        doubtful=story.doubtful,
        ledger=ledger,
        pace=slack.pace,
        turns=slack.turns,
    )
    return _Delivery(
        story=story,
        outbox=outbox,
        destination=destination,
        slack=slack,
        ledger=ledger,
        posting=None if destination.private else asyncio.create_task(outbox.keep_current()),
    )


async def _hand_over(delivery: _Delivery, telling: asyncio.Future[Any] | None) -> None:
    """Leave the messages as they stand, each of them known to the ledger.

    ``telling`` is what Slack is being told just now: what it has taken must not be sent again.
    """
    delivery.outbox.stop()
    if telling is not None:
        await asyncio.wait({telling}, timeout=LAST_WORDS_S)


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
            if now.report.finished or delivery.posting is None:
                continue  # the end is told by whoever sees to it; in private, nothing else is
            # A check of fifty hosts grows a hundred times a second, and its cards take longer to
            # write than the answers to read: what comes meanwhile is told together. All checks
            # take turns, so that whatever is asked for, the rest of the time is for acks.
            async with delivery.slack.telling:
                await delivery.slack.calm()
                began = time.perf_counter()
                _tell(delivery)
                await asyncio.sleep(_REST * (time.perf_counter() - began))
    except Exception:
        error_id = secrets.token_hex(4)
        log.exception("check failed run=%s error_id=%s", story.run_id, error_id)
        story.end(error_id=error_id)


def _tell(delivery: _Delivery) -> None:
    delivery.outbox.want(PARENT, delivery.story.parent())
    for order, (host, card) in enumerate(delivery.story.hosts(), start=1):
        delivery.outbox.want(host, card, order=order)


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
    if ELSEWHERE in delivery.story.standing:
        return
    cards = delivery.story.worst_first()
    if ELSEWHERE in delivery.story.doubtful:
        cards[0] = with_line(cards[0], POSTED_AGAIN)
    await delivery.ledger.about_to_post(ELSEWHERE, delivery.destination.user)
    await deliver_elsewhere(
        cards,
        refusal,
        delivery.destination,
        delivery.slack,
        delivery.story.run_id,
    )
    await delivery.ledger.posted(ELSEWHERE, delivery.destination.user, ELSEWHERE)


async def _end_of(posting: asyncio.Task[Refusal | None], run_id: str) -> Refusal | None:
    """Await the outbox; its own failure is one more reason to try another way."""
    try:
        return await posting
    except Exception:
        log.exception("outbox failed run=%s", run_id)
        return Refusal("internal_error_of_relaycheck")
