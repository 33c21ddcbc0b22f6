"""A card made plainer, for a Slack that refuses it as it is: nothing said is lost on the way.

The text of a card is a full summary of it (``bot.render.cards``), so the plainer forms show that.
"""

from __future__ import annotations

from bot.render import blocks
from bot.render.card import Card
from bot.render.inert import cut

AS_IT_IS = 0
PLAINEST = 2
# Slack's docs say 40,000; msg_too_long was seen beyond 4,000.
MAX_TEXT = 3000


def plainer(card: Card, plainness: int) -> Card:
    """Return the card as it is (0), its text with its buttons (1), or its text alone (2)."""
    if plainness == AS_IT_IS:
        return card
    text = cut(card.text, MAX_TEXT)
    if plainness < PLAINEST:
        buttons = [block for block in card.blocks if block["type"] == "actions"]
        return Card(text, [blocks.section(text), *buttons])
    return Card(text, [])


def with_line(card: Card, line: str) -> Card:
    """Return the card with one more line of small print, also in its text; ``line`` is mrkdwn.

    A card without blocks gets none: Slack would show them in place of the text.
    """
    small_print = [blocks.context([line])] if card.blocks else []
    return Card(f"{card.text}\n{line}", [*card.blocks, *small_print])
