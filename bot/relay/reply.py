"""What one reply means: words, codes and enhanced codes, read from ``replies.toml``.

Real servers refuse to relay with 450, 451, 454, 501, 503, 513, 530, 550, 551, 553, 554, 558 and
571, and say "relay denied" of themselves when they mean that we are blocked; so the words count
first, then the enhanced status code (RFC 3463), then the reply code (RFC 5321 §4.2.2). What a
reply merely echoes (host names, addresses, paths) is taken out before words are looked for: a host
called relay1.example.net says "relay" in every reply.

This module knows one reply and the stage it came at. It does not know what other replies say.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from bot.model.exchange import Stage
from bot.model.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.exchange import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One line of ``replies.toml``: what a reply means that fits all that is given here.

    ``codes`` are reply codes or their first digits; ``enhanced`` is looked for at the start of the
    enhanced status code; empty means any. ``is_listing``: they say that our address is on a
    blocklist. ``source`` says who answers so.
    """

    outcome: Outcome
    pattern: re.Pattern[str] | None
    stages: frozenset[Stage]
    codes: tuple[str, ...]
    enhanced: tuple[str, ...]
    is_listing: bool
    source: str

    def fits(self, stage: Stage, code: str, enhanced: str, words: str) -> bool:
        """Whether a reply at this stage, with these codes and words, means this."""
        return (
            (not self.stages or stage in self.stages)
            and (not self.codes or code.startswith(self.codes))
            and (not self.enhanced or enhanced.startswith(self.enhanced))
            and (self.pattern is None or self.pattern.search(words) is not None)
        )


@lru_cache(maxsize=4096)
def classify(reply: Reply, stage: Stage, names: frozenset[str] = frozenset()) -> Outcome:
    """Return what a reply means, read with nothing but itself and the stage it came at.

    ``names`` are the host names, addresses and mailboxes that the reply may echo. A refusal that
    does not say why is REJECTED (permanent) or TEMPORARY_FAILURE (transient).
    """
    return Outcome.ACCEPTED if reply.is_positive else _meaning_of(reply, stage, names).outcome


def is_listing(reply: Reply, stage: Stage, names: frozenset[str] = frozenset()) -> bool:
    """Whether a reply refuses us because our address is on a blocklist, as it says."""
    return not reply.is_positive and _meaning_of(reply, stage, names).is_listing


def _meaning_of(reply: Reply, stage: Stage, names: frozenset[str]) -> Meaning:
    words = spoken(reply.text, names)
    code = str(reply.code)
    # qmail and others carry the enhanced code in the text, as "(#5.7.1)".
    found = _STRAY_ENHANCED.search(reply.text)
    enhanced = reply.enhanced or (found.group(1) if found else "")
    return next(meaning for meaning in meanings() if meaning.fits(stage, code, enhanced, words))


def spoken(text: str, names: Iterable[str] = ()) -> str:
    """Return the words of a reply, lower case, a space around each, without what it echoes."""
    words = _URL.sub(r" \1 ", text.lower().replace("\u2019", "'"))
    words = _ANGLED.sub(" ", words)
    words = _MAILBOX.sub(" ", words)
    for name in sorted({name.lower().rstrip(".") for name in names}, key=len, reverse=True):
        if "." in name:  # a single label may be a word
            words = _echo_of(name).sub(" ", words)
    words = _ADDRESS.sub(" ", words)
    words = _HOST.sub(_host_word, words)
    return f" {' '.join(_MARKS.sub(' ', words).split())} "


# The host of a link may be a blocklist's; its path is no word of the server's.
_URL = re.compile(r"https?://([^\s/<>\"']*)[^\s<>\"']*")
_ANGLED = re.compile(r"<[^<>\s]*>")
# Only from the beginning of a word: begun at each letter, a long word costs its length squared.
_MAILBOX = re.compile(r"(?<![^\s<>()\[\],;:\"])[^\s<>()\[\],;:\"]+@[^\s<>()\],;:\"]+")
_ADDRESS = re.compile(
    r"\[[0-9a-f:.]+\]"
    r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)"
    r"|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])"
)
_HOST = re.compile(
    r"(?<![\w.-])(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.){2,}[a-z][a-z0-9-]*(?![\w-])"
)
_MARKS = re.compile(r"[^\w']|_")
_STRAY_ENHANCED = re.compile(r"\(?#([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_GAP = "..."


def _phrase(text: str) -> str:
    """Return a phrase of ``replies.toml`` as a regular expression over spoken words."""
    return "".join(map(_word, text.split())) + "(?= )"


def _word(word: str) -> str:
    if word == _GAP:
        return r"(?: [^ ]+){0,6}?"
    choices = (
        re.escape(choice.rstrip("~")) + "[^ ]*" * choice.endswith("~") for choice in word.split("/")
    )
    return f" (?:{'|'.join(choices)})"


def _host_word(found: re.Match[str]) -> str:
    """A blocklist's name is a word; any other host name is an echo."""
    return found.group(0) if any(name in found.group(0) for name in _table()[1]) else " "


@lru_cache(maxsize=1024)
def _echo_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:[\w-]+\.)*{re.escape(name)}(?![\w-])")


def meanings() -> tuple[Meaning, ...]:
    """Return the table in its order: the first line that fits is what a reply means."""
    return _table()[0]


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[Meaning, ...], tuple[str, ...]]:
    data = tomllib.loads(resources.files(__package__).joinpath("replies.toml").read_text("utf-8"))
    lines = tuple(
        Meaning(
            outcome=Outcome(line["outcome"]),
            pattern=re.compile("|".join(map(_phrase, line["words"]))) if "words" in line else None,
            stages=frozenset(map(Stage, line.get("stages", ()))),
            codes=tuple(line.get("codes", ())),
            enhanced=tuple(line.get("enhanced", ())),
            is_listing=line.get("listing", False),
            source=line["source"],
        )
        for line in data["meaning"]
    )
    return lines, tuple(data["blocklists"])
