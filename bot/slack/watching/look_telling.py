"""What a look of a watch has to tell: to the channel, in the thread of the watch; or to its owner.

The first message of a watch begins its thread; all that follows is told there, and what gets worse
in the channel too. Each part is told once: the ledger of the run knows what stands.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliver import LAST_WORDS_S
from bot.deliver.outbox import PARENT, Outbox
from bot.deliver.web_api import Remedy
from bot.render.cards import Card, CardContext, mx_card
from bot.render.watching import Set, begun, changed, is_aloud, opened
from bot.slack.watching.stopped import stopped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.deliver import Slack
    from bot.deliver.web_api import Refusal
    from bot.jobs.keeping import Keeping
    from bot.model.report import Report
    from bot.store.watches import Watch
    from bot.watch import Change

# The part that goes to the owner of a watch that is stopped; no host has this name.
_OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look that was made, and what it takes to tell of it."""

    watch: Watch
    run_id: str
    report: Report
    slack: Slack
    ledger: Keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where to tell: a channel or a person's id, a thread in it, and whether aloud.

    ``is_fresh``: nothing of this look stands here, whatever was tried.
    """

    channel: str
    thread_ts: str = ""
    aloud: bool = False
    is_fresh: bool = False


async def tell(look: Look, changes: Sequence[Change]) -> tuple[str, Refusal | None]:
    """Tell the channel what there is to tell.

    Returns:
        The timestamp of the message that the watch's thread begins with, empty where none stands;
        and why something could not be told.
    """
    watch, thread_ts = look.watch, look.watch.looks.thread_ts
    is_first = watch.looks.looked_at is None
    if not (is_first or changes):
        return thread_ts, None
    first = begun(look.report, _set(watch)) if is_first else _changed(look, changes)
    cards = {PARENT: first, **_host_cards(look, changes)}
    there = _Place(channel=watch.channel, thread_ts=thread_ts, aloud=is_aloud(changes))
    stands, refusal = await _send(look, cards, there)
    if refusal is not None and refusal.remedy is Remedy.ANEW and thread_ts:
        # The message that began the thread is gone: this one begins another.
        thread_ts = ""
        stands, refusal = await _send(look, cards, _Place(channel=watch.channel, is_fresh=True))
    return thread_ts or stands.get(PARENT, ""), refusal


async def tell_owner(look: Look, changes: Sequence[Change], error: str) -> Refusal | None:
    """Tell the owner that the watch is stopped, with what the channel should have heard."""
    unheard = _changed(look, changes).text if changes else ""
    words = "\n\n".join(filter(None, [stopped(look.watch, error), unheard]))
    _, refusal = await _send(look, {_OWNER: Card(words, [])}, _Place(channel=look.watch.owner))
    return refusal


async def _send(
    look: Look, cards: Mapping[str, Card], place: _Place
) -> tuple[Mapping[str, str], Refusal | None]:
    """Post messages that do not stand yet; return where they stand, and why one does not.

    Raises:
        asyncio.CancelledError: After what is under way has been answered, so that the next process
            knows of it.
    """
    known = {} if place.is_fresh else await look.ledger.kept()
    kept = {part: where for part, where in known.items() if part in cards}
    outbox = Outbox(
        client=look.slack.client,
        # What stands with a person stands in a DM, which has an id of its own.
        channel=next((where.channel for where in kept.values()), place.channel),
        run_id=look.run_id,
        thread_ts=place.thread_ts or None,
        standing={part: where.ts for part, where in kept.items() if where.ts},
        doubtful=frozenset(part for part, at in kept.items() if at.doubtful or at.ts is None),
        aloud=frozenset({PARENT}) if place.aloud else frozenset(),
        ledger=look.ledger,
        pace=look.slack.pace,
        turns=look.slack.turns,
    )
    for part, card in cards.items():
        outbox.want(part, card)
    outbox.finish()
    telling = asyncio.create_task(outbox.keep_current())
    try:
        refusal = await asyncio.shield(telling)
    except asyncio.CancelledError:
        outbox.stop()
        await asyncio.wait({telling}, timeout=LAST_WORDS_S)
        raise
    return outbox.standing, refusal


def _changed(look: Look, changes: Sequence[Change]) -> Card:
    return changed(look.report, changes, _set(look.watch))


def _host_cards(look: Look, changes: Sequence[Change]) -> dict[str, Card]:
    """Return the cards of hosts that have opened: they say how to close them."""
    context = CardContext(requested_by=look.watch.owner, requested_at=look.watch.made_at)
    wanted = opened(changes)
    return {
        mx.host: mx_card(look.report, mx, context) for mx in look.report.mx if mx.host in wanted
    }


def _set(watch: Watch) -> Set:
    return Set(owner=watch.owner, schedule=watch.schedule)
