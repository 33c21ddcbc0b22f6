"""Puts a check's cards where they were asked for, and keeps them current while it runs.

One parent message in the channel, one thread reply for each MX host, changed in place. Where the
app may not post, the finished result reaches the person another way: through the response_url,
else by direct message. Every check that begins here ends in exactly one finished card, whether the
check itself succeeds, fails or is interrupted.
"""

from bot.deliver.delivery import LAST_WORDS_S, deliver
from bot.deliver.destination import Destination, Slack
from bot.deliver.fallback import deliver_elsewhere
from bot.deliver.ledger import Ledger
from bot.deliver.message import Pace
from bot.deliver.story import Story
from bot.deliver.web_api import make_client, make_session, proxy_for

__all__ = [
    "LAST_WORDS_S",
    "Destination",
    "Ledger",
    "Pace",
    "Slack",
    "Story",
    "deliver",
    "deliver_elsewhere",
    "make_client",
    "make_session",
    "proxy_for",
]
