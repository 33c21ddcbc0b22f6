"""Carries what people do to the app, by Socket Mode or HTTP, and keeps the record of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.delivery import Delivery, Kind, Retry
from bot.sandbox.slack.http_delivery import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.slack.delivery import Transport
    from bot.sandbox.slack.state import State


class Courier:
    """The way to the app.

    Args:
        state: the stand-in's state.
        request_url: the app's address for HTTP; None for Socket Mode.
        deadline_s: seconds that an ack may take.
    """

    def __init__(self, state: State, request_url: str | None, deadline_s: float) -> None:
        self._state = state
        self._deadline_s = deadline_s
        self.request_url = request_url
        self.retry_after_s: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.deliveries: list[Delivery] = []

    async def deliver(
        self, kind: Kind, payload: Mapping[str, Any], retry: Retry | None = None
    ) -> Delivery:
        """Send one payload once, wait for its ack, and keep the record."""
        at = self._state.clock()
        delivery = replace(await self._transport().send(kind, payload, retry), at=at)
        self.deliveries.append(delivery)
        self._state.workspace.tell("delivery", delivery)
        return delivery

    async def event(self, event: Mapping[str, Any]) -> Delivery:
        """Deliver an event, again where it was not acknowledged: at once, after 1 and 5 minutes."""
        payload = payloads.event_callback(self._state, event)
        delivery = await self.deliver(Kind.EVENT, payload)
        for number, pause_s in enumerate(self.retry_after_s, start=1):
            if delivery.in_time:
                break
            await asyncio.sleep(pause_s)
            delivery = await self.deliver(Kind.EVENT, payload, Retry(number))
        return delivery

    def _transport(self) -> Transport:
        if self.request_url is None:
            return self._state.sockets
        secret, clock = self._state.signing_secret, self._state.clock
        return HttpTransport(self.request_url, secret, clock, self._deadline_s)
