"""What people do in a workspace: type, press, submit, choose; each as Slack would let them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack import payloads, reply
from bot.sandbox.slack.delivery import Delivery, Kind, Retry
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.interactive import action_on, values_of
from bot.sandbox.slack.response_url import Place
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.views import OpenView
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.slack.courier import Courier
    from bot.sandbox.slack.state import State


class People:
    """The people of a workspace, by name or id.

    Args:
        state: what they see and change.
        courier: the way to the app.
    """

    def __init__(self, state: State, courier: Courier) -> None:
        self.state = state
        self.courier = courier
        self.workspace = state.workspace

    async def slash_command(
        self, user: str, channel: str, text: str = "", *, command: str = "/relaycheck"
    ) -> Delivery:
        """Type a slash command; what the ack says is shown, a failure is told by Slackbot."""
        who, where = self.workspace.user(user), self.workspace.channel(channel)
        payload = payloads.slash_command(self.state, who, where, command, text)
        delivery = await self.courier.deliver(Kind.SLASH, payload)
        place = Place(where.id, who.id)
        error = delivery.error
        if not error and delivery.body:
            try:
                reply.answer(self.state, place, delivery.body)
            except SlackError as refused:
                error = refused.error
        if error:
            text = f"{command} failed with the error “{error}”"
            reply.slackbot(self.state, place, text)
        return delivery

    async def press(
        self,
        user: str,
        source: Message | OpenView,
        action_id: str,
        chosen: str | None = None,
        typed: Mapping[str, str | Sequence[str] | None] | None = None,
    ) -> Delivery:
        """Press a button, or choose an option of a menu, on a message or in a view.

        Args:
            user: who presses, by name or id.
            source: the message or view.
            action_id: the element's action_id, or the text it shows.
            chosen: the option's value or text.
            typed: what stands in the inputs beside it, by action_id.

        Raises:
            LookupError: no such element is shown.
        """
        blocks = source.wire["blocks"] if isinstance(source, OpenView) else source.blocks
        action = action_on(blocks, action_id, chosen)
        values = values_of(blocks, typed or {})
        who = self.workspace.user(user)
        payload = payloads.block_actions(self.state, who, source, action, values)
        return await self.courier.deliver(Kind.INTERACTIVE, payload)

    async def submit(
        self, user: str, typed: Mapping[str, str | Sequence[str] | None] | None = None
    ) -> Delivery:
        """Submit the topmost modal of a person; the app's response_action is carried out.

        Raises:
            LookupError: no modal is open.
        """
        who = self.workspace.user(user)
        view = self._top(who.id)
        values = values_of(view.wire["blocks"], typed or {})
        payload = payloads.view_submission(self.state, who, view, values)
        delivery = await self.courier.deliver(Kind.INTERACTIVE, payload)
        if delivery.in_time:
            reply.carry_out(
                self.state, view, delivery.body if isinstance(delivery.body, dict) else {}
            )
        return delivery

    async def close_view(self, user: str, *, everything: bool = False) -> Delivery | None:
        """Close the topmost modal; the app hears of it when the view asked for that."""
        who = self.workspace.user(user)
        view = self._top(who.id)
        self.state.views.close(who.id, everything=everything)
        self.workspace.tell("view", view)
        if not view.wire.get("notify_on_close"):
            return None
        payload = payloads.view_closed(self.state, who, view, is_cleared=everything)
        return await self.courier.deliver(Kind.INTERACTIVE, payload)

    async def message_shortcut(self, user: str, message: Message, callback_id: str) -> Delivery:
        """Choose a shortcut in a message's menu."""
        who = self.workspace.user(user)
        payload = payloads.message_shortcut(self.state, who, message, callback_id)
        return await self.courier.deliver(Kind.INTERACTIVE, payload)

    async def global_shortcut(self, user: str, callback_id: str) -> Delivery:
        """Choose a shortcut beside the composer."""
        payload = payloads.global_shortcut(self.state, self.workspace.user(user), callback_id)
        return await self.courier.deliver(Kind.INTERACTIVE, payload)

    async def open_home(self, user: str) -> Delivery:
        """Open the app's Home tab."""
        who = self.workspace.user(user)
        dm = self.workspace.direct(who.id, BOT_USER)
        event = {"type": "app_home_opened", "user": who.id, "channel": dm.id, "tab": "home"}
        return await self.event(event)

    async def say(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None
    ) -> Message:
        """Post a message as a person; a mention of the app, or a DM to it, is delivered as well."""
        who, where = self.workspace.user(user), self.workspace.channel(channel)
        message = self.workspace.keep(
            Message(
                channel=where.id,
                ts=self.workspace.stamp(),
                user=who.id,
                text=text,
                thread_ts=thread_ts,
            )
        )
        if f"<@{BOT_USER}>" in text and BOT_USER in where.members:
            event = {"type": "app_mention", "user": who.id, "text": text, "ts": message.ts}
            thread = {"thread_ts": thread_ts} if thread_ts else {}
            await self.event({**event, **thread, "channel": where.id})
        return message

    async def event(self, event: Mapping[str, Any]) -> Delivery:
        """Deliver an event of any type, with Slack's retries."""
        return await self.courier.event(event)

    async def again(self, delivery: Delivery) -> Delivery:
        """Deliver the very same payload a second time, as Slack may."""
        return await self.courier.deliver(delivery.kind, delivery.payload, Retry(1))

    def _top(self, user: str) -> OpenView:
        stack = self.state.views.stack(user)
        if not stack:
            raise LookupError("no modal is open")
        return stack[-1]
