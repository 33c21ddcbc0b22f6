"""Puts a check's cards where they were asked for, and keeps them current while it runs.

One parent message in the channel, one thread reply for each MX host, changed in place. Where the
app may not post, the finished result reaches the person another way: through the response_url,
else by direct message. Every check that begins here ends in exactly one finished card, whether the
check itself succeeds, fails or is interrupted.
"""

from bot.deliver.delivery import deliver
from bot.deliver.destination import Destination, Slack
from bot.deliver.outbox import Pace
from bot.deliver.story import Story
from bot.deliver.web_api import make_client, make_session, proxy_for

__all__ = [
    "Destination",
    "Pace",
    "Slack",
    "Story",
    "deliver",
    "make_client",
    "make_session",
    "proxy_for",
]
