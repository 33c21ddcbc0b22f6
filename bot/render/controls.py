"""What can be pressed, chosen and typed in Slack, and the views for it, within Slack's limits.

The interactive half of Block Kit, as much of it as relaycheck uses; ``blocks`` has the other. Texts
here are ours, or inert. Knows no reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.render.inert import cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.render.blocks import Block, Element

View: TypeAlias = dict[str, object]

# https://docs.slack.dev/reference/block-kit/block-elements/ and composition-objects/
BUTTON_TEXT = 75
OPTION_TEXT = 75
LABEL = 2000
VIEW_TITLE = 24
VIEW_BLOCKS = 100
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300


def button(
    text: str,
    action_id: str,
    value: str,
    *,
    style: str | None = None,
    confirm: Element | None = None,
) -> Element:
    """Return a button; ``value`` comes back when it is pressed."""
    made: Element = {
        "type": "button",
        "action_id": action_id,
        "text": plain(text, BUTTON_TEXT),
        "value": value,
    }
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def confirm(title: str, text: str, yes: str) -> Element:
    """Return the question that stands before an act which others will see."""
    return {
        "title": plain(title, CONFIRM_TITLE),
        "text": plain(text, CONFIRM_TEXT),
        "confirm": plain(yes, 30),
        "deny": plain("Not now", 30),
    }


def options(words: Mapping[str, str]) -> list[Element]:
    """Return options for a choice, from value to text."""
    return [{"text": plain(text, OPTION_TEXT), "value": value} for value, text in words.items()]


def text_input(label: str, action_id: str, *, placeholder: str) -> Block:
    """Return a line to type into, under its label; its block and action share a name."""
    return _input(label, action_id, _text_element(action_id, placeholder))


def quick_input(label: str, action_id: str, *, placeholder: str) -> Block:
    """Return a line to type into that acts when Enter is pressed in it."""
    acts = {"dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}
    element = _text_element(action_id, placeholder) | acts
    return _input(label, action_id, element) | {"dispatch_action": True}


def checkboxes(label: str, action_id: str, words: Mapping[str, str]) -> Block:
    """Return boxes to tick, none of which must be."""
    element: Element = {"type": "checkboxes", "action_id": action_id, "options": options(words)}
    return _input(label, action_id, element) | {"optional": True}


def radio_buttons(label: str, action_id: str, words: Mapping[str, str]) -> Block:
    """Return a choice of exactly one, the first of them chosen to begin with."""
    every = options(words)
    element: Element = {
        "type": "radio_buttons",
        "action_id": action_id,
        "options": every,
        "initial_option": every[0],
    }
    return _input(label, action_id, element)


def conversation_select(label: str, action_id: str) -> Block:
    """Return a choice of where to post; it brings a response_url for the place."""
    element: Element = {
        "type": "conversations_select",
        "action_id": action_id,
        "default_to_current_conversation": True,
        "response_url_enabled": True,
    }
    return _input(label, action_id, element)


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    private_metadata: str = "",
    submit: str | None = None,
) -> View:
    """Return a modal; with ``submit``, its inputs come back as a view_submission."""
    made: View = {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "title": plain(title, VIEW_TITLE),
        "close": plain("Cancel" if submit else "Close", VIEW_TITLE),
        "blocks": list(blocks)[:VIEW_BLOCKS],
    }
    return made | ({"submit": plain(submit, VIEW_TITLE)} if submit else {})


def home(blocks: Sequence[Block]) -> View:
    """Return an App Home."""
    return {"type": "home", "blocks": list(blocks)[:VIEW_BLOCKS]}


def plain(text: str, limit: int) -> Element:
    """Return literal text, cut to what Slack takes there."""
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}


def _text_element(action_id: str, placeholder: str) -> Element:
    return {
        "type": "plain_text_input",
        "action_id": action_id,
        "placeholder": plain(placeholder, 150),
        "max_length": 300,
    }


def _input(label: str, block_id: str, element: Element) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, LABEL),
        "element": element,
    }
