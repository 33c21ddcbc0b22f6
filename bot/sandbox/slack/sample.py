"""The sample workspace: the people and channels that the sandbox page and the tests begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.workspace import SLACKBOT, Channel, ChannelKind, User, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

TEAM = "T0SANDBOX"
APP = "A0RELAYCHK"
BOT = "B0RELAYCHK"
BOT_USER = "U0RELAYCHK"
_DANA, _KAI = "U0DANA", "U0KAI"
_PEOPLE = frozenset({_DANA, _KAI})
# User groups, with their members.
GROUPS = {"S0ONCALL": (_DANA,)}
_USERS = (
    User(_DANA, "dana", "Dana Okafor"),
    User(_KAI, "kai", "Kai Lindqvist"),
    User(BOT_USER, "relaycheck", "relaycheck", is_bot=True),
    User(SLACKBOT, "slackbot", "Slackbot", is_bot=True),
)
_CHANNELS = (
    Channel(
        id="C0INCIDENT",
        name="incident",
        members=_PEOPLE | {BOT_USER},
        purpose="Where the sandbox begins: relaycheck is a member here.",
    ),
    Channel(
        id="C0PAYLOAD",
        name="payload-incidents",
        members=_PEOPLE | {BOT_USER},
        purpose="A name that holds the word payload, which form parsers trip over.",
    ),
    Channel(
        id="C0GENERAL",
        name="general",
        members=_PEOPLE,
        purpose="Public, and relaycheck was not invited.",
    ),
    Channel(
        id="C0SECURITY",
        name="security-private",
        members=_PEOPLE,
        kind=ChannelKind.PRIVATE,
        purpose="Private, and relaycheck was not invited: it cannot even see it.",
    ),
    Channel(
        id="C0ARCHIVED",
        name="incident-2019",
        members=_PEOPLE | {BOT_USER},
        archived=True,
        purpose="Archived: nobody can post here.",
    ),
    Channel(
        id="D0RELAYCHK",
        name="relaycheck",
        members=frozenset({_DANA, BOT_USER}),
        kind=ChannelKind.DM,
        purpose="A direct message to the app.",
    ),
    Channel(
        id="D0KAI",
        name="relaycheck-kai",
        members=frozenset({_KAI, BOT_USER}),
        kind=ChannelKind.DM,
        purpose="A direct message to the app.",
    ),
)


def sample_workspace(clock: Callable[[], float]) -> Workspace:
    """Return two people, the bot, and one channel for each way in which a post can end."""
    return Workspace(_USERS, _CHANNELS, clock)
