"""The cards of a check: one for the channel, one for each MX host in its thread."""

from bot.render.card import Card, CardContext
from bot.render.mx_card import mx_card
from bot.render.parent import parent

__all__ = ["Card", "CardContext", "mx_card", "parent"]
