"""Answers by response_url reach where the app is not a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack import reply
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.response_url import Place
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn

PLACE = Place("C0GENERAL", "U0DANA")


def test_answer_is_for_the_person_unless_in_channel(slack: StandIn) -> None:
    """Ephemeral is the default; plain text is an answer as well."""
    reply.answer(slack.state, PLACE, "hello")
    reply.answer(slack.state, PLACE, {"text": "all", "response_type": "in_channel"})

    seen = slack.channel("general")
    assert ["hello"] == [each.text for each in seen.ephemerals("U0DANA")]
    assert ["all"] == [each.text for each in seen.messages]


def pressed(slack: StandIn) -> Place:
    """Keep an ephemeral message and return the place of a press on it."""
    ts = slack.workspace.stamp()
    slack.workspace.keep(
        Message(channel="C0GENERAL", ts=ts, user="U0RELAYCHK", text="old", ephemeral_to="U0DANA")
    )
    return Place("C0GENERAL", "U0DANA", ts)


def test_original_is_replaced_or_deleted(slack: StandIn) -> None:
    """The message that was pressed can be changed or taken away, though it is ephemeral."""
    place = pressed(slack)

    reply.answer(slack.state, place, {"text": "new", "replace_original": True})
    assert "new" == slack.channel("general").ephemerals()[0].text
    reply.answer(slack.state, place, {"delete_original": True})
    assert () == slack.channel("general").ephemerals()


def test_original_that_is_gone_is_answered_anew(slack: StandIn) -> None:
    """Replacing where nothing was pressed posts a message."""
    reply.answer(slack.state, PLACE, {"text": "new", "replace_original": True, "thread_ts": "1.2"})

    assert "1.2" == slack.channel("general").ephemerals()[0].thread_ts


def test_empty_answer_is_refused(slack: StandIn) -> None:
    """An answer without text or blocks is no_text."""
    with pytest.raises(SlackError, match="no_text"):
        reply.answer(slack.state, PLACE, {"response_type": "in_channel"})


def test_archived_channel_takes_no_answer(slack: StandIn) -> None:
    """A response_url into an archived channel is refused."""
    token = slack.state.response_urls.issue(Place("C0ARCHIVED", "U0DANA")).rsplit("/", 1)[1]

    with pytest.raises(SlackError, match="channel_is_archived"):
        reply.answer_url(slack.state, token, {"text": "x"})


@pytest.mark.parametrize("errors", [{}, {"elsewhere": "no"}, {"words": "no input"}])
def test_errors_stand_at_inputs_of_the_view(slack: StandIn, errors: dict[str, str]) -> None:
    """An error for a block that takes no input cannot be shown."""
    blocks = [{"type": "section", "block_id": "words"}, {"type": "input", "block_id": "domain"}]
    view = slack.state.views.open("U0DANA", {"type": "modal", "blocks": blocks})

    reply.carry_out(slack.state, view, {"response_action": "errors", "errors": {"domain": "no"}})
    with pytest.raises(SlackError, match="invalid_arguments"):
        reply.carry_out(slack.state, view, {"response_action": "errors", "errors": errors})
    assert {"domain": "no"} == view.errors
