"""The stand-in as one object: started and stopped, driven by what people do, looked at by tests.

::

    async with StandIn() as slack:
        ...  # start the app with slack.environment()
        ack = await slack.slash_command("dana", "incident", "example.com")
        card = await slack.until(lambda: slack.channel("incident").parents)
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.slack import payloads, reply
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Delivery, Kind, Retry
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.interactive import action_on, values_of
from bot.sandbox.slack.response_url import Place
from bot.sandbox.slack.sample import BOT_USER, sample_workspace
from bot.sandbox.slack.server import make_app
from bot.sandbox.slack.state import State, make_state
from bot.sandbox.slack.views import OpenView
from bot.sandbox.slack.workspace import Conversation, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.sandbox.slack.faults import Faults

T = TypeVar("T")
SCOPES = frozenset({"app_mentions:read", "chat:write", "commands", "files:write"})


class StandIn:
    """A Slack workspace on loopback with one app installed.

    Args:
        port: where to listen on 127.0.0.1; 0 for any free port.
        scopes: the scopes of the bot token.
        request_url: the app's address for deliveries over HTTP; None for Socket Mode. It may be
            set later as ``courier.request_url``, since an app is often started after Slack.
        rate_limits: whether calls are counted as Slack counts them.
        ack_deadline_s: seconds that an ack may take.
        clock: the time in seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - each is one knob of Slack's, with Slack's own default
        self,
        *,
        port: int = 0,
        scopes: frozenset[str] = SCOPES,
        request_url: str | None = None,
        rate_limits: bool = True,
        ack_deadline_s: float = ACK_DEADLINE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state: State = make_state(
            sample_workspace(clock),
            clock,
            scopes,
            ack_deadline_s=ack_deadline_s,
            rate_limits=rate_limits,
        )
        self.workspace = self.state.workspace
        self.app = make_app(self.state)
        self.courier = Courier(self.state, request_url, ack_deadline_s)
        self._port = port
        self._runner = web.AppRunner(self.app, shutdown_timeout=1.0)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.state.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.state.sockets.close()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """The address for SLACK_API_URL."""
        return f"{self.state.origin}/api/"

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Everything that was sent to the app so far."""
        return self.courier.deliveries

    @property
    def faults(self) -> Faults:
        """The faults that wait for Web API calls."""
        return self.state.faults

    def environment(self) -> dict[str, str]:
        """Return the settings by which an app finds this Slack; without request_url Socket Mode."""
        settings = {
            "SLACK_API_URL": self.base_url,
            "SLACK_BOT_TOKEN": self.state.bot_token,
            "SLACK_SIGNING_SECRET": self.state.signing_secret,
        }
        if self.courier.request_url is None:
            settings["SLACK_APP_TOKEN"] = self.state.app_token
        return settings

    def channel(self, name: str) -> Conversation:
        """Return a channel, by name or id, with what it holds now."""
        return self.workspace.conversation(name)

    async def connected(self, count: int = 1) -> None:
        """Wait until the app holds at least so many Socket Mode connections."""
        await self.until(lambda: len(self.state.sockets.connections) >= count)

    async def until(self, look: Callable[[], T], within_s: float = 10.0) -> T:
        """Look again at every change until there is something to see, and return it."""
        async with asyncio.timeout(within_s):
            while not (seen := look()):
                await self.workspace.change()
            return seen

    # ------------------------------------------------------------------ what people do

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
