"""What Slack's client makes of what a person types, before it is sent anywhere.

docs.slack.dev/messaging/formatting-message-text: ``&``, ``<`` and ``>`` are escaped, so nobody
types a mention by hand; an ``@name`` that exists becomes one. A slash command whose manifest says
``should_escape`` gets links and e-mail addresses as ``<…>`` as well, bare domains among them.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.slack import Workspace

_BROADCASTS = ("channel", "here", "everyone")
_NAME = re.compile(r"(?<![\w@])@([\w.-]*\w)")
_LINK = re.compile(
    r"(?P<url>https?://[^\s<>|]+)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@./-])(?P<domain>[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})(?P<path>/[^\s<>|]*)?(?![\w@.-])",
    re.IGNORECASE,
)


def as_message(text: str, workspace: Workspace) -> str:
    """Return the ``text`` of a message that a person typed."""

    def mention(found: re.Match[str]) -> str:
        name = found[1].lower()
        if name in _BROADCASTS:
            return f"<!{name}>"
        try:
            return f"<@{workspace.user(name).id}>"
        except KeyError:
            return found[0]

    return _NAME.sub(mention, escape(text, quote=False))


def as_command(text: str, workspace: Workspace, *, escapes: bool) -> str:
    """Return the ``text`` of a slash command; without ``escapes`` it is what was typed."""
    if not escapes:
        return text

    def link(found: re.Match[str]) -> str:
        if found["url"]:
            return f"<{found['url']}>"
        if found["mail"]:
            return f"<mailto:{found['mail']}|{found['mail']}>"
        return f"<http://{found[0]}|{found[0]}>"

    def mention(found: re.Match[str]) -> str:
        try:
            user = workspace.user(found[1].lower())
        except KeyError:
            return found[0]
        return f"<@{user.id}|{user.name}>"

    return _NAME.sub(mention, _LINK.sub(link, escape(text, quote=False)))
