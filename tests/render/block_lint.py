"""What Slack demands of a message, as an oracle for tests.

slack_sdk's own models check a part of it (``Block.parse``); lengths, counts, empty texts and
duplicates are checked here (https://docs.slack.dev/reference/block-kit/). Beyond Slack: the limits
of the contract, and that foreign text stands where it cannot act.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from slack_sdk.models.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.render.cards import Card

_MAX = {"header": 150, "plain_text": 3000, "mrkdwn": 3000, "field": 2000}
_ELEMENTS = {"section": 10, "context": 10, "actions": 25}
_RICH = {
    "rich_text_section": {"text", "link", "date", "user", "emoji"},
    "rich_text_preformatted": {"text", "link"},
    "rich_text_list": {"rich_text_section"},
}
_MENTIONS = ("<!channel", "<!here", "<!everyone", "<!subteam", "<#")
# Of a watch: where it tells; Slack's own id, without a label.
_OUR_CHANNEL = re.compile(r"<#[CG][A-Z0-9]+>")


def faults(card: Card) -> list[str]:
    """Return what is wrong with a card; nothing: Slack takes it and the contract holds."""
    found = list(_of_message(card))
    for block in card.blocks:
        parsed = Block.parse(block)
        if parsed is None:
            found.append(f"unknown block {block['type']}")
        else:
            parsed.to_dict()
        found += _of_block(block)
    found += _of_mrkdwn(card.text)
    return found


def _of_message(card: Card) -> Iterator[str]:
    if not card.text.strip():
        yield "no fallback text"
    if len(card.text) > 3000:
        yield "fallback text too long"
    if not 1 <= len(card.blocks) <= 45:
        yield f"{len(card.blocks)} blocks"
    if (size := len(json.dumps(card.blocks, ensure_ascii=False)) + len(card.text)) > 9000:
        yield f"{size} characters"
    action_ids = [e["action_id"] for b in card.blocks for e in _actions(b)]
    if len(set(action_ids)) != len(action_ids):
        yield "duplicate action_id"


def _actions(block: dict[str, Any]) -> list[dict[str, Any]]:
    return list(block["elements"]) if block["type"] == "actions" else []


def _of_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind == "header":
        yield from _of_text(block["text"], _MAX["header"], "plain_text")
    elif kind == "section" and "text" in block:
        yield from _of_text(block["text"], _MAX["mrkdwn"], "mrkdwn")
    elif kind in _ELEMENTS:
        parts = block["fields" if kind == "section" else "elements"]
        if not 1 <= len(parts) <= _ELEMENTS[kind]:
            yield f"{len(parts)} elements of {kind}"
        for text in parts if kind != "actions" else ():
            yield from _of_text(text, _MAX["field"], "mrkdwn")
    elif kind == "rich_text":
        yield from _of_rich_text(block)


def _of_text(text: dict[str, Any], limit: int, kind: str) -> Iterator[str]:
    if text["type"] != kind:
        yield f"{text['type']} where {kind} belongs"
    if not text["text"].strip() or len(text["text"]) > limit:
        yield f"a text of {len(text['text'])} characters"
    if kind == "plain_text" and text.get("emoji") is not False:
        yield "plain text that draws emoji"
    if kind == "mrkdwn":
        if text.get("verbatim") is not True:
            yield "mrkdwn that links by itself"
        yield from _of_mrkdwn(text["text"])


def _of_mrkdwn(text: str) -> Iterator[str]:
    foreign = _OUR_CHANNEL.sub("", text)
    yield from (f"{mention} in mrkdwn" for mention in _MENTIONS if mention in foreign)
    if any(ord(character) < 32 and character != "\n" for character in text):
        yield "a control character"


def _of_rich_text(block: dict[str, Any]) -> Iterator[str]:
    if not block["elements"]:
        yield "an empty rich text"
    for element in block["elements"]:
        yield from _of_rich_element(element)


def _of_rich_element(element: dict[str, Any]) -> Iterator[str]:
    allowed = _RICH.get(element["type"])
    if allowed is None or not element["elements"]:
        yield f"an unknown or empty {element['type']}"
        return
    for part in element["elements"]:
        if part["type"] not in allowed:
            yield f"{part['type']} in {element['type']}"
        elif part["type"] == "rich_text_section":
            yield from _of_rich_element(part)
        elif part["type"] == "date":
            if not part["fallback"]:
                yield "a date without words"
        elif not part["text"]:
            yield "an empty text"
        elif any(ord(c) < 32 and c != "\n" for c in part["text"]):
            yield "a control character"
