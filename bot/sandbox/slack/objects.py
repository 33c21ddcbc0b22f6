"""Composition objects of Block Kit: text, confirmation dialogs, options.

Limits: docs.slack.dev/reference/block-kit/composition-objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.shape import array, boolean, one_of, record, string, typed

if TYPE_CHECKING:
    from bot.sandbox.slack.shape import Check

identifier = string(255)


def plain_text(most: int) -> Check:
    """Check for a plain_text object."""
    return typed({"plain_text": record({"text": string(most)}, {"emoji": boolean})})


def any_text(most: int) -> Check:
    """Check for a plain_text or mrkdwn object."""
    return typed(
        {
            "plain_text": record({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": record({"text": string(most)}, {"verbatim": boolean}),
        }
    )


confirmation = record(
    {"title": plain_text(100), "text": any_text(300)},
    {
        "confirm": plain_text(30),
        "deny": plain_text(30),
        "style": one_of("primary", "danger"),
    },
)
option = record({"text": any_text(75), "value": string(150)}, {"description": any_text(75)})
dispatch_config = record(
    {}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}
)
