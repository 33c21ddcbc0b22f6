"""The words of `/relaycheck` beside a domain, each with its usage: help is made from them.

A word that is registered in ``WORDS`` is answered, shown in help under its group, and meant by
whoever mistypes it. What has a dot is a domain, whatever it begins with.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from bot.render.inert import escape, inert
from bot.request import UsageError
from bot.request.nearest import nearest
from bot.request.typed import normalise, strip_wrapping
from bot.slack.asking.remember import history
from bot.slack.asking.status import status
from bot.slack.asking.verify import verify
from bot.slack.desk import HELP
from bot.slack.watching.watch_list import watches
from bot.slack.watching.watches import unwatch, watch

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.render.card import Card
    from bot.request import Request
    from bot.slack.desk import Desk

COMMAND = "/relaycheck"
# What the command line calls the word that the slash command does not need.
_CHECK = "check"
# What no word is: a domain, an option, a mention.
_ELSE = re.compile(r"\.|^[<-]")
_LINK = re.compile(r"<(?![@#!])[^<>|]+\|(?P<label>[^<>|]*)>")

Answer: TypeAlias = Callable[["Desk", str, "Destination"], Awaitable["str | Card"]]
"""What a word does: desk, rest of the text, and who asks where in; mrkdwn out, or a card with
buttons, for the ack that the person alone reads. It has less than three seconds, and calls nothing
of Slack's."""


class Group(StrEnum):
    """What words are about, in the order of help; the value is its heading there."""

    OVER_TIME = "Over time"
    ABOUT = "Who may, and how it is"


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what stands after it, what it does in a few words, and what does it."""

    name: str
    arguments: str
    summary: str
    answer: Answer
    group: Group = Group.ABOUT

    @property
    def usage(self) -> str:
        """The whole command as it is typed."""
        return f"{COMMAND} {self.name} {self.arguments}".rstrip()


async def _help(_desk: Desk, _rest: str, _place: Destination) -> str:
    return full_help()


def full_help() -> str:
    """Return all that can be typed, by groups (mrkdwn)."""
    parts = [HELP]
    for group in Group:
        of_group = [word for word in WORDS.values() if word.group is group]
        lines = [f"`{escape(word.usage)}` {word.summary}" for word in of_group]
        parts += ["\n".join([f"*{group}*", *lines])] if lines else []
    return "\n\n".join(parts)


WORDS = {
    word.name: word
    for word in (
        Word(
            "history",
            "DOMAIN",
            "how its mail hosts fared over time, and what changed when",
            history,
            Group.OVER_TIME,
        ),
        Word(
            "watch",
            "DOMAIN [every 6h|daily|weekly] [#channel]",
            "tells the channel what changes there",
            watch,
            Group.OVER_TIME,
        ),
        Word("unwatch", "DOMAIN [#channel]", "ends that", unwatch, Group.OVER_TIME),
        Word("watches", "", "what is watched here and by you", watches, Group.OVER_TIME),
        Word("verify", "DOMAIN", "how to show that a domain is yours, and whether it is", verify),
        Word(
            "status",
            "",
            "whether I am connected, how busy, what you may ask, who I say I am",
            status,
        ),
        Word("help", "", "this", _help),
    )
}


async def read(text: str, desk: Desk, place: Destination) -> Request | str | Card:
    """Read what was typed: a check to ask for, or what to say to the person (mrkdwn)."""
    if found := find(text):
        word, rest = found
        return await word.answer(desk, rest, place)
    first, *rest_of_it = text.split(maxsplit=1) or [""]
    request = desk.read("".join(rest_of_it) if _bare(first) == _CHECK else text)
    if isinstance(request, str):
        return full_help() if request == HELP else meant(text) or request
    return request


def find(text: str) -> tuple[Word, str] | None:
    """Return the word that a text begins with, and the rest of the text."""
    first, *rest = text.split(maxsplit=1) or [""]
    word = WORDS.get(_bare(first))
    return (word, "".join(rest).strip()) if word else None


def meant(text: str) -> str:
    """Return a question (mrkdwn) for somebody who mistyped or misplaced a word, or nothing."""
    try:
        typed = _LINK.sub(r"\g<label>", normalise(text)).split()
    except UsageError:
        return ""
    for at, each in enumerate(typed):
        word = None if _ELSE.search(each) else nearest(_bare(each), (*WORDS, _CHECK))
        if word:
            command = " ".join([COMMAND, word, *typed[:at], *typed[at + 1 :]])
            return f"Did you mean {_code(command)}?"
    return ""


def _bare(word: str) -> str:
    return strip_wrapping(word).lower()


def _code(text: str) -> str:
    """Return what somebody typed as a code span."""
    return f"`{escape(inert(text.replace('`', ''), 200))}`"
