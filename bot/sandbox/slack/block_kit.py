"""Slack's validator of blocks and views: every shape and limit that the bot could break.

Limits: docs.slack.dev/reference/block-kit; the total of block text is what was met in practice
(slackapi/bolt-js issue 2509). Blocks, elements and fields that the bot never posts are not in the
tables, and are refused like any unknown ones: whoever posts a new kind adds its row, with Slack's
limits, first.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack import elements
from bot.sandbox.slack.objects import any_text, identifier, plain_text
from bot.sandbox.slack.rich_text import rich_text
from bot.sandbox.slack.shape import (
    anything,
    array,
    boolean,
    problem,
    record,
    string,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.slack.shape import Check

MAX_BLOCK_TEXT = 13_200
_named = {"block_id": identifier}

_BLOCKS: dict[str, Check] = {
    "section": record({}, {**_named, "text": any_text(3000), "fields": array(any_text(2000), 10)}),
    "header": record({"text": plain_text(150)}, _named),
    "context": record({"elements": array(any_text(3000), 10)}, _named),
    "actions": record({"elements": array(typed(elements.ACTIONS), 25)}, _named),
    "divider": record({}, _named),
    "rich_text": rich_text,
    "input": record(
        {"label": plain_text(2000), "element": typed(elements.INPUTS)},
        {**_named, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
}


class Surface(StrEnum):
    """Where blocks are shown; each allows other blocks, and another number of them."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_MOST = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}


def block_problems(blocks: object, surface: Surface = Surface.MESSAGE) -> list[str]:
    """Return what Slack would say against these blocks, one line a fault; empty when valid."""
    problems = list(array(typed(_BLOCKS), _MOST[surface], least=0)(blocks, "/blocks"))
    return problems or [*_section_problems(blocks), *_duplicates(blocks)]


def view_problems(view: object) -> list[str]:
    """Return what Slack would say against a modal or App Home view."""
    if not isinstance(view, dict):
        return [problem("must provide an object", "/view")]
    surface = Surface.HOME if view.get("type") == "home" else Surface.MODAL
    common = {
        "blocks": anything,
        "callback_id": string(255, least=0),
        "private_metadata": string(3000, least=0),
        "external_id": string(255, least=0),
    }
    modal = {
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    }
    shape = typed(
        {
            "home": record({"blocks": anything}, common),
            "modal": record({"blocks": anything, "title": plain_text(24)}, {**common, **modal}),
        }
    )
    problems = [*shape(view, "/view"), *block_problems(view.get("blocks"), surface)]
    has_input = any(block.get("type") == "input" for block in _dicts(view.get("blocks")))
    if surface is Surface.MODAL and has_input and "submit" not in view:
        problems.append(problem("submit is required when an input block is present", "/view"))
    return problems


def text_size(value: object) -> int:
    """Return the characters of all text in blocks, as the total limit of a message counts them."""
    if isinstance(value, list):
        return sum(map(text_size, value))
    if isinstance(value, dict):
        return sum(
            len(each) if name == "text" and isinstance(each, str) else text_size(each)
            for name, each in value.items()
        )
    return 0


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _section_problems(blocks: object) -> Iterator[str]:
    for index, block in enumerate(_dicts(blocks)):
        if block["type"] == "section" and not block.keys() & {"text", "fields"}:
            yield problem("either text or fields must be provided", f"/blocks/{index}")


def _duplicates(blocks: object) -> Iterator[str]:
    ids = Counter(block["block_id"] for block in _dicts(blocks) if "block_id" in block)
    for block_id, times in ids.items():
        if times > 1:
            yield problem(f"`block_id` {block_id} already exists for another block", "/blocks")
    for index, block in enumerate(_dicts(blocks)):
        held = _dicts(block.get("elements"))
        actions = Counter(each["action_id"] for each in held if "action_id" in each)
        for action_id, times in actions.items():
            if times > 1:
                yield problem(f"`action_id` {action_id} already exists", f"/blocks/{index}")
