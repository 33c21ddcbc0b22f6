"""Modals and App Home views that are open: stacks, hashes, triggers.

A trigger opens one view within three seconds (docs.slack.dev/surfaces/modals); a modal is the top
of a stack of at most three; App Home is one view for each person.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRIGGER_LIFE_S = 3.0
MAX_STACK = 3


@dataclass(slots=True)
class _Trigger:
    user: str
    issued_at: float
    used: bool = False


@dataclass(slots=True)
class OpenView:
    """A view on somebody's screen.

    ``wire`` is what payloads carry, without its state; ``errors`` what the app said against the
    last submission, by block_id.
    """

    user: str
    wire: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id, ``V…``."""
        return str(self.wire["id"])


class Views:
    """Every view that is open, by person.

    Args:
        clock: the time in seconds, for the life of triggers.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._serial = itertools.count(1)
        self._triggers: dict[str, _Trigger] = {}
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}

    def trigger(self, user: str) -> str:
        """Issue a trigger id for what a person just did."""
        trigger_id = f"{next(self._serial)}.{int(self._clock())}.{secrets.token_hex(8)}"
        self._triggers[trigger_id] = _Trigger(user, self._clock())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Use a trigger up and return whose it is; Slack's errors when it is no longer good."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > TRIGGER_LIFE_S:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def stack(self, user: str) -> tuple[OpenView, ...]:
        """Return a person's open modals, the topmost last."""
        return tuple(self._stacks.get(user, ()))

    def home(self, user: str) -> OpenView | None:
        """Return a person's App Home, if one was published."""
        return self._homes.get(user)

    def open(self, user: str, view: Mapping[str, Any]) -> OpenView:
        """Show a modal in place of all others."""
        self._stacks[user] = []
        return self.push(user, view)

    def push(self, user: str, view: Mapping[str, Any]) -> OpenView:
        """Show a modal on top of the open ones; ``push_limit_reached`` where that are three."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        opened = OpenView(user, self._wire(view))
        opened.wire["root_view_id"] = stack[0].id if stack else opened.id
        opened.wire["previous_view_id"] = stack[-1].id if stack else None
        stack.append(opened)
        return opened

    def publish(self, user: str, view: Mapping[str, Any], hash_: str | None) -> OpenView:
        """Put a person's App Home in place; ``hash_conflict`` when it changed meanwhile."""
        before = self._homes.get(user)
        if before and hash_ not in (None, before.wire["hash"]):
            raise SlackError("hash_conflict")
        home = OpenView(user, self._wire(view, before.id if before else None))
        self._homes[user] = home
        return home

    def update(self, view_id: str, view: Mapping[str, Any], hash_: str | None) -> OpenView:
        """Put other content into an open view; it keeps its id and place."""
        opened = self.find(view_id)
        if hash_ not in (None, opened.wire["hash"]):
            raise SlackError("hash_conflict")
        kept = {key: opened.wire.get(key) for key in ("root_view_id", "previous_view_id")}
        opened.errors = {}
        opened.wire = {**self._wire(view, opened.id), **kept}
        return opened

    def find(self, view_id: str) -> OpenView:
        """Return an open view by its id or external id; ``not_found`` when there is none."""
        everything = [view for stack in self._stacks.values() for view in stack]
        for view in (*everything, *self._homes.values()):
            if view_id and view_id in (view.id, view.wire.get("external_id")):
                return view
        raise SlackError("not_found")

    def close(self, user: str, *, everything: bool = False) -> None:
        """Close a person's topmost modal, or all of them."""
        stack = self._stacks.get(user, [])
        del stack[0 if everything else -1 :]

    def _wire(self, view: Mapping[str, Any], view_id: str | None = None) -> dict[str, Any]:
        defaults = {"callback_id": "", "private_metadata": "", "external_id": ""}
        return {
            **defaults,
            **view,
            "id": view_id or f"V{next(self._serial):08d}",
            "hash": f"{int(self._clock())}.{secrets.token_hex(4)}",
            "state": {"values": {}},
        }
