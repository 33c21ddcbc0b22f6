"""What a person does on the page, by name: each is done to the stand-in as a test would do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.page import presets
from bot.sandbox.page.composing import as_command, as_message
from bot.sandbox.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.sandbox.page.listing import Command, Listing
    from bot.sandbox.slack import Delivery, Message, StandIn
    from bot.sandbox.slack.views import OpenView


class DeedError(Exception):
    """What was asked for cannot be done; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a person did: who, and the details that the page sent."""

    slack: StandIn
    listing: Listing
    me: str
    details: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a detail that must be a text; DeedError when it is not."""
        value = self.details.get(name)
        if not isinstance(value, str):
            raise DeedError(f"{name} is missing")
        return value


async def do(deed: Deed) -> str:
    """Do a deed; return Slack's word for how its delivery failed, empty when all is well.

    Raises:
        DeedError: there is no such deed, or it makes no sense now.
    """
    try:
        act = _DEEDS[deed.text("deed")]
        delivery = await act(deed)
    except (LookupError, SlackError) as error:
        raise DeedError(str(error)) from error
    return "" if delivery is None else delivery.error


async def _send(deed: Deed) -> Delivery | None:
    """Send what stands in the composer: a slash command or a message."""
    slack, text, channel = deed.slack, deed.text("text"), deed.text("channel")
    if slack.channel(channel).channel.archived:
        raise DeedError("This channel is archived: nobody can post here.")
    thread_ts = deed.details.get("thread_ts")
    if not text.startswith("/"):
        await slack.say(
            deed.me, channel, as_message(text, slack.workspace), thread_ts=thread_ts or None
        )
        return None
    name, _, rest = text.partition(" ")
    if thread_ts:
        raise DeedError(f"{name} is not supported in threads. Slack takes it in the channel only.")
    command = _command(deed.listing, name)
    typed = as_command(rest.strip(), slack.workspace, escapes=command.escapes)
    return await slack.slash_command(deed.me, channel, typed, command=command.command)


def _command(listing: Listing, name: str) -> Command:
    for command in listing.commands:
        if command.command == name:
            return command
    raise DeedError(f"{name} is not a valid command.")


async def _press(deed: Deed) -> Delivery:
    view_id = deed.details.get("view")
    source: Message | OpenView = deed.slack.state.views.find(view_id) if view_id else _message(deed)
    return await deed.slack.press(
        deed.me,
        source,
        deed.text("action_id"),
        deed.details.get("chosen"),
        deed.details.get("typed"),
    )


async def _submit(deed: Deed) -> Delivery:
    return await deed.slack.submit(deed.me, deed.details.get("typed"))


async def _close(deed: Deed) -> Delivery | None:
    return await deed.slack.close_view(deed.me)


async def _shortcut(deed: Deed) -> Delivery:
    callback_id = deed.text("callback_id")
    if deed.details.get("ts"):
        return await deed.slack.message_shortcut(deed.me, _message(deed), callback_id)
    return await deed.slack.global_shortcut(deed.me, callback_id)


async def _home(deed: Deed) -> Delivery:
    return await deed.slack.open_home(deed.me)


async def _delete(deed: Deed) -> None:
    deed.slack.workspace.delete(_message(deed))


async def _cause(deed: Deed) -> None:
    presets.cause(deed.slack, deed.text("preset"))


async def _clear(deed: Deed) -> None:
    deed.slack.faults.clear()
    deed.slack.state.revoked = False
    deed.slack.state.scopes |= {"chat:write"}
    deed.slack.workspace.tell("faults", None)


def _message(deed: Deed) -> Message:
    message = deed.slack.workspace.find(deed.text("channel"), deed.text("ts"))
    if message is None:
        raise DeedError("This message is no longer there.")
    return message


_DEEDS: dict[str, Callable[[Deed], Awaitable[Delivery | None]]] = {
    "send": _send,
    "press": _press,
    "submit": _submit,
    "close": _close,
    "shortcut": _shortcut,
    "home": _home,
    "delete": _delete,
    "cause": _cause,
    "clear": _clear,
}
