"""Foreign text made harmless: what servers, DNS and people wrote, fit to be shown.

Everything that relaycheck did not write itself passes through ``inert()`` before it reaches a
Slack block, a terminal or a JSON report. What could act (controls, escape sequences), hide or
reorder (bidi controls, zero-width and other invisible characters) is shown as ``[U+XXXX]``; what
cannot be encoded is spelled out; what floods is capped. Escaping for mrkdwn is a second, separate
step, after the cut, so that no entity is ever cut in two. Knows nothing of reports.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ELLIPSIS = "…"
# Unicode Standard Annex 15 §3.1 calls more than 30 marks abnormal; no living script needs four.
_MAX_MARKS = 3
# Cc, Cf, Cs, Co, Cn: controls, bidi and zero-width, surrogates, private use, unassigned.
# Zl, Zp: separators that break a line where the eye expects none.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Default_Ignorable_Code_Point (and the blank Braille cell) outside those categories.
_INVISIBLE = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}).union(
    range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
)
_BYTE_AS_SURROGATE = range(0xDC80, 0xDD00)  # PEP 383
# What mrkdwn would format, draw as an emoji or turn into a link.
_MARKUP = re.compile(r"[*_~`]|:[\w+'-]+:|://|\bwww\.|@")


def inert(text: str | bytes, limit: int = 200) -> str:
    r"""Return ``text`` as one harmless line of at most ``limit`` characters.

    Args:
        text: Foreign text; bytes are read as UTF-8, and bytes that are not (also those that
            ``surrogateescape`` hid in a string) are spelled ``\xNN``.
        limit: The most characters to return, the ellipsis of a cut included; at least 1.

    Returns:
        Printable characters and spaces only. Line ends and tabs become spaces. Applied twice it
        changes nothing more.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    if text.isascii() and text.isprintable():
        return cut(text, limit)
    shown: list[str] = []
    marks = 0
    for character in text.replace("\r\n", "\n"):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MAX_MARKS:
            shown.append(_shown(character, category))
    return cut("".join(shown), limit)


def inert_lines(
    lines: Iterable[str | bytes], *, width: int = 200, height: int = 40, total: int = 3000
) -> tuple[str, ...]:
    """Return foreign lines as harmless lines, bounded in every direction.

    Args:
        lines: Foreign lines, without their line ends.
        width: The most characters a line.
        height: The most lines, the note on those left out included.
        total: The most characters in all, with one line end for each line.

    Returns:
        The lines; where some were left out, a last one says how many.
    """
    every = list(lines)
    harmless = [inert(line, width) for line in every[:height]]
    for kept in range(len(harmless), -1, -1):
        left_out = len(every) - kept
        shown = (*harmless[:kept], *([_more(left_out)] if left_out else []))
        if len(shown) <= height and sum(len(line) + 1 for line in shown) <= total:
            return shown
    return ()


def cut(text: str, limit: int) -> str:
    """Return ``text`` at most ``limit`` characters long; a cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def mrkdwn(text: str) -> str:
    """Return inert text as mrkdwn that shows exactly this text.

    ``&``, ``<`` and ``>`` are escaped, which leaves no mention and no link; text that mrkdwn would
    format, draw as an emoji or link goes into a code span, where it is shown as it stands.
    """
    escaped = escape(text)
    return "`" + escaped.replace("`", "'") + "`" if _MARKUP.search(text) else escaped


def escape(text: str) -> str:
    """Return our own words as mrkdwn: what it reads as mentions and links is escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(character: str, category: str) -> str:
    if character in "\n\t" or category == "Zs":
        return " "
    point = ord(character)
    if point in _BYTE_AS_SURROGATE:
        return f"\\x{point - 0xDC00:02x}"
    if category in _UNSEEN or point in _INVISIBLE:
        return f"[U+{point:04X}]"
    return character


def _more(count: int) -> str:
    return f"{ELLIPSIS} {count} more line{'s' if count > 1 else ''}"
