"""A DoH server on loopback, HTTP/2 over TLS, that answers with what a test tells it (RFC 8484)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    _Reply = tuple[int, str, bytes]
    # From a request's body: status, media type and body to answer with, now or when they are
    # there, or None for silence.
    Handler = Callable[[bytes], _Reply | Awaitable[_Reply] | None]


@asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext) -> AsyncIterator[tuple[str, list[int]]]:
    """Serve while the block runs.

    Yields:
        The server's address, and a list that grows by the number of requests of each connection.
    """
    connections: list[int] = []

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(connections)
        connections.append(0)
        http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        http.initiate_connection()
        writer.write(http.data_to_send())
        bodies: dict[int, bytes] = {}
        answering: set[asyncio.Task[None]] = set()
        try:
            while data := await reader.read(65_536):
                for event in http.receive_data(data):
                    if isinstance(event, h2.events.DataReceived):
                        bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                    elif isinstance(event, h2.events.StreamEnded):
                        connections[number] += 1
                        answer = handler(bodies.pop(event.stream_id))
                        if answer:
                            sending = _answer(http, writer, event.stream_id, answer)
                            answering.add(asyncio.create_task(sending))
                writer.write(http.data_to_send())
        except ConnectionError:
            pass
        finally:
            for task in answering:
                task.cancel()
            writer.close()

    tls.set_alpn_protocols(["h2"])
    server = await asyncio.start_server(stream, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"https://127.0.0.1:{port}/dns-query", connections
    finally:
        server.close()
        await server.wait_closed()


async def _answer(
    http: h2.connection.H2Connection,
    writer: asyncio.StreamWriter,
    stream_id: int,
    answer: _Reply | Awaitable[_Reply],
) -> None:
    status, media_type, body = answer if isinstance(answer, tuple) else await answer
    http.send_headers(stream_id, [(":status", str(status)), ("content-type", media_type)])
    frame = http.max_outbound_frame_size
    for start in range(0, len(body), frame):
        http.send_data(stream_id, body[start : start + frame])
    http.end_stream(stream_id)
    writer.write(http.data_to_send())
