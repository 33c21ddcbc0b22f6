"""The validator holds every limit of Block Kit that a card could break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack.block_kit import (
    Surface,
    block_problems,
    table_count,
    text_size,
    view_problems,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def plain(text: str) -> dict[str, object]:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, object]:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def button(action_id: str = "go", **more: object) -> dict[str, object]:
    """Return a button."""
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def section(text: str = "x", **more: object) -> dict[str, object]:
    """Return a section."""
    return {"type": "section", "text": mrkdwn(text), **more}


def header(text: str) -> dict[str, object]:
    """Return a header."""
    return {"type": "header", "text": plain(text)}


def rich(*elements: Mapping[str, object]) -> dict[str, object]:
    """Return a rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def piece(text: str) -> dict[str, object]:
    """Return a text of rich text."""
    return {"type": "text", "text": text}


def table(rows: int, columns: int) -> dict[str, object]:
    """Return a table of so many cells."""
    cell = {"type": "raw_text", "text": "x"}
    return {"type": "table", "rows": [[cell] * columns] * rows}


PREFORMATTED = {"type": "rich_text_preformatted", "elements": [piece("220 hi")], "border": 0}
LIST = {
    "type": "rich_text_list",
    "style": "ordered",
    "elements": [{"type": "rich_text_section", "elements": [piece("one")]}],
}
RIGHT = {
    "header at its limit": header("x" * 150),
    "header with level": {**header("x"), "level": 2},
    "section at its limit": section("x" * 3000),
    "section with fields alone": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    "section with overflow": section(
        accessory={
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": plain("a"), "value": "a"}] * 5,
        }
    ),
    "verbatim": {"type": "section", "text": {**mrkdwn("x"), "verbatim": True}},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("y")]},
    "actions": {"type": "actions", "elements": [button(f"go{n}") for n in range(25)]},
    "confirm": {
        "type": "actions",
        "elements": [button(confirm={"title": plain("Sure?"), "text": mrkdwn("Really")})],
    },
    "divider": {"type": "divider"},
    "preformatted": rich(PREFORMATTED),
    "list": rich(LIST, {"type": "rich_text_quote", "elements": [piece("q")]}),
    "table at its limit": table(100, 20),
    "table of rich text and numbers": {
        "type": "table",
        "rows": [
            [
                rich({"type": "rich_text_section", "elements": [piece("x")]}),
                {"type": "raw_number", "value": 3},
            ]
        ],
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
    "container": {"type": "container", "title": plain("mx1"), "child_blocks": [section()]},
    "image": {"type": "image", "alt_text": "a", "image_url": "https://example.com/a.png"},
    "markdown": {"type": "markdown", "text": "**x**"},
}
WRONG = {
    "header too long": header("x" * 151),
    "header in mrkdwn": {"type": "header", "text": mrkdwn("x")},
    "header empty": header(""),
    "section too long": section("x" * 3001),
    "section empty": section(""),
    "section of nothing": {"type": "section"},
    "field too long": {"type": "section", "fields": [mrkdwn("x" * 2001)]},
    "eleven fields": {"type": "section", "fields": [mrkdwn("x")] * 11},
    "text is a string": {"type": "section", "text": "x"},
    "unknown key": section(colour="red"),
    "unknown type": {"type": "data_table", "rows": []},
    "no type": {"text": plain("x")},
    "eleven in context": {"type": "context", "elements": [mrkdwn("x")] * 11},
    "button in context": {"type": "context", "elements": [button()]},
    "no actions": {"type": "actions", "elements": []},
    "twenty-six actions": {"type": "actions", "elements": [button(f"g{n}") for n in range(26)]},
    "same action_id": {"type": "actions", "elements": [button(), button()]},
    "button text too long": {"type": "actions", "elements": [button(text=plain("x" * 76))]},
    "button value too long": {"type": "actions", "elements": [button(value="x" * 2001)]},
    "button text in mrkdwn": {"type": "actions", "elements": [button(text=mrkdwn("x"))]},
    "overflow of six": section(
        accessory={"type": "overflow", "options": [{"text": plain("a"), "value": "a"}] * 6}
    ),
    "option value too long": section(
        accessory={"type": "overflow", "options": [{"text": plain("a"), "value": "a" * 151}]}
    ),
    "empty rich text": rich({"type": "rich_text_section", "elements": [piece("")]}),
    "text right in rich_text": rich(piece("x")),
    "mention in preformatted": rich(
        {"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}
    ),
    "indent of nine": rich({**LIST, "indent": 9}),
    "table of 101 rows": table(101, 1),
    "table of 21 columns": table(1, 21),
    "container without a title": {"type": "container", "child_blocks": [section()]},
    "markdown in a container": {
        "type": "container",
        "title": plain("x"),
        "child_blocks": [{"type": "markdown", "text": "x"}],
    },
    "alert in a message": {"type": "alert", "text": plain("x")},
    "image from nowhere": {"type": "image", "alt_text": "a"},
    "long block_id": section(block_id="x" * 256),
}


@pytest.mark.parametrize("name", RIGHT)
def test_valid_block_passes(name: str) -> None:
    """What Slack takes, up to its very limits, is taken."""
    assert [] == block_problems([RIGHT[name]])


@pytest.mark.parametrize("name", WRONG)
def test_invalid_block_is_refused(name: str) -> None:
    """What Slack refuses is refused, with a pointer to it."""
    problems = block_problems([WRONG[name]])

    assert problems
    assert all("json-pointer:/blocks" in line for line in problems)


def test_fifty_blocks_are_the_most_of_a_message() -> None:
    """A message holds 50 blocks, a view 100."""
    assert [] == block_problems([section()] * 50)
    assert block_problems([section()] * 51)
    assert [] == block_problems([section()] * 100, Surface.HOME)


def test_block_id_is_unique_also_in_a_container() -> None:
    """Two blocks of one message do not share a block_id."""
    twice = [section(block_id="a"), section(block_id="a")]

    assert block_problems(twice)
    assert block_problems([{"type": "container", "title": plain("x"), "child_blocks": twice}])


@pytest.mark.parametrize("blocks", [None, "x", {}, ["x"]])
def test_blocks_that_are_no_blocks_are_refused(blocks: object) -> None:
    """Anything but an array of objects is refused, never a crash."""
    assert block_problems(blocks)


def test_all_text_counts_for_the_total() -> None:
    """The total limit counts every text, however deep."""
    blocks = [header("12"), section("345"), rich(PREFORMATTED), table(2, 2)]

    assert 2 + 3 + len("220 hi") + 4 == text_size(blocks)


def test_tables_are_counted_in_containers_too() -> None:
    """One table in a message means one anywhere in it."""
    assert 2 == table_count([table(1, 1), {"type": "container", "child_blocks": [table(1, 1)]}])
    assert 0 == table_count(None)


INPUT = {
    "type": "input",
    "label": plain("Domain"),
    "element": {"type": "plain_text_input", "action_id": "domain"},
}
MODAL = {"type": "modal", "title": plain("Options"), "blocks": [section()]}


@pytest.mark.parametrize(
    "view",
    [
        MODAL,
        {**MODAL, "blocks": [INPUT], "submit": plain("Check")},
        {"type": "home", "blocks": [header("relaycheck"), table(1, 1)]},
    ],
)
def test_valid_view_passes(view: dict[str, object]) -> None:
    """A modal and an App Home within their limits are taken."""
    assert [] == view_problems(view)


@pytest.mark.parametrize(
    "view",
    [
        "modal",
        {**MODAL, "title": plain("x" * 25)},
        {**MODAL, "private_metadata": "x" * 3001},
        {**MODAL, "blocks": [INPUT]},
        {**MODAL, "blocks": [table(1, 1)]},
        {**MODAL, "blocks": [{"type": "alert", "text": plain("x" * 201)}]},
        {"type": "home", "blocks": [], "title": plain("x")},
        {"type": "home"},
        {"type": "window", "blocks": []},
    ],
)
def test_invalid_view_is_refused(view: object) -> None:
    """What Slack refuses in a view is refused."""
    assert view_problems(view)
