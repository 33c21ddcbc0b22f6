"""TCP and TLS: one connection for many questions."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING

import dns.message
import pytest
import trustme

from bot.model.question import QType, Question
from bot.network import dns_message
from bot.network.dns_stream import StreamServer, _Connection
from tests.servers import stub_dns
from tests.servers.daemon import free_endpoint
from tests.servers.stub_dns import reply

if TYPE_CHECKING:
    from bot.network.dns_message import Query

QUERIES = [dns_message.write(Question(f"{name}.example", QType.A)) for name in "abc"]


def answer(query: dns.message.Message, _: str = "tcp") -> list[bytes]:
    """Answer with an address."""
    return [reply(query, f"{query.question[0].name} 60 A 192.0.2.1")]


def records(query: Query, wire: bytes) -> tuple[str, ...]:
    """Return what a reply holds."""
    return dns_message.read(query, wire).records


async def test_replies_in_any_order() -> None:
    """Questions share a connection, and replies find theirs in any order."""
    held: list[bytes] = []

    def reversed_answers(query: dns.message.Message, _: str) -> list[bytes]:
        held.extend(answer(query))
        return held[::-1] if len(held) == len(QUERIES) else []

    async with stub_dns.serve(reversed_answers) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        wires = await asyncio.gather(*(server.exchange(query) for query in QUERIES))

        assert all(query.is_answered_by(w) for query, w in zip(QUERIES, wires, strict=True))
        await server.aclose()


async def test_strangers_replies_are_ignored() -> None:
    """A reply under another id or to another question is not handed out."""

    def junk_first(query: dns.message.Message, _: str) -> list[bytes]:
        right = answer(query)[0]
        return [bytes([right[0] ^ 1]) + right[1:], right.replace(b"\1a", b"\1x"), right, right]

    async with stub_dns.serve(junk_first) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)

        assert ("192.0.2.1",) == records(QUERIES[0], await server.exchange(QUERIES[0]))
        await server.aclose()


async def test_a_closed_connection_is_opened_anew() -> None:
    """A server may close an idle connection, or fall silent on an old one: it is asked again."""
    seen: list[dns.message.Message] = []

    def close_on_the_second(query: dns.message.Message, _: str) -> list[bytes]:
        seen.append(query)
        if len(seen) == 2:
            raise ConnectionAbortedError
        return answer(query)

    async with stub_dns.serve(close_on_the_second) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        for query in QUERIES[:2]:
            assert ("192.0.2.1",) == records(query, await server.exchange(query))

        assert 3 == len(seen)
        await server.aclose()


async def test_a_server_that_always_closes() -> None:
    """A connection that breaks on its first question is not tried again."""

    def close(_: dns.message.Message, __: str) -> list[bytes]:
        raise ConnectionAbortedError

    async with stub_dns.serve(close) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)

        with pytest.raises(ConnectionResetError, match="the server closed the connection"):
            await server.exchange(QUERIES[0])
        await server.aclose()


async def test_a_reset_connection() -> None:
    """A reset is an error like any other end."""

    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    listener = await asyncio.start_server(reset, "127.0.0.1", 0)
    server = StreamServer("127.0.0.1", listener.sockets[0].getsockname()[1])

    with pytest.raises(ConnectionResetError):
        await server.exchange(QUERIES[0])
    await server.aclose()
    listener.close()


async def test_nobody_there() -> None:
    """A refused connection is an error; a server that was never asked is closed like any."""
    endpoint = free_endpoint()
    server = StreamServer(endpoint.ip, endpoint.port)

    with pytest.raises(ConnectionRefusedError):
        await server.exchange(QUERIES[0])
    await server.aclose()


async def test_closing_ends_open_questions() -> None:
    """A question that is open when the server is given up ends as an error."""
    heard = asyncio.Event()

    def note(_: dns.message.Message, __: str) -> list[bytes]:
        heard.set()
        return []

    async with stub_dns.serve(note) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        asking = asyncio.create_task(server.exchange(QUERIES[0]))
        await heard.wait()
        await server.aclose()

        with pytest.raises(OSError, match=r".+"):
            await asking


async def test_a_reply_and_the_end_together() -> None:
    """A reply that comes with the connection's end is a reply."""
    async with stub_dns.serve(lambda _, __: []) as endpoint:
        _, writer = await asyncio.open_connection(endpoint.ip, endpoint.port)
        reader = asyncio.StreamReader()
        connection = _Connection(reader, writer)
        asking = asyncio.create_task(connection.exchange(QUERIES[0]))
        await asyncio.sleep(0)
        number = next(iter(connection._open))
        wire = answer(dns.message.from_wire(QUERIES[0].with_id(number)))[0]
        reader.feed_data(len(wire).to_bytes(2) + wire)
        reader.feed_eof()

        assert wire == await asking
        assert not connection.is_usable
        await connection.aclose()


async def test_who_leaves_is_forgotten() -> None:
    """A reply to a question that nobody waits for any more harms nobody."""
    first = asyncio.Event()

    def late(query: dns.message.Message, _: str) -> list[bytes]:
        if not first.is_set():
            first.set()
            return []
        return [*answer(query), *answer(query)]

    async with stub_dns.serve(late) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        leaving = asyncio.create_task(server.exchange(QUERIES[0]))
        await first.wait()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)

        assert ("192.0.2.1",) == records(QUERIES[1], await server.exchange(QUERIES[1]))
        await server.aclose()


async def test_ids_do_not_repeat_among_open_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two open questions on one connection never share an id."""
    numbers = iter([7, 7, 8])
    monkeypatch.setattr("secrets.randbits", lambda _: next(numbers))
    held: list[bytes] = []

    def together(query: dns.message.Message, _: str) -> list[bytes]:
        held.extend(answer(query))
        return held if len(held) == 2 else []

    async with stub_dns.serve(together) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        await asyncio.gather(*(server.exchange(query) for query in QUERIES[:2]))

        assert [7, 8] == sorted(int.from_bytes(wire[:2]) for wire in held)
        await server.aclose()


async def test_a_connection_that_fell_silent_is_given_up() -> None:
    """After a whole wait without a reply the next question goes over a new connection."""
    seen: list[dns.message.Message] = []

    def silent_at_first(query: dns.message.Message, _: str) -> list[bytes]:
        seen.append(query)
        return answer(query) if len(seen) > 2 else []

    async with stub_dns.serve(silent_at_first) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        for query in QUERIES[:2]:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(server.exchange(query), 0.02)
            assert server._connection is not None
            assert not server._connection.is_usable

        assert ("192.0.2.1",) == records(QUERIES[2], await server.exchange(QUERIES[2]))
        await server.aclose()


async def test_a_question_after_the_end_connects_no_more() -> None:
    """A look-up that outlives whoever asked does not open the connection anew."""
    async with stub_dns.serve(answer) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port)
        await server.exchange(QUERIES[0])
        await server.aclose()

        with pytest.raises(ConnectionAbortedError):
            await server.exchange(QUERIES[0])


async def test_a_connection_that_is_being_opened_at_the_end() -> None:
    """A connection that comes about while the server is given up is closed, and nothing asked."""
    heard: list[bytes] = []
    ended = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            heard.append(await reader.read(1))
        writer.close()
        ended.set()

    listener = await asyncio.start_server(listen, "127.0.0.1", 0)
    server = StreamServer("127.0.0.1", listener.sockets[0].getsockname()[1])
    asking = asyncio.create_task(server.exchange(QUERIES[0]))
    await asyncio.sleep(0)
    await server.aclose()

    with pytest.raises(ConnectionAbortedError, match="closed"):
        await asking
    await ended.wait()
    assert not any(heard)
    listener.close()


@pytest.mark.parametrize(
    ("identity", "name", "fits"),
    [
        ("127.0.0.1", None, True),
        ("dns.example", "dns.example", True),
        ("127.0.0.2", None, False),
        ("dns.example", None, False),
        ("dns.example", "other.example", False),
    ],
)
async def test_the_certificate_must_fit(identity: str, name: str | None, fits: bool) -> None:
    """Over TLS nothing is asked of a server without a certificate for its address or name."""
    authority = trustme.CA()
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(identity).configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)

    async with stub_dns.serve(answer, theirs) as endpoint:
        server = StreamServer(endpoint.ip, endpoint.port, ours, name)
        if fits:
            wires = await asyncio.gather(*(server.exchange(query) for query in QUERIES))
            assert 3 == len(wires)
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await server.exchange(QUERIES[0])
        await server.aclose()
