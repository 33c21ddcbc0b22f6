"""Socket Mode, the server's side: tickets, connections, envelopes and their acks.

docs.slack.dev/apis/events-api/using-socket-mode: a ticket from apps.connections.open opens one
WebSocket; ``hello`` comes first; each payload goes to one connection in an envelope, which the app
acknowledges by its id, with a payload where the envelope accepts one; ``disconnect`` announces the
end of a connection; an app has at most ten.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Delivery, Kind, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_CONNECTIONS = 10
_CLOSE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Connection:
    socket: web.WebSocketResponse
    request: web.BaseRequest


class SocketHub:
    """All Socket Mode connections of one app.

    Args:
        app_id: the app's id, told in ``hello``.
        changed: called whenever a connection came or went.
        deadline_s: seconds that an ack may take.
    """

    def __init__(
        self, app_id: str, changed: Callable[[], None], deadline_s: float = ACK_DEADLINE_S
    ) -> None:
        self._app_id = app_id
        self._changed = changed
        self._deadline_s = deadline_s
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = itertools.count()
        self.connections: list[_Connection] = []
        self.opened = 0
        self.refused = 0
        self.refuse_next = 0

    def ticket(self) -> str:
        """Return a ticket that is good for one connection."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if self.refuse_next > 0 or ticket not in self._tickets:
            self.refuse_next = max(0, self.refuse_next - 1)
            self.refused += 1
            self._tickets.discard(ticket)
            return web.Response(status=408, text="ticket refused")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=_CLOSE_S)
        await socket.prepare(request)
        if len(self.connections) >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = _Connection(socket, request)
        self.connections.append(connection)
        try:
            await self._hello(socket)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.json())
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            self._changed()
        return socket

    async def _hello(self, socket: web.WebSocketResponse) -> None:
        self.opened += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "connection_info": {"app_id": self._app_id},
                "debug_info": {"host": "sandbox", "approximate_connection_time": 3600},
            }
        )
        self._changed()

    def _acknowledge(self, message: Mapping[str, Any]) -> None:
        waiting = self._waiting.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], retry: Retry | None = None
    ) -> Delivery:
        """Send one envelope to one connection, each in its turn, and wait for the ack."""
        begun = time.monotonic()
        body, error = None, ""
        envelope = secrets.token_hex(16)
        self._waiting[envelope] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._deadline_s):
                connection = self.connections[next(self._turn) % len(self.connections)]
                await connection.socket.send_json(_envelope(envelope, kind, payload, retry))
                body = await self._waiting[envelope]
        except TimeoutError:
            error = "operation_timeout"
        except (ZeroDivisionError, ConnectionError):
            error = "dispatch_failed"
        finally:
            del self._waiting[envelope]
        return Delivery(
            kind=kind,
            payload=payload,
            status=None if error else 200,
            body=body,
            took_s=time.monotonic() - begun,
            error=error,
            retry=retry,
        )

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce the end of every connection, as Slack does before it recycles a container."""
        for connection in tuple(self.connections):
            await connection.socket.send_json({"type": "disconnect", "reason": reason})

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in tuple(self.connections):
            self.connections.remove(connection)
            abort(connection.request)

    async def close(self) -> None:
        """Close every connection in good order."""
        await asyncio.gather(*(each.socket.close() for each in self.connections))


def abort(request: web.BaseRequest) -> None:
    """Cut the connection of a request without a word."""
    if request.transport is not None:  # pragma: no branch - None once it is cut already
        request.transport.abort()


def _envelope(
    envelope_id: str, kind: Kind, payload: Mapping[str, Any], retry: Retry | None
) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": envelope_id,
        "type": kind.value,
        "payload": payload,
        "accepts_response_payload": kind is not Kind.EVENT,
    }
    if kind is Kind.EVENT:
        envelope["retry_attempt"] = retry.number if retry else 0
        envelope["retry_reason"] = retry.reason if retry else ""
    return envelope
