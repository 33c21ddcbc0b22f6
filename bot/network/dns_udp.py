"""DNS over UDP: a few connected sockets that many questions share (RFC 1035 §4.2.1, RFC 5452).

Connected sockets hear the server alone, and of its refusal (ICMP). Each has a port of the kernel's
choosing and is given up after a while, so that id and port together stay hard to guess.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from bot.network import dns_message
from bot.network.dns_message import MalformedReply, Query, Reply

_SOCKETS = 4
_QUESTIONS_PER_SOCKET = 250
_LARGEST = 4096  # more than we offer to take; a larger datagram is not read


@dataclass(slots=True)
class Try:
    """One question sent once. ``reply`` ends as a Reply, or as the error of the network."""

    query: Query
    reply: asyncio.Future[Reply | OSError]
    malformed: str = ""


class UdpServer:
    """One name server over UDP."""

    def __init__(self, ip: str, port: int) -> None:
        self._address = ip, port
        self._sockets: list[_Socket] = []
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def send(self, query: Query) -> Try:
        """Send a question. The caller bounds the wait for ``reply``, and cancels it if it leaves.

        What is no reply to the question is ignored, since anybody may have sent it; what is one and
        cannot be read is noted in ``malformed``, and the wait goes on (RFC 5452 §9).

        Raises:
            OSError: there is no way to the server, or it was closed.
        """
        async with self._opening:
            socket = await self._socket()
        return socket.send(query)

    async def _socket(self) -> _Socket:
        self._check_open()
        worn = [socket for socket in self._sockets if socket.sent >= _QUESTIONS_PER_SOCKET]
        for socket in worn:
            self._sockets.remove(socket)
            socket.retire()
        if len(self._sockets) < _SOCKETS:
            loop = asyncio.get_running_loop()
            transport, socket = await loop.create_datagram_endpoint(
                _Socket, remote_addr=self._address
            )
            socket.transport = transport
            if self._is_closed:  # while this one was being opened
                transport.abort()
            self._check_open()
            self._sockets.append(socket)
            return socket
        return secrets.choice(self._sockets)

    def _check_open(self) -> None:
        """A look-up may outlive whoever asked; its next try must not open a socket anew."""
        if self._is_closed:
            raise ConnectionAbortedError("closed")

    def close(self) -> None:
        """Close every socket for good; open questions end as errors."""
        self._is_closed = True
        for socket in self._sockets:
            socket.transport.abort()
        self._sockets.clear()


class _Socket(asyncio.DatagramProtocol):
    """One socket: pairs replies with questions by id, then by question."""

    transport: asyncio.DatagramTransport

    def __init__(self) -> None:
        self.sent = 0
        self._open: dict[int, Try] = {}
        self._retired = False

    def send(self, query: Query) -> Try:
        number = secrets.randbits(16)
        while number in self._open:
            number = secrets.randbits(16)
        trial = Try(query, asyncio.get_running_loop().create_future())
        self._open[number] = trial
        trial.reply.add_done_callback(lambda _: self._forget(number))
        self.sent += 1
        self.transport.sendto(query.with_id(number))
        return trial

    def retire(self) -> None:
        """Send no more, and close when the last question is answered."""
        self._retired = True
        if not self._open:
            self.transport.abort()

    def _forget(self, number: int) -> None:
        del self._open[number]
        if self._retired and not self._open:
            self.transport.abort()

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:  # noqa: ARG002 - connected
        trial = self._open.get(int.from_bytes(data[:2]))
        if trial is None or trial.reply.done() or len(data) > _LARGEST:
            return
        if not trial.query.is_answered_by(data):
            return
        try:
            reply = dns_message.read(trial.query, data)
        except MalformedReply as fault:
            trial.malformed = str(fault)
        else:
            trial.reply.set_result(reply)

    def error_received(self, exc: Exception) -> None:
        self._end(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        fault = exc if isinstance(exc, OSError) else ConnectionAbortedError("closed")
        for trial in self._open.values():
            if not trial.reply.done():
                trial.reply.set_result(fault)
