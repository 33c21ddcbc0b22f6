"""A press names what was pressed and chosen, as Slack's payloads do."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.interactive import action_on, values_of


def plain(text: str) -> dict[str, Any]:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    """Return an option that shows its value in capitals."""
    return {"text": plain(value.upper()), "value": value}


BUTTON = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "7", "style": "danger"}
MENU = {"type": "radio_buttons", "action_id": "more", "options": [option("a"), option("b")]}
BOXES = {
    "type": "checkboxes",
    "action_id": "flags",
    "options": [option("a"), option("b")],
    "initial_options": [option("a")],
}
SELECT = {"type": "radio_buttons", "action_id": "one", "options": [option("a"), option("b")]}
BLOCKS: list[dict[str, Any]] = [
    {"type": "context", "block_id": "x", "elements": [plain("no button")]},
    {"type": "actions", "block_id": "a", "elements": [BUTTON, BOXES, MENU]},
    {"type": "input", "block_id": "i", "element": SELECT},
    {
        "type": "input",
        "block_id": "t",
        "element": {"type": "plain_text_input", "action_id": "domain", "initial_value": "x.test"},
    },
    {
        "type": "input",
        "block_id": "w",
        "element": {"type": "conversations_select", "action_id": "to", "initial_conversation": "C"},
    },
]


@pytest.mark.parametrize("name", ["go", "Go"])
def test_button_is_found_by_id_or_label(name: str) -> None:
    """A button's action carries its value, text, style and block."""
    action = action_on(BLOCKS, name, None)

    assert ("go", "7", "danger", "a") == tuple(
        action[key] for key in ("action_id", "value", "style", "block_id")
    )


def test_option_is_found_by_value_or_label() -> None:
    """A choice's action carries the option that was chosen, checkboxes several."""
    assert option("b") == action_on(BLOCKS, "more", "B")["selected_option"]
    assert [option("a")] == action_on(BLOCKS, "flags", "a")["selected_options"]
    with pytest.raises(LookupError, match="no option"):
        action_on(BLOCKS, "more", "c")


def test_input_carries_its_value() -> None:
    """A text input and a picker have their own names for what stands in them."""
    assert "y.test" == action_on(BLOCKS, "domain", "y.test")["value"]
    assert "C2" == action_on(BLOCKS, "to", "C2")["selected_conversation"]


def test_what_is_not_shown_cannot_be_pressed() -> None:
    """Pressing nothing says what there is."""
    with pytest.raises(LookupError, match="domain"):
        action_on(BLOCKS, "gone", None)


def test_state_holds_initial_values_and_what_was_typed() -> None:
    """The state of a view has every input: as it began, or as it was left."""
    begun = values_of(BLOCKS, {})
    assert "x.test" == begun["t"]["domain"]["value"]
    assert [option("a")] == begun["a"]["flags"]["selected_options"]
    assert begun["i"]["one"]["selected_option"] is None
    assert "C" == begun["w"]["to"]["selected_conversation"]
    assert "go" not in begun["a"]

    left = values_of(BLOCKS, {"domain": "y.test", "flags": ["b"], "one": "a", "to": "C2"})
    assert "y.test" == left["t"]["domain"]["value"]
    assert [option("b")] == left["a"]["flags"]["selected_options"]
    assert option("a") == left["i"]["one"]["selected_option"]
    assert "C2" == left["w"]["to"]["selected_conversation"]
    assert values_of(BLOCKS, {"one": None})["i"]["one"]["selected_option"] is None
