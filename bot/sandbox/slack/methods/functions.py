"""functions.*: how an app says that a step of a workflow is done, or cannot be.

docs.slack.dev/reference/methods/functions.completeSuccess and functions.completeError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.method import Arguments, Method

if TYPE_CHECKING:
    from bot.sandbox.slack.state import State


def _complete_success(_state: State, args: Arguments) -> dict[str, Any]:
    args.required("function_execution_id")
    if not isinstance(args.structure("outputs", "invalid_arguments"), dict):
        raise SlackError("invalid_arguments")
    return {}


def _complete_error(_state: State, args: Arguments) -> dict[str, Any]:
    args.required("function_execution_id")
    args.required("error")
    return {}


METHODS = {
    "functions.completeSuccess": Method(_complete_success),
    "functions.completeError": Method(_complete_error),
}
