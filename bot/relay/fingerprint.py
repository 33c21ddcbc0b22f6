"""What mail server it seems to be, by what it says of itself; the marks are ``fingerprints.toml``.

A guess that steers advice, never a verdict, with one exception: a development mail sink or a known
honeypot accepts everything and relays nothing, so none is ever called an open relay.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from bot.model.exchange import Stage
from bot.model.report import Mta

if TYPE_CHECKING:
    from bot.model.exchange import Reply
    from bot.relay.session import Session

# Where a mark is looked for, most telling first; the word is the confidence in the report.
_BANNER, _EHLO, _REPLIES = "banner", "ehlo", "replies"
_PLACES = (_BANNER, _EHLO, _REPLIES)


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of ``fingerprints.toml``; a pattern may have a group ``version``."""

    product: str
    patterns: dict[str, re.Pattern[str]]
    is_sink: bool

    @property
    def weight(self) -> tuple[bool, int]:
        """Sort key: sinks first, then by the most telling place."""
        return not self.is_sink, _PLACES.index(next(iter(self.patterns)))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The server as it seems, and whether it is a sink or a honeypot."""

    mta: Mta
    is_sink: bool


def fingerprint(held: tuple[Session, ...]) -> Fingerprint | None:
    """Return the product whose mark is found first; None where no mark is found."""
    heard = {place: _heard(held, place) for place in _PLACES}
    for mark in sorted(marks(), key=lambda mark: mark.weight):
        found = {place: _search(mark.patterns[place], heard[place]) for place in mark.patterns}
        if all(found.values()):
            versions = (m.groupdict().get("version") for m in found.values() if m)
            version = next(filter(None, versions), None)
            return Fingerprint(Mta(mark.product, version, next(iter(found))), mark.is_sink)
    return None


@lru_cache(maxsize=1)
def marks() -> tuple[Mark, ...]:
    """Return every mark, in the order of the file."""
    data = tomllib.loads(
        resources.files(__package__).joinpath("fingerprints.toml").read_text("utf-8")
    )
    return tuple(
        Mark(
            product=mark["product"],
            patterns={p: re.compile(mark[p], re.MULTILINE) for p in _PLACES if p in mark},
            is_sink=mark.get("sink", False),
        )
        for mark in data["mark"]
    )


def _search(pattern: re.Pattern[str], texts: tuple[str, ...]) -> re.Match[str] | None:
    return next(filter(None, map(pattern.search, texts)), None)


def _heard(held: tuple[Session, ...], place: str) -> tuple[str, ...]:
    """Return the replies of a place as text: the wire's lines, joined by line feeds."""
    return tuple(
        _text(e.reply)
        for session in held
        for e in session.exchanges
        if e.reply is not None and _place(e.stage) == place
    )


def _place(stage: Stage) -> str:
    return {Stage.GREETING: _BANNER, Stage.EHLO: _EHLO, Stage.HELO: _EHLO}.get(stage, _REPLIES)


def _text(reply: Reply) -> str:
    return "\n".join(reply.wire())
