"""How name servers are asked: which of them, how often, how long, and over what.

Between the resolver, which knows questions and answers, and the transports, which carry bytes.
Every way returns a Reply or raises one of three: TimeoutError (nobody replied), another OSError
(there is no way to a server), MalformedReply (what came cannot be read).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from bot.model.question import AnswerStatus
from bot.network import dns_reading
from bot.network.dns_message import MalformedReply, Reply
from bot.network.dns_stream import StreamServer
from bot.network.dns_udp import UdpServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.network.dns_message import Query
    from bot.network.dns_udp import Try

_TRIES = 2
_RETRY_S = 1.5


class Servers(Protocol):
    """The name servers of one setting."""

    async def exchange(self, query: Query, until: float) -> Reply:
        """Return a reply that came by the event loop's time ``until``."""

    async def aclose(self) -> None:
        """Give the connections up."""


class Transport(Protocol):
    """One server over a connection that carries whole messages."""

    async def exchange(self, query: Query) -> bytes:
        """Return the reply's bytes; the caller bounds the wait."""

    async def aclose(self) -> None:
        """Close the connection."""


class Connected:
    """One name server over TCP, TLS or HTTPS."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def exchange(self, query: Query, until: float) -> Reply:
        """Ask once; the transport opens a closed connection anew."""
        async with asyncio.timeout_at(until):
            wire = await self._transport.exchange(query)
            if not query.is_answered_by(wire):
                raise MalformedReply("a reply to another question")
            return await dns_reading.read(query, wire)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._transport.aclose()


class OverUdp:
    """Name servers over UDP, in order, each over TCP where its answer does not fit."""

    def __init__(self, addresses: Sequence[tuple[str, int]]) -> None:
        self._udp = [UdpServer(*address) for address in addresses]
        self._tcp = [Connected(StreamServer(*address)) for address in addresses]

    async def exchange(self, query: Query, until: float) -> Reply:
        """Ask the servers in turn, twice; a late reply to an earlier try still counts.

        A server that says SERVFAIL or REFUSED is not asked again; the next may know better.
        """
        chase = _Chase(query, until, pace=self._pace(until))
        try:
            for number in [*range(len(self._udp))] * _TRIES:
                if number not in chase.failed:
                    await chase.send(number, self._udp[number])
                    await chase.wait(last=False)
                if chase.reply:
                    break
            while chase.waiting and not chase.reply:
                await chase.wait(last=True)
        finally:
            chase.leave()
        reply = chase.result()
        if reply.status is AnswerStatus.TRUNCATED:
            return await self._tcp[chase.answered].exchange(query, until)
        return reply

    def _pace(self, until: float) -> float:
        """Return the seconds between two tries, so that every server has its turn."""
        left = until - asyncio.get_running_loop().time()
        return min(_RETRY_S, left / (len(self._udp) * _TRIES))

    async def aclose(self) -> None:
        """Close every socket and connection."""
        for server in self._udp:
            server.close()
        for connected in self._tcp:
            await connected.aclose()


class _Chase:
    """One question after its reply, over several servers and tries."""

    def __init__(self, query: Query, until: float, *, pace: float) -> None:
        self.query = query
        self.until = until
        self.pace = pace
        self.waiting: dict[asyncio.Future[Reply | OSError], tuple[int, Try]] = {}
        self.failed: dict[int, Reply] = {}
        self.reply: Reply | None = None
        self.answered = 0
        self._malformed = ""
        self._fault: OSError | None = None

    async def send(self, number: int, server: UdpServer) -> None:
        try:
            trial = await server.send(self.query)
        except OSError as fault:
            self._fault = fault
        else:
            self.waiting[trial.reply] = number, trial

    async def wait(self, *, last: bool) -> None:
        """Wait for a reply, until it is time for the next try or (``last``) until the end."""
        now = asyncio.get_running_loop().time()
        wake = self.until if last else min(self.until, now + self.pace)
        if not self.waiting:
            return
        done, _ = await asyncio.wait(
            self.waiting, timeout=wake - now, return_when=asyncio.FIRST_COMPLETED
        )
        for future in done:
            self._take(future)
        if not done and last:
            self._fault = TimeoutError()
            self.leave()

    def _take(self, future: asyncio.Future[Reply | OSError]) -> None:
        number, _ = self.waiting.pop(future)
        reply = future.result()
        if isinstance(reply, OSError):
            self._fault = reply
        elif reply.status in (AnswerStatus.SERVFAIL, AnswerStatus.REFUSED) and (
            not reply.dislikes_edns
        ):
            self.failed[number] = reply
        else:
            self.reply, self.answered = reply, number

    def leave(self) -> None:
        """Wait for nothing any more."""
        for future, (_, trial) in self.waiting.items():
            self._malformed = self._malformed or trial.malformed
            future.cancel()
        self.waiting.clear()

    def result(self) -> Reply:
        """Return the reply, or the most that was learnt without one."""
        if self.reply:
            return self.reply
        if self.failed:
            return next(iter(self.failed.values()))
        if self._malformed:
            raise MalformedReply(self._malformed)
        raise self._fault or TimeoutError()
