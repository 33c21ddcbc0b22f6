"""The Web API methods that the stand-in answers, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.methods import basics, chat, files, functions, history, views

if TYPE_CHECKING:
    from bot.sandbox.slack.methods.method import Method

METHODS: dict[str, Method] = {
    **basics.METHODS,
    **chat.METHODS,
    **files.METHODS,
    **functions.METHODS,
    **history.METHODS,
    **views.METHODS,
}
