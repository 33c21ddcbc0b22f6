"""views.*: modals opened, pushed and updated; App Home published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.block_kit import view_problems
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import with_ids
from bot.sandbox.slack.methods.method import Arguments, Method
from bot.sandbox.slack.sample import APP, BOT, TEAM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.slack.state import State
    from bot.sandbox.slack.views import OpenView


def checked_view(view: object) -> dict[str, Any]:
    """Return a view with all ids filled in, or raise what Slack answers."""
    if problems := view_problems(view):
        raise SlackError("invalid_arguments", response_metadata={"messages": problems})
    if not isinstance(view, dict):  # pragma: no cover - view_problems has refused it
        raise TypeError
    return {**view, "blocks": with_ids(view["blocks"])}


def view_wire(view: OpenView, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an open view as payloads carry it, with what was typed into it."""
    owner = {"team_id": TEAM, "app_id": APP, "bot_id": BOT}
    return {**view.wire, **owner, "state": {"values": dict(values or {})}}


def _given(args: Arguments) -> dict[str, Any]:
    return checked_view(args.structure("view", "invalid_arguments"))


def _open(state: State, args: Arguments) -> dict[str, Any]:
    user = state.views.exchange(args.required("trigger_id"))
    return _shown(state, state.views.open(user, _given(args)))


def _push(state: State, args: Arguments) -> dict[str, Any]:
    user = state.views.exchange(args.required("trigger_id"))
    return _shown(state, state.views.push(user, _given(args)))


def _update(state: State, args: Arguments) -> dict[str, Any]:
    view_id = args.text("view_id") or args.required("external_id")
    return _shown(state, state.views.update(view_id, _given(args), args.text("hash") or None))


def _publish(state: State, args: Arguments) -> dict[str, Any]:
    user = args.required("user_id")
    if user not in state.workspace.users:
        raise SlackError("invalid_arguments")
    home = state.views.publish(user, _given(args), args.text("hash") or None)
    return _shown(state, home)


def _shown(state: State, view: OpenView) -> dict[str, Any]:
    state.workspace.tell("view", view)
    return {"view": view_wire(view)}


METHODS = {
    "views.open": Method(_open),
    "views.push": Method(_push),
    "views.update": Method(_update),
    "views.publish": Method(_publish),
}
