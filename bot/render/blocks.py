"""Slack's Block Kit, as much of it as relaycheck's cards use, with Slack's limits built in.

Each constructor returns one block (or element) as the dict that the Web API takes, and keeps
Slack's limits whatever it is given: longer text is cut, surplus elements are left off, an empty
text becomes a dash. Rich-text elements and plain text are literal to Slack; only what is called
mrkdwn is parsed, and foreign text reaches it through ``inert.mrkdwn`` alone. Knows no reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.render.inert import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

Block: TypeAlias = dict[str, object]
Element: TypeAlias = dict[str, object]

# https://docs.slack.dev/reference/block-kit/blocks/
HEADER_TEXT = 150
SECTION_TEXT = 3000
FIELDS = 10
FIELD_TEXT = 2000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
_EMPTY = "–"  # noqa: RUF001 - a dash, as text


def header(text: str) -> Block:
    """One line in large type, literal."""
    return {"type": "header", "text": _plain(text, HEADER_TEXT)}


def section(text: str) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": _mrkdwn(text, SECTION_TEXT)}


def fields(texts: Iterable[str]) -> Block:
    """Up to ten short mrkdwn texts in two columns."""
    return {
        "type": "section",
        "fields": [_mrkdwn(text, FIELD_TEXT) for text in list(texts)[:FIELDS]]
        or [_mrkdwn("", FIELD_TEXT)],
    }


def context(texts: Iterable[str]) -> Block:
    """Small print: up to ten mrkdwn texts."""
    return {
        "type": "context",
        "elements": [_mrkdwn(text, SECTION_TEXT) for text in list(texts)[:CONTEXT_ELEMENTS]]
        or [_mrkdwn("", SECTION_TEXT)],
    }


def divider() -> Block:
    """Return a rule across the message."""
    return {"type": "divider"}


def actions(elements: Sequence[Element]) -> Block:
    """Up to 25 interactive elements in a row; there must be one."""
    return {"type": "actions", "elements": list(elements)[:ACTIONS_ELEMENTS]}


def rich_text(*elements: Element) -> Block:
    """Paragraphs, lists and preformatted text, all of it literal."""
    return {"type": "rich_text", "elements": list(elements)}


def paragraph(*parts: Element) -> Element:
    """One paragraph of a rich text."""
    return {"type": "rich_text_section", "elements": list(parts) or [words("")]}


def bullets(
    items: Iterable[Sequence[Element]], *, ordered: bool = False, after: int = 0
) -> Element:
    """Return a list of a rich text; there must be one item.

    Args:
        items: The parts of each line.
        ordered: Whether the lines have numbers.
        after: How many of these numbers were used before: a list that goes on.
    """
    return {
        "type": "rich_text_list",
        "style": "ordered" if ordered else "bullet",
        **({"offset": after} if after else {}),
        "elements": [paragraph(*parts) for parts in items],
    }


def preformatted(text: str) -> Element:
    """Text in a box, every character as it stands."""
    return {"type": "rich_text_preformatted", "elements": [words(text)]}


def words(text: str) -> Element:
    """Literal words of a rich text."""
    return {"type": "text", "text": text or _EMPTY}


def strong(text: str) -> Element:
    """Literal words in bold."""
    return {**words(text), "style": {"bold": True}}


def code(text: str) -> Element:
    """Literal words in the type of a terminal."""
    return {**words(text), "style": {"code": True}}


def clock(moment: datetime) -> Element:
    """Return a time of day; Slack shows it in the reader's own zone."""
    return {
        "type": "date",
        "timestamp": int(moment.timestamp()),
        "format": "{time}",
        "fallback": f"{moment:%H:%M %Z}",
    }


def link(url: str, label: str) -> Element:
    """Return a link. Never give it foreign text, neither as address nor as label."""
    return {"type": "link", "url": url, "text": label or url}


def _plain(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": cut(text, limit) or _EMPTY, "emoji": False}


def _mrkdwn(text: str, limit: int) -> Element:
    return {"type": "mrkdwn", "text": cut(text, limit) or _EMPTY, "verbatim": True}
