"""A card: the blocks of one message and the text that stands for them, within every limit.

A message of ours has at most 9,000 characters and 45 blocks (Slack refuses a little above both).
A card is composed of parts in the order of reading; each part says how dearly it is wanted, and
what does not fit is left off, the least wanted first. What is always wanted is bounded so that it
always fits.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.render.blocks import Block, context
from bot.render.inert import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.model.report import Report

MAX_CHARACTERS = 9000
MAX_BLOCKS = 45
MAX_TEXT = 2000
ALWAYS = 0
_USER_ID = re.compile(r"[A-Z0-9]{1,40}", re.ASCII)
_LEFT_OFF = "Some of it does not fit in a message; the exported report has everything."


@dataclass(frozen=True, slots=True)
class Card:
    """One message: ``text`` (mrkdwn) is a full summary of ``blocks``."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContext:
    """What a card shows that is not in the report.

    Who asked (a Slack user id) and when, and the last report of the same domain, to compare with.
    """

    requested_by: str
    requested_at: datetime
    previous: Report | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that belong together; 0 is always wanted, a higher number less."""

    want: int
    blocks: Sequence[Block]


def asked_by(context: CardContext) -> str:
    """Return who asked and when, as mrkdwn."""
    if _USER_ID.fullmatch(context.requested_by):
        return f"asked by <@{context.requested_by}> {asked_at(context)}"
    return f"asked {asked_at(context)}"


def asked_at(context: CardContext) -> str:
    """Return when it was asked, as mrkdwn."""
    return slack_time(context.requested_at)


def slack_time(moment: datetime) -> str:
    """Return a time as mrkdwn; Slack shows it in the reader's own zone."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{plain_time(moment)}>"


def slack_clock(moment: datetime) -> str:
    """Return a time of day as mrkdwn; Slack shows it in the reader's own zone."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment:%H:%M %Z}>"


def plain_time(moment: datetime) -> str:
    """Return a time as text, with its zone."""
    return moment.strftime("%Y-%m-%d %H:%M %Z")


def compose(text: str, parts: Iterable[Part], *, spare: int = 0) -> Card:
    """Return the card of these parts, in their order, the least wanted left off where need be.

    Args:
        text: A full summary, as mrkdwn.
        parts: What to say. Those always wanted must fit together.
        spare: Characters, and for each 250 of them a block, to leave free for what is added later.
    """
    text = cut(text, MAX_TEXT)
    every = list(parts)
    note = context([_LEFT_OFF])
    room = MAX_CHARACTERS - spare - len(text) - characters([note])
    places = MAX_BLOCKS - spare // 250 - 1
    kept: set[int] = set()
    for index, part in sorted(enumerate(every), key=lambda pair: pair[1].want):
        size = characters(part.blocks)
        if part.want == ALWAYS or (size <= room and len(part.blocks) <= places):
            kept.add(index)
            room -= size
            places -= len(part.blocks)
    blocks: list[Block] = []
    is_noted = False
    for index, part in enumerate(every):
        if index in kept:
            blocks += part.blocks
        elif not is_noted:
            blocks.append(note)
            is_noted = True
    return Card(text, blocks)


def characters(blocks: Sequence[Block]) -> int:
    """Return how long the blocks are as JSON: more than any reader of them counts."""
    return len(json.dumps(blocks, ensure_ascii=False))
