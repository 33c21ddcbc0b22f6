"""Block elements that the bot posts: buttons, choices and inputs, and which block may hold which.

Limits: docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.objects import (
    confirmation,
    dispatch_config,
    identifier,
    option,
    plain_text,
)
from bot.sandbox.slack.shape import anything, array, boolean, integer, one_of, record, string

if TYPE_CHECKING:
    from bot.sandbox.slack.shape import Check

_action = {"action_id": identifier}
_confirmed = {**_action, "confirm": confirmation}
_focused = {**_confirmed, "focus_on_load": boolean}

_button = record(
    {"text": plain_text(75)},
    {
        **_confirmed,
        "url": string(3000),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
_choices: dict[str, Check] = {
    "checkboxes": record(
        {"options": array(option, 10)}, {**_focused, "initial_options": array(option, 10)}
    ),
    "radio_buttons": record({"options": array(option, 10)}, {**_focused, "initial_option": option}),
}

ACTIONS: dict[str, Check] = {"button": _button, **_choices}
INPUTS: dict[str, Check] = {
    **_choices,
    "conversations_select": record(
        {},
        {
            **_focused,
            "placeholder": plain_text(150),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
            "initial_conversation": string(20),
        },
    ),
    "plain_text_input": record(
        {},
        {
            **_action,
            "focus_on_load": boolean,
            "placeholder": plain_text(150),
            "dispatch_action_config": dispatch_config,
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
            "initial_value": string(3000, least=0),
        },
    ),
}
INTERACTIVE = ACTIONS.keys() | INPUTS.keys()
