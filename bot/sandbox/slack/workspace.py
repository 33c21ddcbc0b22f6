"""One Slack workspace in memory: people, channels, messages; and who is told of a change.

Holds what everybody can see and no protocol: the Web API and the page read and write through it.
Text is kept raw, as it was posted: a ``<!channel>`` that nobody escaped stays one.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SLACKBOT = "USLACKBOT"


class ChannelKind(StrEnum):
    """Who can find a channel."""

    PUBLIC = "public"
    PRIVATE = "private"
    DM = "dm"


@dataclass(frozen=True, slots=True)
class User:
    """A member of the workspace, person or bot."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation; ``members`` are user ids. A DM has two."""

    id: str
    name: str
    members: frozenset[str]
    kind: ChannelKind = ChannelKind.PUBLIC
    archived: bool = False
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands. ``ephemeral_to`` names the one person who can see it."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: tuple[Mapping[str, Any], ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    ephemeral_to: str | None = None
    metadata: Mapping[str, Any] | None = None
    files: tuple[Mapping[str, Any], ...] = ()
    edited: bool = False
    deleted: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread under another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel with its messages, for tests to look at; a snapshot, oldest first."""

    channel: Channel
    everything: tuple[Message, ...] = field(repr=False)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What everybody in the channel can see: top-level messages and replies."""
        return tuple(each for each in self.everything if each.ephemeral_to is None)

    @property
    def parents(self) -> tuple[Message, ...]:
        """The messages that stand in the channel itself."""
        return tuple(each for each in self.messages if not each.is_reply)

    def replies(self, ts: str) -> tuple[Message, ...]:
        """Return the replies in the thread of one message."""
        return tuple(each for each in self.messages if each.is_reply and each.thread_ts == ts)

    def ephemerals(self, user: str | None = None) -> tuple[Message, ...]:
        """Return what only one person can see: the person of this id, or any."""
        return tuple(
            each
            for each in self.everything
            if each.ephemeral_to is not None and user in (None, each.ephemeral_to)
        )


class Workspace:
    """People, channels and messages, by id.

    Args:
        users: everybody, the app's bot user among them.
        channels: all conversations.
        clock: the time in seconds since the epoch, for message timestamps.
    """

    def __init__(
        self, users: Iterable[User], channels: Iterable[Channel], clock: Callable[[], float]
    ) -> None:
        self.users = {user.id: user for user in users}
        self.channels = {channel.id: channel for channel in channels}
        self._messages: dict[str, dict[str, Message]] = {name: {} for name in self.channels}
        self._clock = clock
        self._serial = itertools.count(1)
        self._changed = asyncio.Event()
        self.listeners: set[Callable[[str, object], None]] = set()

    def user(self, name: str) -> User:
        """Return the user of this id or name; KeyError when there is none."""
        found = self.users.get(name) or next(
            (user for user in self.users.values() if user.name == name), None
        )
        if found is None:
            raise KeyError(name)
        return found

    def channel(self, name: str) -> Channel:
        """Return the channel of this id or name (``#`` allowed); KeyError when there is none."""
        found = self.channels.get(name) or next(
            (each for each in self.channels.values() if each.name == name.removeprefix("#")), None
        )
        if found is None:
            raise KeyError(name)
        return found

    def direct(self, one: str, other: str) -> Channel:
        """Return the DM of two people, opened where it is not there yet."""
        pair = frozenset({one, other})
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and channel.members == pair:
                return channel
        opened = Channel(
            id=f"D{next(self._serial):08d}", name=one, members=pair, kind=ChannelKind.DM
        )
        self.keep_channel(opened)
        return opened

    def keep_channel(self, channel: Channel) -> None:
        """Add a channel, or put another in the place of the one of this id."""
        self.channels[channel.id] = channel
        self._messages.setdefault(channel.id, {})
        self.tell("channel", channel)

    def conversation(self, name: str) -> Conversation:
        """Return a channel with the messages that it holds now."""
        channel = self.channel(name)
        kept = self._messages[channel.id].values()
        return Conversation(channel, tuple(each for each in kept if not each.deleted))

    def find(self, channel: str, ts: str) -> Message | None:
        """Return one message by channel id and timestamp, unless it was deleted."""
        message = self._messages.get(channel, {}).get(ts)
        return None if message is None or message.deleted else message

    def stamp(self) -> str:
        """Return a fresh message timestamp, later than all before."""
        return f"{self._clock():.0f}.{next(self._serial):06d}"

    def keep(self, message: Message) -> Message:
        """Add a message, or put a new state of it in the place of the old; tell everyone."""
        self._messages[message.channel][message.ts] = message
        self.tell("message", message)
        return message

    def delete(self, message: Message) -> None:
        """Take a message away."""
        self.keep(replace(message, deleted=True))

    def tell(self, kind: str, what: object) -> None:
        """Tell all listeners, and whoever waits for a change."""
        for listener in tuple(self.listeners):
            listener(kind, what)
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait for the next change of anything."""
        await self._changed.wait()
