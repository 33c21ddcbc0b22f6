"""What an app says back without the Web API: in an ack, or through a response_url.

docs.slack.dev/interactivity/handling-user-interaction#message_responses. It reaches places where
the app is not a member, which is why it is the app's way out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import content_of
from bot.sandbox.slack.methods.method import Arguments
from bot.sandbox.slack.methods.views import checked_view
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.workspace import SLACKBOT, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.slack.response_url import Place
    from bot.sandbox.slack.state import State
    from bot.sandbox.slack.views import OpenView


def answer(state: State, place: Place, body: object) -> None:
    """Show an ack's or response_url's body where it belongs.

    Raises:
        SlackError: Slack's name for what is wrong with the body.
    """
    said = Arguments(body if isinstance(body, dict) else {"text": body})
    pressed = _pressed(state, place)
    if said.flag("delete_original") and pressed is not None:
        state.workspace.delete(pressed)
        return
    content = content_of(said)
    blocks = content.blocks or ()
    if said.flag("replace_original") and pressed is not None:
        state.workspace.keep(replace(pressed, text=content.text, blocks=blocks))
        return
    state.workspace.keep(
        Message(
            channel=place.channel,
            ts=state.workspace.stamp(),
            user=BOT_USER,
            text=content.text,
            blocks=blocks,
            thread_ts=said.text("thread_ts") or None,
            ephemeral_to=None if said.text("response_type") == "in_channel" else place.user,
        )
    )


def slackbot(state: State, place: Place, text: str) -> None:
    """Let Slackbot tell one person what went wrong."""
    state.workspace.keep(
        Message(
            channel=place.channel,
            ts=state.workspace.stamp(),
            user=SLACKBOT,
            text=text,
            ephemeral_to=place.user,
        )
    )


def answer_url(state: State, token: str, body: Mapping[str, Any]) -> None:
    """Handle one POST to a response_url; SlackError says what Slack answers instead of ok."""
    place = state.response_urls.use(token)
    if state.workspace.channel(place.channel).archived:
        raise SlackError("channel_is_archived", status=403)
    answer(state, place, body)


def carry_out(state: State, view: OpenView, body: Mapping[str, Any]) -> None:
    """Do what the ack of a view_submission says (docs.slack.dev/surfaces/modals).

    ``errors`` are kept beside the view, for whoever shows it; no response_action closes it.

    Raises:
        SlackError: what the ack holds is not valid.
    """
    match body.get("response_action"):
        case "errors":
            inputs = {each["block_id"] for each in view.wire["blocks"] if each["type"] == "input"}
            if not body.get("errors") or not inputs.issuperset(body["errors"]):
                raise SlackError("invalid_arguments")
            view.errors = dict(body["errors"])
        case "update":
            state.views.update(view.id, checked_view(body["view"]), None)
        case "push":
            state.views.push(view.user, checked_view(body["view"]))
        case "clear":
            state.views.close(view.user, everything=True)
        case _:
            state.views.close(view.user)
    state.workspace.tell("view", view)


def _pressed(state: State, place: Place) -> Message | None:
    if place.message_ts is None:
        return None
    return state.workspace.find(place.channel, place.message_ts)
