"""The validator holds every limit of Block Kit that a card could break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack.block_kit import Surface, block_problems, text_size, view_problems

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


def choice(*values: str) -> dict[str, object]:
    """Return checkboxes with an option for each value."""
    options = [{"text": plain("x"), "value": value} for value in values]
    return {"type": "actions", "elements": [{"type": "checkboxes", "options": options}]}


def rich(*elements: Mapping[str, object]) -> dict[str, object]:
    """Return a rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def piece(text: str) -> dict[str, object]:
    """Return a text of rich text."""
    return {"type": "text", "text": text}


PREFORMATTED = {"type": "rich_text_preformatted", "elements": [piece("220 hi")], "border": 0}
LIST = {
    "type": "rich_text_list",
    "style": "ordered",
    "elements": [{"type": "rich_text_section", "elements": [piece("one")]}],
}
RIGHT = {
    "header at its limit": header("x" * 150),
    "section at its limit": section("x" * 3000),
    "section with fields alone": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    "verbatim": {"type": "section", "text": {**mrkdwn("x"), "verbatim": True}},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("y")]},
    "actions": {"type": "actions", "elements": [button(f"go{n}") for n in range(25)]},
    "confirm": {
        "type": "actions",
        "elements": [button(confirm={"title": plain("Sure?"), "text": mrkdwn("Really")})],
    },
    "divider": {"type": "divider"},
    "preformatted": rich(PREFORMATTED),
    "list": rich(LIST),
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
    "eleven options": choice(*[str(number) for number in range(11)]),
    "option value too long": choice("a" * 151),
    "empty rich text": rich({"type": "rich_text_section", "elements": [piece("")]}),
    "text right in rich_text": rich(piece("x")),
    "mention in preformatted": rich(
        {"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}
    ),
    "indent of nine": rich({**LIST, "indent": 9}),
    "a kind that is never posted": {"type": "image", "alt_text": "a", "image_url": "https://x"},
    "accessory": section(accessory=button()),
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


def test_block_id_is_unique() -> None:
    """Two blocks of one message do not share a block_id."""
    assert block_problems([section(block_id="a"), section(block_id="a")])


@pytest.mark.parametrize("blocks", [None, "x", {}, ["x"]])
def test_blocks_that_are_no_blocks_are_refused(blocks: object) -> None:
    """Anything but an array of objects is refused, never a crash."""
    assert block_problems(blocks)


def test_all_text_counts_for_the_total() -> None:
    """The total limit counts every text, however deep."""
    blocks = [header("12"), section("345"), rich(PREFORMATTED)]

    assert 2 + 3 + len("220 hi") == text_size(blocks)


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
        {"type": "home", "blocks": [header("relaycheck")]},
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
        {**MODAL, "blocks": [section("x" * 3001)]},
        {"type": "home", "blocks": [], "title": plain("x")},
        {"type": "home"},
        {"type": "window", "blocks": []},
    ],
)
def test_invalid_view_is_refused(view: object) -> None:
    """What Slack refuses in a view is refused."""
    assert view_problems(view)
