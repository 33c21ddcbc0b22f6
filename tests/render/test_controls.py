"""Tests of what can be pressed and typed, held against the limits that the stand-in keeps."""

from typing import Any

import pytest

from bot.render import blocks, controls
from bot.sandbox.slack.block_kit import Surface, block_problems, view_problems

LONG = "x" * 5000
WORDS = {"a": LONG, "b": "short"}


@pytest.mark.parametrize("text", ["Check again", LONG])
def test_buttons_keep_slacks_limits(text: str) -> None:
    """A button with a question before it is valid, however long its words."""
    pressed = controls.button(
        text, "id", "value", style="primary", confirm=controls.confirm(text, text, text)
    )

    assert [] == list(block_problems([blocks.actions([pressed])], Surface.MESSAGE))


@pytest.mark.parametrize("text", ["Domain", LONG])
def test_inputs_keep_slacks_limits(text: str) -> None:
    """A modal with every kind of input is valid, however long its words."""
    view = controls.modal(
        text,
        [
            controls.text_input(text, "domain", placeholder=text),
            controls.quick_input(text, "quick", placeholder=text),
            controls.checkboxes(text, "options", WORDS),
            controls.radio_buttons(text, "choice", WORDS),
            controls.conversation_select(text, "where"),
        ],
        callback_id="id",
        submit=text,
    )

    assert [] == list(view_problems(view))


def test_a_view_without_submit_is_closed() -> None:
    """What only shows something has no button to submit it."""
    view = controls.modal("Evidence", [blocks.section("x")], callback_id="id")

    assert "submit" not in view
    assert [] == list(view_problems(view))


def test_a_home_holds_a_hundred_blocks() -> None:
    """What does not fit in an App Home is left off."""
    view: dict[str, Any] = controls.home([blocks.section("x")] * 150)

    assert 100 == len(view["blocks"])
    assert [] == list(view_problems(view))
