"""What a Web API method is: a function, the token it wants, the scope it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.shape import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.sandbox.slack.state import State


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call; from a form every one is a text, from JSON they are as they are."""

    given: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return an argument as text, empty when it is absent."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return an argument as text; ``invalid_arguments`` when it is absent or empty."""
        if value := self.text(name):
            return value
        raise SlackError(
            "invalid_arguments",
            response_metadata={"messages": [problem(f"missing required field: {name}", "")]},
        )

    def flag(self, name: str) -> bool:
        """Return an argument as true or false."""
        return self.text(name).lower() in ("true", "1")

    def structure(self, name: str, error: str) -> object:
        """Return an argument that is JSON, or JSON in a text; None when absent."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API.

    ``run`` returns the fields of the answer beside ``ok``, or raises SlackError. ``scope`` is the
    one that the bot token must hold; ``app_token``: the method wants an app-level token instead.
    """

    run: Callable[[State, Arguments], dict[str, Any]]
    scope: str | None = None
    app_token: bool = False
