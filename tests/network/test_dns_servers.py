"""How name servers are asked: in turn, again, and over TCP where UDP does not suffice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.model.question import AnswerStatus, QType, Question
from bot.network import dns_message, dns_servers, dns_udp
from bot.network.dns_message import MalformedReply, Reply
from bot.network.dns_servers import Connected, OverUdp
from tests.servers import stub_dns
from tests.servers.daemon import free_endpoint
from tests.servers.stub_dns import reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import dns.message

    from bot.network.dns_message import Query
    from tests.servers.stub_dns import Handler

QUERY = dns_message.write(Question("mx.example", QType.A))
BIG = [f"mx.example. 60 A 192.0.2.{n}" for n in range(1, 200)]
FOUND = Reply(AnswerStatus.RECORDS, ("192.0.2.1",), ttl_s=60)


def good(query: dns.message.Message, _: str) -> list[bytes]:
    """Answer."""
    return [reply(query, "mx.example. 60 A 192.0.2.1")]


def silent(_: dns.message.Message, __: str) -> list[bytes]:
    """Say nothing."""
    return []


def servfail(query: dns.message.Message, _: str) -> list[bytes]:
    """Fail."""
    return [reply(query, rcode="SERVFAIL")]


def refused(query: dns.message.Message, _: str) -> list[bytes]:
    """Refuse."""
    return [reply(query, rcode="REFUSED")]


def garbage(query: dns.message.Message, _: str) -> list[bytes]:
    """Answer with half a record."""
    return [reply(query, "mx.example. 60 A 192.0.2.1")[:-15]]


def cut_over_udp(query: dns.message.Message, over: str) -> list[bytes]:
    """Answer over TCP alone."""
    return [reply(query, truncated=True)] if over == "udp" else [reply(query, *BIG)]


def always_cut(query: dns.message.Message, _: str) -> list[bytes]:
    """Answer nowhere."""
    return [reply(query, truncated=True)]


def second_time(query: dns.message.Message, over: str, seen: list[int]) -> list[bytes]:
    """Lose the first datagram."""
    seen.append(query.id)
    return good(query, over) if len(seen) == 2 else []


@asynccontextmanager
async def servers(*handlers: Handler | None) -> AsyncIterator[OverUdp]:
    """Serve by each handler, None being an address where nobody listens."""
    async with AsyncExitStack() as stack:
        endpoints = [
            await stack.enter_async_context(stub_dns.serve(handler)) if handler else free_endpoint()
            for handler in handlers
        ]
        asked = OverUdp([(endpoint.ip, endpoint.port) for endpoint in endpoints])
        try:
            yield asked
        finally:
            await asked.aclose()


async def ask(asked: OverUdp | Connected, seconds: float = 5.0) -> Reply:
    """Ask for the seconds given."""
    return await asked.exchange(QUERY, asyncio.get_running_loop().time() + seconds)


@pytest.mark.parametrize(
    ("handlers", "seconds", "expected"),
    [
        ([good], 5, FOUND),
        ([servfail, good], 5, FOUND),
        ([refused, good], 5, FOUND),
        ([None, good], 5, FOUND),
        ([silent, good], 0.2, FOUND),
        ([garbage, good], 0.2, FOUND),
        ([servfail], 5, Reply(AnswerStatus.SERVFAIL, detail="SERVFAIL")),
        ([servfail, refused], 5, Reply(AnswerStatus.SERVFAIL, detail="SERVFAIL")),
        ([refused, silent], 0.1, Reply(AnswerStatus.REFUSED, detail="REFUSED")),
        ([always_cut], 5, Reply(AnswerStatus.TRUNCATED)),
    ],
)
async def test_reply(handlers: list[Handler | None], seconds: float, expected: Reply) -> None:
    """The next server is asked where one fails; a failure is said only where all fail."""
    async with servers(*handlers) as asked:
        assert expected == await ask(asked, seconds)


@pytest.mark.parametrize(
    ("handlers", "seconds", "expected"),
    [
        ([silent], 0.05, TimeoutError),
        ([silent, None], 0.05, TimeoutError),
        ([None, None], 5, ConnectionRefusedError),
        ([garbage], 0.05, MalformedReply),
        ([garbage, silent], 0.05, MalformedReply),
    ],
)
async def test_no_reply(
    handlers: list[Handler | None], seconds: float, expected: type[Exception]
) -> None:
    """Silence, a refused connection and garbage are three things."""
    async with servers(*handlers) as asked:
        with pytest.raises(expected):
            await ask(asked, seconds)


async def test_no_way_there() -> None:
    """Where no route leads to a server the error says so."""
    asked = OverUdp([("255.255.255.255", 53)])
    with pytest.raises(PermissionError):
        await ask(asked)
    await asked.aclose()


async def test_time_is_over_before_the_first_try() -> None:
    """With no time left nothing is waited for."""
    async with servers(silent) as asked:
        with pytest.raises(TimeoutError):
            await ask(asked, -1)


async def test_a_lost_datagram_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question whose datagram was lost is asked again, under another id."""
    monkeypatch.setattr(dns_servers, "_RETRY_S", 0.01)
    seen: list[int] = []
    async with servers(lambda query, over: second_time(query, over, seen)) as asked:
        assert FOUND == await ask(asked)
        assert seen[0] != seen[1]


async def test_a_late_reply_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply to the first try counts after the second has gone out."""
    monkeypatch.setattr(dns_servers, "_RETRY_S", 0.01)
    monkeypatch.setattr(dns_udp, "_SOCKETS", 1)
    first: list[dns.message.Message] = []

    def answer_the_first(query: dns.message.Message, over: str) -> list[bytes]:
        first.append(query)
        return good(first[0], over) if len(first) == 2 else []

    async with servers(answer_the_first) as asked:
        assert FOUND == await ask(asked)


async def test_a_cut_answer_is_asked_for_over_tcp() -> None:
    """TC over UDP means TCP; the answer is whole there (RFC 7766 §5)."""
    async with servers(silent, cut_over_udp) as asked:
        assert 199 == len((await ask(asked, 20)).records)


async def test_a_stream_that_answers_something_else() -> None:
    """Over a connection without ids (HTTPS) a reply to another question is malformed."""

    class Other:
        async def exchange(self, query: Query) -> bytes:
            return query.wire

        async def aclose(self) -> None:
            """Nothing is open."""

    connected = Connected(Other())
    with pytest.raises(MalformedReply, match="another question"):
        await ask(connected)
    await connected.aclose()
