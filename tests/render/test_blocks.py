"""Constructors of blocks keep Slack's limits, whatever they are given."""

from __future__ import annotations

from bot.render import blocks
from bot.render.card import Card
from tests.render.block_lint import faults

BUTTON: dict[str, object] = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Go", "emoji": False},
}


def test_long_texts_are_cut() -> None:
    """No text is longer than Slack allows in its place."""
    long = "x" * 5000
    header, section, fields, context = (
        blocks.header(long),
        blocks.section(long),
        blocks.fields([long]),
        blocks.context([long]),
    )

    assert 150 == len(header["text"]["text"])  # type: ignore[index]
    assert 3000 == len(section["text"]["text"])  # type: ignore[index]
    assert 2000 == len(fields["fields"][0]["text"])  # type: ignore[index]
    assert 3000 == len(context["elements"][0]["text"])  # type: ignore[index]


def test_surplus_is_left_off() -> None:
    """No block has more parts than Slack allows."""
    assert 10 == len(blocks.fields(["x"] * 30)["fields"])  # type: ignore[arg-type]
    assert 10 == len(blocks.context(["x"] * 30)["elements"])  # type: ignore[arg-type]
    assert 25 == len(blocks.actions([BUTTON] * 30)["elements"])  # type: ignore[arg-type]


def test_no_text_is_empty() -> None:
    """Slack refuses an empty text, so a dash stands for nothing."""
    made = [
        blocks.header(""),
        blocks.section(""),
        blocks.fields([]),
        blocks.context([]),
        blocks.divider(),
        blocks.rich_text(
            blocks.paragraph(),
            blocks.bullets([[], [blocks.words("")]]),
            blocks.preformatted(""),
            blocks.paragraph(
                blocks.strong(""), blocks.code(""), blocks.link("https://example.com", "")
            ),
        ),
    ]

    assert [] == faults(Card("text", made))


def test_lists_are_of_two_kinds() -> None:
    """A list is of bullets unless its order matters."""
    items = [[blocks.words("x")]]

    assert "bullet" == blocks.bullets(items)["style"]
    assert "ordered" == blocks.bullets(items, ordered=True)["style"]
