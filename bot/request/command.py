"""The text after the slash command: one domain, and options in any place.

Phones make dashes of ``--`` and curly quotes of straight ones, and Slack links what looks like a
domain; an option is known in any of these spellings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.ports import WELL_KNOWN_PORTS
from bot.request.domain import find_domain
from bot.request.nearest import nearest
from bot.request.options import NO_PROBE, OPTIONS, PORTS, PRIVATE, PROVE, VARIANTS, usage
from bot.request.typed import UsageError, quoted, strip_wrapping, words_of

if TYPE_CHECKING:
    from bot.model.domain_name import DomainName

# An option is longer than a word of the command and has dashes: less of it makes it known.
_NEAR = 0.6
# Hyphen-minus, what phones and word processors make of one or two of them, minus, small forms.
_DASHES = "-\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_DASH = re.compile(rf"[{_DASHES}_]")
_OPTION = re.compile(rf"[{_DASHES}]+(?P<name>[^\W\d][^=]*)(?P<value>=.*)?", re.DOTALL)
_MAILBOX = re.compile(r"<[^<>]+@[^<>]+>")
_PORT_LIST = re.compile(r"[\d,;]+", re.ASCII)
_NUMBER = re.compile(r"\d{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """One check as it was asked for; ``ports`` None: those of the settings."""

    domain: DomainName
    shown: str
    probe: bool = True
    private: bool = False
    ports: tuple[int, ...] | None = None
    variants: bool = False
    prove: bool = False


@dataclass(frozen=True, slots=True)
class Help:
    """The usage was asked for, or nothing was said."""


def parse_request(
    text: str, *, allowed_suffixes: tuple[str, ...] = (), other_ports: bool = False
) -> Request | Help:
    """Read the text of a command.

    Args:
        text: As Slack delivers it, or as somebody typed it.
        allowed_suffixes: Special-use names to take like any other (``corp.internal``).
        other_ports: Whether ports beside 25, 465 and 587 may be asked for.

    Raises:
        UsageError: The text is anything but one domain with known options.
    """
    words, options = _sort(words_of(text))
    if not words and not options:
        return Help()
    if {"-h", "--h", "--help"} & options.keys() or (words and words[0].lower() == "help"):
        return Help()
    flags, ports = _known(options, other_ports=other_ports)
    domain = find_domain(_only(words, tuple(options)), allowed_suffixes)
    return Request(
        domain=domain,
        shown=domain.shown,
        probe=NO_PROBE not in flags,
        private=PRIVATE in flags,
        ports=ports,
        variants=VARIANTS in flags,
        prove=PROVE in flags,
    )


def _sort(words: list[str]) -> tuple[list[str], dict[str, str | None]]:
    """Part the words from the options, each option under its name in ASCII with its value.

    The value of ``--ports`` may come after ``=`` or a blank, and have blanks in itself.
    """
    others: list[str] = []
    options: dict[str, str | None] = {}
    before = ""
    for word in words:
        bare = word if word.startswith("<") else strip_wrapping(word)
        option = _OPTION.fullmatch(bare)
        if option:
            before = "--" + _DASH.sub("-", option["name"]).lower()
            options[before] = option["value"][1:] if option["value"] else None
        elif before == PORTS and _PORT_LIST.fullmatch(bare):
            options[PORTS] = ",".join(filter(None, (options[PORTS], bare)))
        elif bare and _DASH.sub("", bare):
            others.append(bare)
            before = ""
    return others, options


def _known(
    options: dict[str, str | None], *, other_ports: bool
) -> tuple[frozenset[str], tuple[int, ...] | None]:
    """Return the flags and the ports; refuse what is unknown or contradicts itself."""
    for name, value in options.items():
        if name not in OPTIONS:
            meant = _meant(name)
            advice = f"did you mean `{meant}`" if meant else f"I know {', '.join(OPTIONS)}"
            raise UsageError(
                f"{quoted(name)} is no option: {advice}, "
                f"as in `example.com {usage(meant or NO_PROBE)}`."
            )
        if name != PORTS and value is not None:
            raise UsageError(f"`{name}` takes no value: type for example `example.com {name}`.")
        if name not in (NO_PROBE, PRIVATE) and NO_PROBE in options:
            raise UsageError(
                f"`--no-probe` leaves nothing for `{name}` to do: "
                f"leave one of them out, as in `example.com {usage(name)}`."
            )
    flags = frozenset(options) - {PORTS}
    if PORTS not in options:
        return flags, None
    return flags, parse_ports(options[PORTS] or "", others=other_ports)


def _meant(word: str) -> str | None:
    """Return the option that a word was meant to be, if it is near any."""
    return nearest(word, OPTIONS, near=_NEAR)


def _only(words: list[str], options: tuple[str, ...]) -> str:
    """Return the one word that names the domain."""
    if not words:
        raise UsageError(f"Name the domain too: type for example `example.com {options[0]}`.")
    if len(words) == 1:
        return words[0]
    mailboxes = [word for word in words if _MAILBOX.fullmatch(word)]
    odd = [word for word in words if "." not in word]
    if len(mailboxes) == 1 and len(odd) == len(words) - 1 and not any(map(_meant, odd)):
        return mailboxes[0]  # after a display name (RFC 5322 §3.4)
    if len(words) - len(odd) > 1:
        raise UsageError(
            f"I take one domain at a time, and {quoted(' '.join(words))} has several: "
            "type one such as `example.com`."
        )
    meant = _meant(odd[0])
    advice = f"did you mean `{meant}`" if meant else "type only the domain and options"
    raise UsageError(
        f"I do not know what {quoted(odd[0])} means here: "
        f"{advice}, as in `example.com {usage(meant or NO_PROBE)}`."
    )


def parse_ports(text: str, *, others: bool = False) -> tuple[int, ...]:
    """Read ``25,465``; the order is kept, each port is there once.

    Args:
        text: Port numbers with commas between them.
        others: Whether ports beside 25, 465 and 587 may be asked for.

    Raises:
        UsageError: A word is no port, or not one that may be asked for.
    """
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    allowed = range(1, 65536) if others else WELL_KNOWN_PORTS
    if not words or not all(_NUMBER.fullmatch(word) and int(word) in allowed for word in words):
        what = "port numbers" if others else "ports among 25, 465 and 587"
        given = f", not {quoted(text)}" if words else ""
        raise UsageError(
            f"`--ports` takes {what}{given}: type for example `example.com --ports 25,465`."
        )
    return tuple(dict.fromkeys(int(word) for word in words))
