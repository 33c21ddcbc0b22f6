"""The words for verdicts, reasons, attempts, outcomes and findings; the prose is catalogue.toml.

A mail expert edits the TOML; this module reads it once, at import, and refuses it there with one
sentence where a tag, verdict, reason or outcome has no entry, or where a text has a placeholder
that nobody provides. Filling in is safe for foreign values: they are made inert here, and a value
is never read as a template. Knows nothing of cards.
"""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

from bot.model.exchange import CertificateFault
from bot.model.finding import Severity, Tag
from bot.model.report import Awaited, Fcrdns, HostnameClass, Outcome
from bot.model.verdict import Reason, Verdict
from bot.render.inert import escape, inert, mrkdwn
from bot.watch import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    from bot.model.finding import Finding

# What a card can fill into a reason's texts.
REASON_ARGS = frozenset(
    {"class", "detail", "domain", "form", "host", "ip", "port", "product", "reply"}
    | {"reverse_path", "stage"}
)
_VERDICT_ARGS = frozenset({"domain", "every", "n", "total"})
# The changes that a watch tells of (``bot.settling``).
_TOLD = (Turn.WORSE, Turn.NEW, Turn.NOT_SHOWN, Turn.UNSETTLED, Turn.SETTLED, Turn.FIXED)
_KINDS = ("control", "foreign", "own_domain", "null", "any_domain", "variant", "proof")
_MISSING = "?"
_Words = TypeVar("_Words", "VerdictWords", "ReasonWords")


class CatalogueError(ValueError):
    """catalogue.toml lacks an entry, or asks for a value that nobody provides."""


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """A verdict: its mark and word in lists, and the headline of a domain by how many hosts."""

    mark: str
    word: str
    only: str
    one_of: str
    some: str
    all: str

    def headline(self, domain: str, count: int, total: int) -> str:
        """Say the verdict of a domain of whose ``total`` MX hosts ``count`` have it."""
        if total == 1:
            text = self.only
        elif count == total:
            text = self.all
        else:
            text = self.one_of if count == 1 else self.some
        every = "both" if total == 2 else f"all {total}"
        return fill(text, {"domain": domain, "every": every, "n": str(count), "total": str(total)})


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason: after a host's name, in a list's line, as a sentence, and what to do next."""

    headline: str
    brief: str
    sentence: str
    next: str


@dataclass(frozen=True, slots=True)
class TagWords:
    """A tag: a short label, how much it matters, its title, why it does, and the repair."""

    label: str
    severity: Severity
    args: tuple[str, ...]
    title: str
    why: str
    repair: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply to RCPT of an outside mailbox means to somebody who asks by hand."""

    replies: str
    means: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of catalogue.toml."""

    verdicts: Mapping[Verdict, VerdictWords]
    reasons: Mapping[Reason, ReasonWords]
    outcomes: Mapping[Outcome, str]
    asks: Mapping[str, str]
    awaited: Mapping[Awaited, str]
    turns: Mapping[Turn, str]
    means: Mapping[Turn, str]
    hostname_classes: Mapping[HostnameClass, str]
    fcrdns: Mapping[Fcrdns, str]
    certificates: Mapping[str, str]
    tags: Mapping[Tag, TagWords]
    readings: tuple[Reading, ...]


def load(text: str) -> Catalogue:
    """Read a catalogue.

    Args:
        text: The TOML.

    Raises:
        CatalogueError: An entry is missing or unknown, or a placeholder is not declared.
    """
    data = tomllib.loads(text)
    _same_names("verdict", data["verdict"], Verdict)
    _same_names("reason", data["reason"], Reason)
    _same_names("outcome", data["outcome"], Outcome)
    _same_names("awaited", data["awaited"], Awaited)
    _same_names("turn", data["turn"], Turn)
    _same_names("means", data["means"], _TOLD)
    _same_names("hostname_class", data["hostname_class"], HostnameClass)
    _same_names("fcrdns", data["fcrdns"], Fcrdns)
    _same_names("certificate", data["certificate"], CertificateFault)
    for fault in data["certificate"].values():
        _declared(fault, frozenset({"date"}))
    _same_names("tag", data["tag"], Tag)
    if set(data["attempt"]) != set(_KINDS):
        raise CatalogueError(f"[attempt.*] must be {', '.join(_KINDS)}")
    return Catalogue(
        verdicts={
            Verdict(k): _words(VerdictWords, v, _VERDICT_ARGS) for k, v in data["verdict"].items()
        },
        reasons={Reason(k): _words(ReasonWords, v, REASON_ARGS) for k, v in data["reason"].items()},
        outcomes={Outcome(name): words for name, words in data["outcome"].items()},
        asks={kind: entry["asks"] for kind, entry in data["attempt"].items()},
        awaited={Awaited(name): words for name, words in data["awaited"].items()},
        turns={Turn(name): words for name, words in data["turn"].items()},
        means={Turn(name): words for name, words in data["means"].items()},
        hostname_classes={HostnameClass(k): words for k, words in data["hostname_class"].items()},
        fcrdns={Fcrdns(name): words for name, words in data["fcrdns"].items()},
        certificates=data["certificate"],
        tags={Tag(name): _tag(entry) for name, entry in data["tag"].items()},
        readings=tuple(Reading(**entry) for entry in data["reading"]),
    )


def fill(text: str, values: Mapping[str, str], *, as_mrkdwn: bool = False) -> str:
    """Fill a text's placeholders with values made inert.

    Args:
        text: One of ours.
        values: Foreign text for its placeholders; one that is not there becomes ``?``.
        as_mrkdwn: Whether the result is to be read as mrkdwn, or literally.
    """
    show = mrkdwn if as_mrkdwn else str
    shown = {name: show(inert(value) or _MISSING) for name, value in values.items()}
    template = escape(text) if as_mrkdwn else text
    return string.Formatter().vformat(template, (), _Lenient(shown))


def title(finding: Finding, *, as_mrkdwn: bool = False) -> str:
    """Return one line that says what was found."""
    text, args = CATALOGUE.tags[finding.tag].title, finding.args
    if fault := CATALOGUE.certificates.get(args.get("error", "")):
        args = {**args, "error": fill(fault, args)}
    return fill(text, args, as_mrkdwn=as_mrkdwn)


def repair(finding: Finding) -> str:
    """Return one line that says how to mend it."""
    return fill(CATALOGUE.tags[finding.tag].repair, finding.args)


def why(finding: Finding) -> str:
    """Return one line that says why it matters, and who rejects for it."""
    return fill(CATALOGUE.tags[finding.tag].why, finding.args)


def severity(finding: Finding) -> Severity:
    """Return how much it matters."""
    return CATALOGUE.tags[finding.tag].severity


def rank(finding: Finding) -> int:
    """Return where it stands among others by how much they matter, from 0 for the gravest."""
    return tuple(Severity).index(severity(finding))


def asks(kind: str) -> str:
    """Return what an attempt of this kind asks, in words; the name of a variant is added."""
    group, _, name = kind.partition(":")
    words = CATALOGUE.asks.get(group, inert(group, 40))
    return f"{words} ({inert(name, 60)})" if name else words


class _Lenient(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return _MISSING


def _words(kind: type[_Words], entry: dict[str, str], known: frozenset[str]) -> _Words:
    if set(entry) != {field.name for field in fields(kind)}:
        raise CatalogueError(f"{kind.__name__} has other keys than {sorted(entry)}")
    for text in entry.values():
        _declared(text, known)
    return kind(**entry)


def _tag(entry: dict[str, Any]) -> TagWords:
    words = TagWords(
        label=entry["label"],
        severity=Severity(entry["severity"]),
        args=tuple(entry["args"]),
        title=entry["title"],
        why=entry["why"],
        repair=entry["repair"],
    )
    for text in (words.title, words.why, words.repair):
        _declared(text, frozenset(words.args))
    return words


def _declared(text: str, known: frozenset[str]) -> None:
    for _, name, _, _ in string.Formatter().parse(text):
        if name is not None and name not in known:
            raise CatalogueError(f"{{{name}}} is not provided: {text!r}")


def _same_names(kind: str, entries: Mapping[str, object], names: Iterable[StrEnum]) -> None:
    if wrong := set(entries) ^ {name.value for name in names}:
        raise CatalogueError(f"[{kind}.*] is missing or unknown: {', '.join(sorted(wrong))}")


CATALOGUE = load((resources.files(__package__) / "catalogue.toml").read_text("utf-8"))
