"""A finished result that cannot stand where it was asked for, on its way to the person instead.

First through the response_url, which needs neither token nor membership; else by direct message.
One line says why, and what would make it better next time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.deliver.outbox import PARENT, POSTED_AGAIN, Outbox
from bot.deliver.plainer import with_line
from bot.deliver.response_url import USES, is_slacks, respond
from bot.deliver.web_api import TOKEN_ERRORS
from bot.render.card import MAX_BLOCKS, MAX_CHARACTERS, Card, characters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.deliver.destination import Destination, Slack
    from bot.deliver.web_api import Refusal

log = logging.getLogger(__name__)

_INVITE = "I am not in this channel: `/invite @relaycheck`, and results fill in here as they come."
_TOKEN = "Slack no longer takes this app's token: somebody who may must install the app again."  # noqa: S105
_LINES = {
    "not_in_channel": _INVITE,
    "channel_not_found": _INVITE,
    "is_archived": "This channel is archived, so the result cannot stand in it.",
    "missing_scope": "The app lacks a scope that it needs to post ({detail}); install it again.",
    **dict.fromkeys(TOKEN_ERRORS, _TOKEN),
}
_OTHERWISE = "Slack did not let me post in the channel ({error})."
# One of the five stays in hand: a message that Slack has to be given twice.
_MESSAGES = USES - 1


async def deliver_elsewhere(
    cards: Sequence[Card],
    refusal: Refusal | None,
    destination: Destination,
    slack: Slack,
    run_id: str,
) -> None:
    """Send finished cards to the person who asked.

    Args:
        cards: The parent's first, then the hosts', the worst first.
        refusal: Why they cannot stand in the channel; None: they were asked for in private.
        destination: Who asked, and their response_url.
        slack: The way out.
        run_id: The id of the check, for the log.
    """
    line = _line(refusal)
    explained = [with_line(cards[0], line) if line else cards[0], *cards[1:]]
    unsent = await _respond(explained, destination, slack)
    if not unsent:
        return
    outbox = Outbox(
        client=slack.client,
        channel=destination.user,
        run_id=run_id,
        pace=slack.pace,
        turns=slack.turns,
    )
    for number, card in enumerate(unsent):
        outbox.want(str(number) if number else PARENT, card)
    outbox.finish()
    if (failed := await outbox.keep_current()) is not None:
        log.error("result not delivered run=%s: %s %s", run_id, failed.error, failed.detail)


async def _respond(cards: list[Card], destination: Destination, slack: Slack) -> list[Card]:
    """Answer by response_url as far as that goes; return what is left to be sent another way."""
    url = destination.response_url
    if not (url and is_slacks(url, slack.api_url)):
        return cards
    packed = pack(cards, _MESSAGES)
    taken = await respond(
        slack.session,
        url,
        packed,
        in_channel=not destination.private,
        retry_s=slack.pace.backoff_s,
    )
    unsent = packed[taken.count :]
    if unsent and taken.doubtful:
        unsent[0] = with_line(unsent[0], POSTED_AGAIN)
    return unsent


def pack(cards: Sequence[Card], most: int) -> list[Card]:
    """Return the cards as at most ``most`` messages, the first on its own.

    The others share messages within Slack's limits; how many did not fit is said in the first.
    """
    first, *rest = cards
    packed: list[Card] = []
    for left, card in enumerate(rest):
        if packed and _fit(packed[-1], card):
            packed[-1] = Card(
                f"{packed[-1].text}\n\n{card.text}", [*packed[-1].blocks, *card.blocks]
            )
        elif len(packed) < most - 1:
            packed.append(card)
        else:
            first = with_line(first, f"The cards of {len(rest) - left} more hosts do not fit here.")
            break
    return [first, *packed]


def _fit(card: Card, other: Card) -> bool:
    return (
        bool(card.blocks and other.blocks)
        and len(card.blocks) + len(other.blocks) <= MAX_BLOCKS
        and characters([*card.blocks, *other.blocks]) <= MAX_CHARACTERS
        and len(card.text) + len(other.text) <= 3000
    )


def _line(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    return _LINES.get(refusal.error, _OTHERWISE).format(error=refusal.error, detail=refusal.detail)
