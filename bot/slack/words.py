"""The words of `/relaycheck` beside a domain, each with its usage: help is made from them.

A word that is registered is answered, shown in help, and meant by whoever mistypes it.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.render.inert import inert, mrkdwn
from bot.slack.desk import HELP
from bot.slack.verify import verify

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.slack.desk import Desk

Answer: TypeAlias = Callable[["Desk", str, "Destination"], Awaitable[str]]
"""What a word does: desk, rest of the text, and who asks where in; mrkdwn for the ack out."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what stands after it, what it does in a few words, and what does it."""

    name: str
    arguments: str
    summary: str
    answer: Answer


async def _help(_desk: Desk, _rest: str, _place: Destination) -> str:
    lines = [
        f"`/relaycheck {f'{word.name} {word.arguments}'.strip()}` {word.summary}"
        for word in WORDS.values()
    ]
    return "\n".join([HELP, *lines])


def status(desk: Desk) -> str:
    """Say how busy we are, and who we say we are to mail servers (mrkdwn)."""
    running, waiting = desk.jobs.load()
    us = desk.vantage
    ehlo, reverse_path, forward_path = (
        mrkdwn(inert(each)) for each in (us.ehlo, us.reverse_path, us.forward_path)
    )
    return (
        f"Checks: {running} running, {waiting} waiting.\n"
        f"To mail servers I say EHLO {ehlo}, from {reverse_path} to {forward_path}."
    )


async def _status(desk: Desk, _rest: str, _place: Destination) -> str:
    return status(desk)


WORDS = {
    word.name: word
    for word in (
        Word("verify", "DOMAIN", "tells how to show that a domain is yours, and checks it", verify),
        Word("status", "", "shows how busy I am, and who I say I am", _status),
        Word("help", "", "shows this", _help),
    )
}


def find(text: str) -> tuple[Word, str] | None:
    """Return the word that a text begins with, and the rest of the text."""
    first, _, rest = text.strip().partition(" ")
    word = WORDS.get(first.lower())
    return (word, rest.strip()) if word else None


def meant(text: str) -> str:
    """Return a question for somebody who mistyped a word, or nothing."""
    first = text.strip().partition(" ")[0].lower()
    near = [] if "." in first else difflib.get_close_matches(first, WORDS, n=1, cutoff=0.7)
    return f" Did you mean `/relaycheck {near[0]}`?" if near else ""
