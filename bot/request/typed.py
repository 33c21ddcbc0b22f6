"""The text itself: what clients do to it is undone, what surrounds a word is taken off.

Knows characters and Slack's escaping, nothing of domains or options.
"""

from __future__ import annotations

import re

# RFC 1035 knows no name near this long; Slack's own field takes a few thousand characters.
MAX_TEXT = 4096
_SHOWN = 60
_LINK_OR_WORD = re.compile(r"<[^<>]*>|[^\s<>]+")

_QUOTES = "\"'`´‘’‚‛“”„‟‹›«»「」"  # noqa: RUF001 - the quotes that keyboards make
_BRACKETS = "()[]{}<>"
_BEFORE = f"{_QUOTES}{_BRACKETS}*~,;\u2022"
_AFTER = f"{_QUOTES}{_BRACKETS}*~,;:.!?/\u2026\u3001"

# Full-width ASCII, the stops of East Asian keyboards, the hyphens of word processors.
_MAPPED = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3002: ".",
    0xFF61: ".",
    0x2010: "-",
    0x2011: "-",
}


class UsageError(ValueError):
    """What was typed cannot be used; ``message`` is one sentence with an example of what to type.

    The message quotes the text: it is as foreign as the text, and made inert where it is shown.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def normalise(text: str) -> str:
    """Undo Slack's escaping of ``&<>``, and map full-width characters to ASCII.

    Raises:
        UsageError: The text is too long, or holds a control character.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(
            f"That is {len(text)} characters, too many for a domain: "
            "type one such as `example.com`."
        )
    for character in text:
        if (character < " " and character not in "\t\r\n") or "\x7f" <= character <= "\x9f":
            raise UsageError(
                f"There is an invisible control character (U+{ord(character):04X}) in the text: "
                "type the domain by hand, such as `example.com`."
            )
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text.translate(_MAPPED)


def words_of(text: str) -> list[str]:
    """Return the words of a text as Slack delivers it, normalised; a link of Slack's is one.

    Raises:
        UsageError: As ``normalise``.
    """
    return _LINK_OR_WORD.findall(normalise(text))


def strip_wrapping(word: str) -> str:
    """Take off quotes, brackets, emphasis, list marks and the punctuation of a sentence."""
    return word.lstrip(_BEFORE).rstrip(_AFTER)


def quoted(text: str) -> str:
    """Return foreign text for a message: in backticks, printable, and cut."""
    visible = "".join(
        character if character.isprintable() else f"U+{ord(character):04X}"
        for character in text.replace("`", "'")
    )
    return f"`{visible[:_SHOWN]}…`" if len(visible) > _SHOWN else f"`{visible}`"
