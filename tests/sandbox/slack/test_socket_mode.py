"""Socket Mode as slack_sdk's own client meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.delivery import Kind, Retry
from bot.sandbox.slack.socket_mode import MAX_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.sandbox.slack import StandIn


@pytest.fixture
async def app(slack: StandIn, session: aiohttp.ClientSession) -> AsyncIterator[SocketModeClient]:
    """slack_sdk's client, acknowledging everything with what it was sent."""
    web_client = AsyncWebClient(base_url=slack.base_url, session=session)
    client = SocketModeClient(slack.state.app_token, web_client=web_client, ping_interval=0.05)

    async def acknowledge(it: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        payload = {"seen": request.payload, "attempt": request.retry_attempt}
        answer = SocketModeResponse(request.envelope_id, payload)
        await it.send_socket_mode_response(answer)

    client.socket_mode_request_listeners.append(acknowledge)
    await client.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it bare
    await slack.connected()
    yield client
    await client.close()  # type: ignore[no-untyped-call]  # slack_sdk leaves it bare


async def dial(slack: StandIn, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """Open one connection by hand."""
    ticket = slack.state.sockets.ticket()
    return await session.ws_connect(f"{slack.state.origin}/link/?ticket={ticket}")


async def test_envelope_is_acknowledged_with_its_payload(
    slack: StandIn, app: SocketModeClient
) -> None:
    """What the app says in its ack comes back with the delivery."""
    delivery = await slack.state.sockets.send(Kind.SLASH, {"text": "x"})

    assert {"text": "x"} == delivery.body["seen"]
    assert (200, "") == (delivery.status, delivery.error)


async def test_event_tells_its_attempt(slack: StandIn, app: SocketModeClient) -> None:
    """An event that is sent again says which attempt it is."""
    delivery = await slack.state.sockets.send(Kind.EVENT, {"type": "x"}, Retry(2))

    assert 2 == delivery.body["attempt"]


async def test_client_comes_back_after_a_disconnect(slack: StandIn, app: SocketModeClient) -> None:
    """A disconnect message makes slack_sdk open another connection with a fresh ticket."""
    sockets = slack.state.sockets
    await sockets.disconnect()

    await slack.until(lambda: sockets.opened == 2 and len(sockets.connections) == 1)

    assert (await sockets.send(Kind.SLASH, {})).in_time


async def test_client_comes_back_after_a_cut(slack: StandIn, app: SocketModeClient) -> None:
    """A connection that is cut without a word is opened again."""
    slack.state.sockets.drop()
    assert "dispatch_failed" == (await slack.state.sockets.send(Kind.SLASH, {})).error

    await slack.connected()

    assert (await slack.state.sockets.send(Kind.SLASH, {})).in_time


async def test_hello_comes_first_and_a_ticket_is_good_once(
    slack: StandIn, session: aiohttp.ClientSession
) -> None:
    """The first message is hello; a used or refused ticket does not open a connection."""
    ticket = slack.state.sockets.ticket()
    url = f"{slack.state.origin}/link/?ticket={ticket}"
    async with session.ws_connect(url) as socket:
        hello: dict[str, Any] = await socket.receive_json()
        assert ("hello", 1) == (hello["type"], hello["num_connections"])
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)

    slack.state.sockets.refuse_next = 1
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await dial(slack, session)
    assert 2 == slack.state.sockets.refused
    async with await dial(slack, session) as socket:
        assert "hello" == (await socket.receive_json())["type"]


async def test_eleventh_connection_is_told_to_go(
    slack: StandIn, session: aiohttp.ClientSession
) -> None:
    """An app holds ten connections at most."""
    held = [await dial(slack, session) for _ in range(MAX_CONNECTIONS)]
    extra = await dial(slack, session)

    assert "too_many_websockets" == (await extra.receive_json())["reason"]
    for socket in (*held, extra):
        await socket.close()


async def test_deliveries_take_turns_and_strange_acks_are_ignored(
    slack: StandIn, session: aiohttp.ClientSession
) -> None:
    """Each payload goes to one connection; an ack of nothing is no ack."""
    first, second = await dial(slack, session), await dial(slack, session)
    await slack.connected(2)
    slack.state.sockets._deadline_s = 0.05
    for socket in (first, second):
        await socket.receive_json()
        await socket.send_json({"envelope_id": "nonsense"})
        await socket.send_bytes(b"ignored")

    for socket in (first, second):
        delivery = await slack.state.sockets.send(Kind.INTERACTIVE, {"type": "x"})
        assert "operation_timeout" == delivery.error
        envelope = await socket.receive_json()
        assert {"type": "x"} == envelope["payload"]
        assert envelope["accepts_response_payload"]
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await socket.close()
