"""A stand-in of Slack on loopback, for tests and for the sandbox page.

It speaks Slack's protocols (Web API, signed HTTP deliveries, Socket Mode, response_url) and keeps
Slack's limits and error names, so that the app that talks to it is the product itself. It knows
nothing of relaycheck: no import from other parts of ``bot``.
"""

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.stand_in import StandIn
from bot.sandbox.slack.workspace import Channel, ChannelKind, Message, User, Workspace

__all__ = [
    "Channel",
    "ChannelKind",
    "Delivery",
    "Fault",
    "Message",
    "StandIn",
    "User",
    "Workspace",
]
