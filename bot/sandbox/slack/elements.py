"""Block elements: buttons, menus, inputs, images, and which block may hold which.

Limits: docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.objects import (
    any_text,
    confirmation,
    dispatch_config,
    identifier,
    option,
    option_group,
    plain_text,
)
from bot.sandbox.slack.shape import anything, array, boolean, integer, one_of, record, string

if TYPE_CHECKING:
    from bot.sandbox.slack.shape import Check

_action = {"action_id": identifier}
_confirmed = {**_action, "confirm": confirmation}
_focused = {**_confirmed, "focus_on_load": boolean}
_menu = {**_focused, "placeholder": plain_text(150)}
_many = {"max_selected_items": integer(1, 100)}
_static = {"options": array(option, 100), "option_groups": array(option_group, 100)}
_conversations = {
    "default_to_current_conversation": boolean,
    "response_url_enabled": boolean,
    "filter": anything,
}
_typing = {
    **_action,
    "focus_on_load": boolean,
    "placeholder": plain_text(150),
    "dispatch_action_config": dispatch_config,
}

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
_image = record(
    {"alt_text": string(2000)},
    {"image_url": string(3000), "slack_file": anything},
)

_menus: dict[str, Check] = {
    "static_select": record({}, {**_menu, **_static, "initial_option": option}),
    "external_select": record(
        {}, {**_menu, "min_query_length": integer(0, 100), "initial_option": option}
    ),
    "users_select": record({}, {**_menu, "initial_user": string(20)}),
    "channels_select": record(
        {}, {**_menu, "initial_channel": string(20), "response_url_enabled": boolean}
    ),
    "conversations_select": record(
        {}, {**_menu, **_conversations, "initial_conversation": string(20)}
    ),
    "multi_static_select": record(
        {}, {**_menu, **_static, **_many, "initial_options": array(option, 100)}
    ),
    "multi_users_select": record({}, {**_menu, **_many, "initial_users": array(identifier, 100)}),
    "multi_conversations_select": record(
        {}, {**_menu, **_many, **_conversations, "initial_conversations": array(identifier, 100)}
    ),
    "datepicker": record({}, {**_menu, "initial_date": string(10)}),
    "timepicker": record({}, {**_menu, "initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": record({}, {**_focused, "initial_date_time": integer(0, 10**10 - 1)}),
}
_choices: dict[str, Check] = {
    "checkboxes": record(
        {"options": array(option, 10)}, {**_focused, "initial_options": array(option, 10)}
    ),
    "radio_buttons": record({"options": array(option, 10)}, {**_focused, "initial_option": option}),
}
_inputs: dict[str, Check] = {
    "plain_text_input": record(
        {},
        {
            **_typing,
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
            "initial_value": string(3000, least=0),
        },
    ),
    "email_text_input": record({}, {**_typing, "initial_value": string(3000)}),
    "url_text_input": record({}, {**_typing, "initial_value": string(3000)}),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {
            **_typing,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
    ),
}
_overflow = record({"options": array(option, 5)}, _confirmed)

ACCESSORIES: dict[str, Check] = {
    "button": _button,
    "image": _image,
    "overflow": _overflow,
    **_menus,
    **_choices,
}
ACTIONS: dict[str, Check] = {"button": _button, "overflow": _overflow, **_menus, **_choices}
INPUTS: dict[str, Check] = {**_menus, **_choices, **_inputs}
CONTEXT: dict[str, Check] = {
    "image": _image,
    "plain_text": any_text(3000),
    "mrkdwn": any_text(3000),
}
CONTEXT_ACTIONS: dict[str, Check] = {
    "feedback_buttons": record(
        {
            "positive_button": record({"text": plain_text(75), "value": string(2000)}),
            "negative_button": record({"text": plain_text(75), "value": string(2000)}),
        },
        _action,
    ),
    "icon_button": record(
        {"icon": string(50), "text": plain_text(75)}, {**_confirmed, "value": string(2000)}
    ),
}
INTERACTIVE = ACTIONS.keys() | INPUTS.keys() | CONTEXT_ACTIONS.keys()
