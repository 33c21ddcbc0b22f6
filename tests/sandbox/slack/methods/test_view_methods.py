"""views.*: triggers, stacks, App Home, and what is wrong with a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.method import Arguments

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Evidence"}, "blocks": []}
HOME = {"type": "home", "blocks": []}


def call(slack: StandIn, method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Call a method as the server does once a call is let in."""
    return METHODS[method].run(slack.state, Arguments(given))


def test_modal_is_opened_pushed_and_updated(slack: StandIn) -> None:
    """The life of a modal, by view_id and by external_id."""
    trigger = slack.state.views.trigger
    root = call(slack, "views.open", trigger_id=trigger("U0DANA"), view=MODAL)["view"]
    pushed = {**MODAL, "external_id": "mine"}
    call(slack, "views.push", trigger_id=trigger("U0DANA"), view=pushed)
    changed = {**MODAL, "callback_id": "changed"}

    call(slack, "views.update", view_id=root["id"], hash=root["hash"], view=changed)
    call(slack, "views.update", external_id="mine", view=changed)

    stack = slack.state.views.stack("U0DANA")
    assert ["changed", "changed"] == [view.wire["callback_id"] for view in stack]


def test_home_is_published_for_a_person(slack: StandIn) -> None:
    """App Home needs a person of the workspace."""
    assert "home" == call(slack, "views.publish", user_id="U0DANA", view=HOME)["view"]["type"]
    with pytest.raises(SlackError, match="invalid_arguments"):
        call(slack, "views.publish", user_id="U0X", view=HOME)


def test_bad_view_is_refused_with_messages(slack: StandIn) -> None:
    """invalid_arguments comes with what is wrong; the trigger is used up by then, as Slack's is."""
    with pytest.raises(SlackError) as caught:
        call(slack, "views.open", trigger_id=slack.state.views.trigger("U0DANA"), view={})

    assert "invalid_arguments" == caught.value.error
    assert caught.value.body["response_metadata"]["messages"]
