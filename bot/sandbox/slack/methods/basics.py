"""auth.*, apps.*, conversations.*, users.*, usergroups.*, blocks.validate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.block_kit import view_problems
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.content import checked_blocks, visible
from bot.sandbox.slack.methods.method import Arguments, Method
from bot.sandbox.slack.methods.wire import channel_wire, user_wire
from bot.sandbox.slack.sample import APP, BOT, BOT_USER, GROUPS, TEAM

if TYPE_CHECKING:
    from bot.sandbox.slack.state import State


def _auth_test(state: State, _args: Arguments) -> dict[str, Any]:
    return {
        "url": f"{state.origin}/",
        "team": "Sandbox",
        "user": state.workspace.users[BOT_USER].name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def _connections_open(state: State, _args: Arguments) -> dict[str, Any]:
    origin = state.origin.replace("http", "ws", 1)
    return {"url": f"{origin}/link/?ticket={state.sockets.ticket()}&app_id={APP}"}


def _conversations_info(state: State, args: Arguments) -> dict[str, Any]:
    return {"channel": channel_wire(visible(state, args.required("channel")))}


def _conversations_open(state: State, args: Arguments) -> dict[str, Any]:
    user = args.required("users")
    if user not in state.workspace.users:
        raise SlackError("user_not_found")
    return {"channel": {"id": state.workspace.direct(user, BOT_USER).id}}


def _users_info(state: State, args: Arguments) -> dict[str, Any]:
    user = state.workspace.users.get(args.required("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_wire(user)}


def _group_members(_platform: State, args: Arguments) -> dict[str, Any]:
    members = GROUPS.get(args.required("usergroup"))
    if members is None:
        raise SlackError("no_such_subteam")
    return {"users": list(members)}


def _blocks_validate(_platform: State, args: Arguments) -> dict[str, Any]:
    view = args.structure("view", "invalid_arguments")
    if view is None:
        checked_blocks(args.structure("blocks", "invalid_blocks_format"))
    elif problems := view_problems(view):
        raise SlackError(
            "invalid_blocks", errors=problems, response_metadata={"messages": problems}
        )
    return {}


METHODS = {
    "auth.test": Method(_auth_test),
    "apps.connections.open": Method(_connections_open, app_token=True),
    "blocks.validate": Method(_blocks_validate),
    "conversations.info": Method(_conversations_info, scope="channels:read"),
    "conversations.open": Method(_conversations_open, scope="im:write"),
    "usergroups.users.list": Method(_group_members, scope="usergroups:read"),
    "users.info": Method(_users_info, scope="users:read"),
}
