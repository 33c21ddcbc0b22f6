"""The messages of one check in one channel: each posted once, then kept current in place.

Knows how often Slack wants to hear from us and what to do when it refuses. A message is sent when
it differs from what Slack shows; what became old while waiting is never sent. Knows nothing of
checks: it is handed cards.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.deliver.ledger import NO_LEDGER
from bot.deliver.message import Message, Pace
from bot.deliver.plainer import PLAINEST, with_line
from bot.deliver.plainer import plainer as made_plainer
from bot.deliver.search import find, metadata
from bot.deliver.turns import Turns
from bot.deliver.web_api import Refusal, Remedy, answer_or_refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.deliver.ledger import Ledger
    from bot.render.card import Card

log = logging.getLogger(__name__)

PARENT = ""
_ANEW_AT_MOST = 3
POSTED_AGAIN = "Posted again: Slack's answer to the first try was lost, so this may stand twice."


@dataclass(slots=True, kw_only=True)
class Outbox:
    """Keeps a parent message and its thread replies current in one channel.

    Run ``keep_current`` as a task, say what is wanted with ``want``, end with ``finish``.
    ``standing`` has the timestamp of each message that stands, by its key, and is kept current;
    what stands already is changed in place of a new one posted. ``doubtful`` names those of which
    nobody knows. ``aloud`` names replies that the channel is to see as well. ``ledger`` is told
    before and after each post. ``turns`` is shared with all others who post in the workspace.
    """

    client: AsyncWebClient
    channel: str
    run_id: str
    thread_ts: str | None = None
    standing: dict[str, str] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    aloud: frozenset[str] = frozenset()
    ledger: Ledger = NO_LEDGER
    pace: Pace = field(default_factory=Pace)
    turns: Turns = field(default_factory=Turns)
    _messages: dict[str, Message] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False
    _stopping: bool = False
    _change_from: float = 0.0
    _failing_since: float | None = None
    _failures: int = 0
    _place: str = field(init=False)  # where it waits for its turn: a DM gets another id later

    def __post_init__(self) -> None:
        self._place = self.channel

    @property
    def parent_ts(self) -> str | None:
        """The timestamp by which Slack knows the parent message; None: not posted (yet)."""
        return self.standing.get(PARENT)

    def want(self, key: str, card: Card, *, order: int | None = None) -> None:
        """Say what a message should show from now on.

        Args:
            key: Which message; ``PARENT`` is the key of the parent, which is the first.
            card: What it should show.
            order: Of those that wait, the lowest is sent first; None: in the order of their coming.
        """
        message = self._messages.get(key)
        if message is None:
            message = self._messages[key] = Message(
                key,
                len(self._messages),
                card,
                ts=self.standing.get(key),
                doubtful=key in self.doubtful,
            )
        else:
            message.wanted = card
            message.is_dirty = card != message.shown
        message.order = message.order if order is None else order
        self._changed.set()

    def finish(self) -> None:
        """Nothing new will be wanted: ``keep_current`` returns once everything is shown."""
        self._closing = True
        self._changed.set()

    def stop(self) -> None:
        """Send nothing more: ``keep_current`` returns once what is under way has been answered."""
        self._stopping = True
        self._changed.set()

    async def keep_current(self) -> Refusal | None:
        """Send what is wanted until ``finish``; return why it could not, where it could not."""
        try:
            return await self._keep_current()
        finally:
            self.turns.is_silent(self._place, id(self), silent=False)

    async def _keep_current(self) -> Refusal | None:
        now = asyncio.get_running_loop().time
        while not self._stopping:
            self._changed.clear()
            message = self._next()
            if message is None:
                if self._closing:
                    return None
                await self._changed.wait()
                continue
            is_first = message.order == 0 and message.ts is None
            self.turns.is_silent(self._place, id(self), silent=is_first)
            wait_s = self._due(message) - now()
            if wait_s > 0:
                await self._nap(wait_s)
            elif (refusal := await self._send(message, now())) is not None and not (
                self._can_go_on(message, refusal, now())
            ):
                return refusal
        return None

    def _next(self) -> Message | None:
        """Return the message to send next; replies wait until there is a parent to reply to."""
        dirty = [message for message in self._messages.values() if message.is_dirty]
        if self.parent_ts is None and self.thread_ts is None:
            dirty = [message for message in dirty if message.order == 0]
        return min(dirty, key=lambda message: (self._due(message), message.order), default=None)

    def _due(self, message: Message) -> float:
        """Return when a message may be sent: Slack counts posts and changes apart."""
        if message.ts is not None:
            return max(message.not_before, self._change_from)
        return max(message.not_before, self.turns.due(self._place, id(self), self.pace.interval_s))

    async def _nap(self, wait_s: float) -> None:
        """Wait, but not longer than until something new is wanted: that may be due sooner."""
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _send(self, message: Message, now: float) -> Refusal | None:
        card = message.wanted
        if message.ts is None and message.doubtful:
            await self._look_for(message)
        is_new = message.ts is None
        if is_new:
            self.turns.take(self._place, now, self.pace.interval_s)
            await self.ledger.about_to_post(message.key, self.channel)
        answer = await answer_or_refusal(self._call(message))
        if isinstance(answer, Refusal):
            return answer
        message.ts = self.standing[message.key] = str(answer["ts"])
        self.channel = str(answer["channel"])  # a person's id leads to a DM, which has its own
        if is_new:
            await self.ledger.posted(
                message.key, self.channel, message.ts, doubtful=message.doubtful
            )
        message.shown, message.is_dirty = card, card != message.wanted
        message.changes += 1
        brisk = message.changes < self.pace.brisk
        answered = asyncio.get_running_loop().time()
        message.not_before = answered + (self.pace.interval_s if brisk else self.pace.calm_s)
        self._failing_since, self._failures = None, 0
        return None

    async def _look_for(self, message: Message) -> None:
        """Resolve a doubt where the channel may be read."""
        thread_ts = self.thread_ts or (self.parent_ts if message.order else None)
        found = await find(self.client, self.channel, self.run_id, message.key, thread_ts=thread_ts)
        if found is None:
            return
        message.doubtful = False
        if found.ts is not None:
            message.ts = self.standing[message.key] = found.ts
            await self.ledger.posted(message.key, self.channel, found.ts)

    def _call(self, message: Message) -> Awaitable[AsyncSlackResponse]:
        """Return the call that posts a message, or changes it where it stands already."""
        card = with_line(message.wanted, POSTED_AGAIN) if message.doubtful else message.wanted
        sent = made_plainer(card, message.plainness)
        body: dict[str, Any] = {
            "channel": self.channel,
            "text": sent.text,
            "blocks": sent.blocks,
            "parse": "none",
            "link_names": False,
        }
        if message.ts is not None:
            return self.client.chat_update(**body, ts=message.ts)
        thread_ts = self.thread_ts or (self.parent_ts if message.order else None)
        return self.client.chat_postMessage(
            **body,
            thread_ts=thread_ts,
            reply_broadcast=(thread_ts is not None and message.key in self.aloud) or None,
            unfurl_links=False,
            unfurl_media=False,
            metadata=metadata(self.run_id, message.key),
        )

    def _can_go_on(self, message: Message, refusal: Refusal, now: float) -> bool:
        """Arrange what the refusal calls for; False where only another place can help."""
        log.warning(
            "Slack refused a message: %s (%s) run=%s", refusal.error, refusal.detail, self.run_id
        )
        if refusal.remedy is Remedy.WAIT:
            return self._wait_it_out(message, refusal, now)
        if refusal.remedy is Remedy.PLAINER and message.plainness < PLAINEST:
            message.plainness += 1
            return True
        if refusal.remedy is Remedy.ANEW and message.anew < _ANEW_AT_MOST:
            message.ts = None
            self.standing.pop(message.key, None)  # so that replies wait for the new parent
            message.anew += 1
            return True
        return False

    def _wait_it_out(self, message: Message, refusal: Refusal, now: float) -> bool:
        if self._failing_since is None:
            self._failing_since = now
        message.doubtful = message.doubtful or (refusal.unsure and message.ts is None)
        backoff = min(self.pace.backoff_s * 2**self._failures, self.pace.backoff_max_s)
        self._failures += 1
        wait_s = backoff if refusal.retry_after_s is None else refusal.retry_after_s
        if message.ts is None:
            self.turns.refused(self._place, now, wait_s)
        else:
            self._change_from = now + wait_s
        return now + wait_s - self._failing_since <= self.pace.patience_s
