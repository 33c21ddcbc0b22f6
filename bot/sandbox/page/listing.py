"""What the page offers a newcomer: the app's commands and shortcuts, and domains to try.

Commands and shortcuts are what the app's manifest registers, as in Slack; nothing else is offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; ``escapes``: Slack sends links and mentions in its text as ``<…>``."""

    command: str
    description: str
    usage_hint: str
    escapes: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut, in a message's menu or (``is_global``) beside the composer."""

    callback_id: str
    name: str
    is_global: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A domain to try, and what it shows."""

    domain: str
    shows: str


@dataclass(frozen=True, slots=True)
class Listing:
    """All that is offered; ``has_home``: the app has a Home tab."""

    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    has_home: bool = False


def listing_of(manifest: Mapping[str, Any], suggestions: Sequence[Suggestion] = ()) -> Listing:
    """Return what an app manifest registers, with domains to try."""
    features = manifest.get("features", {})
    return Listing(
        commands=tuple(
            Command(
                each["command"],
                each.get("description", ""),
                each.get("usage_hint", ""),
                bool(each.get("should_escape")),
            )
            for each in features.get("slash_commands", ())
        ),
        shortcuts=tuple(
            Shortcut(each["callback_id"], each["name"], each["type"] == "global")
            for each in features.get("shortcuts", ())
        ),
        suggestions=tuple(suggestions),
        has_home=bool(features.get("app_home", {}).get("home_tab_enabled")),
    )
