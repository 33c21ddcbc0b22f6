"""The watches that a person may see, as a list with buttons: in a message, and on App Home.

Those are the watches of the channel that they look at, and their own. A list is drawn anew by each
press on it, so it shows what is true then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.verdict import worst
from bot.render import blocks
from bot.render.card import ALWAYS, Card, Part, compose, slack_time
from bot.render.catalogue import CATALOGUE
from bot.render.controls import button, confirm
from bot.render.inert import cut, inert, mrkdwn
from bot.render.watching import MARK, often
from bot.settling import DOMAIN
from bot.slack.watching.stopped import place_of, resting
from bot.store.watches import watches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.deliver import Destination
    from bot.render.blocks import Block
    from bot.settling import Standing
    from bot.slack.desk import Desk
    from bot.store.watches import Watch

# Of an action_id; behind it what to do, and a number that makes it the only one of its message.
PREFIX = "relaycheck_watch."
PAUSE, RESUME, REMOVE, PAGE = "pause", "resume", "remove", "page"
# Between the id of a watch, which is URL-safe base64, and the number of the list's page.
SEPARATOR = "."
A_PAGE = 5
_SHOWN = 60
_NONE = (
    "Nothing is watched here. `/relaycheck watch example.com` looks at a domain every day, and "
    "tells this channel what changes."
)
_REMOVE = confirm("End this watch?", "It looks no more, and forgets what it saw.", "End it")


async def watches(desk: Desk, _rest: str, place: Destination) -> Card:
    """Show what is watched in a channel, and by whoever asks."""
    return listing(await watches_seen(desk, place.team, place.user, place.channel))


async def watches_seen(desk: Desk, team: str, user: str, channel: str = "") -> tuple[Watch, ...]:
    """Return the watches that somebody may see in a channel, or, in none, their own."""
    every = await watches_of(desk.watches.database, team)
    return tuple(each for each in every if channel == each.channel or user == each.owner)


def listing(seen: Sequence[Watch], page: int = 0) -> Card:
    """Return a page of watches, each with what can be done to it."""
    if not seen:
        return Card(_NONE, [blocks.section(_NONE)])
    pages = (len(seen) - 1) // A_PAGE + 1
    page = min(page, pages - 1)
    shown = seen[page * A_PAGE : (page + 1) * A_PAGE]
    head = f"{len(seen)} watches" if len(seen) > 1 else "1 watch"
    turns = [
        button(word, f"{PREFIX}{PAGE}.{to}", f"{SEPARATOR}{to}")
        for word, to in (("Previous", page - 1), ("Next", page + 1))
        if 0 <= to < pages
    ]
    made = rows(shown, page)
    parts = [
        Part(ALWAYS, [blocks.header(f"{MARK} {head}")]),
        *(Part(at, made[at : at + 2]) for at in range(0, len(made), 2)),
        *([Part(ALWAYS, [blocks.actions(turns)])] if turns else []),
    ]
    return compose("\n".join([head, *map(line, shown)]), parts)


def rows(shown: Iterable[Watch], page: int = 0) -> list[Block]:
    """Return the blocks of watches, each with its buttons."""
    made: list[Block] = []
    for number, watch in enumerate(shown):
        value = f"{watch.id}{SEPARATOR}{page}"
        name = cut(inert(watch.domain.unicode), 40)
        rest = RESUME if watch.paused else PAUSE
        made += [
            blocks.section(line(watch)),
            blocks.actions(
                [
                    button(f"{rest.capitalize()} {name}", f"{PREFIX}{rest}.{number}", value),
                    button(f"End {name}", f"{PREFIX}{REMOVE}.{number}", value, confirm=_REMOVE),
                ]
            ),
        ]
    return made


def line(watch: Watch) -> str:
    """Return how a watch stands, in one line of mrkdwn."""
    held = watch.looks.standings
    judgement = worst(each.settled for each in held.values())
    words = CATALOGUE.verdicts[judgement.verdict] if judgement else None
    stands = f"{words.mark} *{words.word}*" if words else "⏳ no answer yet"
    parts = [
        f"{stands} {mrkdwn(inert(watch.domain.shown, _SHOWN))}",
        f"{often(watch.schedule)} for {place_of(watch.channel)}",
        f"looked {slack_time(watch.looks.looked_at)}"
        if watch.looks.looked_at
        else "not looked yet",
        *_silence(held),
        resting(watch.paused) if watch.paused else f"next {slack_time(watch.due_at)}",
        f"set by <@{watch.owner}>",
    ]
    return " · ".join(parts)


def _silence(held: Mapping[str, Standing]) -> list[str]:
    """Return since when a host has given no answer that settles anything, and why."""
    silent = [(each.seen_at, name, each.unanswered) for name, each in held.items()]
    told = [
        f"{mrkdwn(inert(name, _SHOWN)) if name != DOMAIN else 'the domain'} without an answer "
        f"since {slack_time(seen_at)} ({CATALOGUE.reasons[why.reason].headline})"
        for seen_at, name, why in sorted(silent, key=lambda each: each[0])
        if why is not None
    ]
    return told[:1] + ([f"{len(told) - 1} more hosts too"] if len(told) > 1 else [])
