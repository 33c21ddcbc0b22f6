"""DNS over TCP and over TLS: one connection for many questions (RFC 7766 §6.2.1, RFC 7858 §3.3).

Replies come in any order and are paired by id, then by question. A server may close an idle
connection at any time, so a question whose connection had been used before goes out once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from bot.network.dns_message import Query


class StreamServer:
    """One name server over TCP, or over TLS where a context is given."""

    def __init__(
        self, ip: str, port: int, tls: ssl.SSLContext | None = None, name: str | None = None
    ) -> None:
        """Remember where to connect to.

        Args:
            ip: the address.
            port: 53 or 853 by rule.
            tls: verifies the certificate.
            name: what the certificate must name; the address where there is none.
        """
        self._address = ip, port
        self._tls = tls
        self._name = (name or ip) if tls else None
        self._connection: _Connection | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def exchange(self, query: Query) -> bytes:
        """Return the reply's bytes; the caller bounds the wait.

        Raises:
            OSError: no connection, or it broke (ssl.SSLError is one).
        """
        connection, fresh = await self._connected()
        try:
            return await connection.exchange(query)
        except OSError:
            if fresh:
                raise
        connection, _ = await self._connected()
        return await connection.exchange(query)

    async def _connected(self) -> tuple[_Connection, bool]:
        async with self._opening:
            self._check_open()
            if self._connection is not None and self._connection.is_usable:
                return self._connection, False
            reader, writer = await asyncio.open_connection(
                *self._address, ssl=self._tls, server_hostname=self._name
            )
            if self._is_closed:  # while this one was being opened
                writer.transport.abort()
            self._check_open()
            self._connection = _Connection(reader, writer)
            return self._connection, True

    def _check_open(self) -> None:
        """A look-up may outlive whoever asked; its next try must not connect anew."""
        if self._is_closed:
            raise ConnectionAbortedError("closed")

    async def aclose(self) -> None:
        """Close the connection for good; open questions end as errors."""
        self._is_closed = True
        if self._connection is not None:
            await self._connection.aclose()


class _Connection:
    """One open connection, and the task that reads it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._open: dict[int, tuple[Query, asyncio.Future[bytes | OSError]]] = {}
        self._heard = 0
        self._is_suspect = False
        self._reading = asyncio.create_task(self._read(reader))

    @property
    def is_usable(self) -> bool:
        """Whether further questions may be asked: neither closed nor fallen silent."""
        return not self._is_suspect and not self._reading.done()

    async def exchange(self, query: Query) -> bytes:
        number = secrets.randbits(16)
        while number in self._open:
            number = secrets.randbits(16)
        future: asyncio.Future[bytes | OSError] = asyncio.get_running_loop().create_future()
        self._open[number] = query, future
        heard = self._heard
        try:
            wire = query.with_id(number)
            self._writer.write(len(wire).to_bytes(2) + wire)
            await self._writer.drain()
            reply = await future
        except asyncio.CancelledError:
            # Nothing came during a whole wait: a lost connection looks like that for minutes.
            self._is_suspect = self._is_suspect or heard == self._heard
            raise
        finally:
            del self._open[number]
            if self._is_suspect and not self._open:
                self._reading.cancel()
        if isinstance(reply, OSError):
            raise reply
        return reply

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Hand out replies until the connection ends, whoever ends it."""
        fault: OSError = ConnectionResetError("the server closed the connection")
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                self._hand_out(await reader.readexactly(length))
        except asyncio.IncompleteReadError:
            pass
        except OSError as error:
            fault = error
        finally:
            self._writer.close()
            for _, reply in self._open.values():
                if not reply.done():
                    reply.set_result(fault)

    def _hand_out(self, wire: bytes) -> None:
        self._heard += 1
        query, reply = self._open.get(int.from_bytes(wire[:2]), (None, None))
        if query and reply and not reply.done() and query.is_answered_by(wire):
            reply.set_result(wire)

    async def aclose(self) -> None:
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
