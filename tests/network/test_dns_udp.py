"""UDP: which datagram is a reply, and how long a socket is used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import dns.message
import pytest

from bot.model.question import QType, Question
from bot.network import dns_message, dns_udp
from bot.network.dns_udp import UdpServer
from tests.servers import stub_dns
from tests.servers.daemon import free_endpoint
from tests.servers.stub_dns import reply

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = dns_message.write(Question("mx.example", QType.A))
RECORD = "mx.example. 60 A 192.0.2.1"


def another_id(query: dns.message.Message) -> bytes:
    """Return the right reply under another id."""
    right = reply(query, RECORD)
    return bytes([right[0] ^ 1]) + right[1:]


def another_question(query: dns.message.Message) -> bytes:
    """Return a reply to a question that nobody asked."""
    return reply(query, RECORD).replace(b"\2mx", b"\2my")


def broken(query: dns.message.Message) -> bytes:
    """Return our header and question, and half a record."""
    return reply(query, RECORD)[:-15]


@pytest.mark.parametrize(
    "junk",
    [
        another_id,
        another_question,
        broken,
        lambda query: query.to_wire(),
        lambda _: b"",
        lambda _: b"\0",
        lambda query: reply(query, RECORD) + bytes(5000),
    ],
)
async def test_what_is_no_reply_is_ignored(junk: Callable[[dns.message.Message], bytes]) -> None:
    """A wrong id, a wrong question, garbage or an outsize datagram does not end the wait."""
    async with stub_dns.serve(lambda query, _: [junk(query), reply(query, RECORD)]) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        trial = await server.send(QUERY)

        found = await trial.reply

        assert not isinstance(found, OSError)
        assert ("192.0.2.1",) == found.records
        assert bool(trial.malformed) == (junk is broken)
        server.close()


async def test_a_second_reply_is_ignored() -> None:
    """Only the first reply to a question counts."""
    async with stub_dns.serve(lambda query, _: [reply(query, RECORD)] * 3) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        for _ in range(3):
            found = await (await server.send(QUERY)).reply
            assert not isinstance(found, OSError)
        server.close()


async def test_nobody_there() -> None:
    """The kernel's word that nobody listens ends the wait."""
    endpoint = free_endpoint()
    server = UdpServer(endpoint.ip, endpoint.port)

    found = await (await server.send(QUERY)).reply

    assert isinstance(found, ConnectionRefusedError)
    server.close()


async def test_a_reply_and_an_error_together() -> None:
    """A reply that comes with an error of the network is a reply."""
    async with stub_dns.serve(lambda _, __: []) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        trial = await server.send(QUERY)
        socket = server._sockets[0]
        number = next(iter(socket._open))
        wire = reply(dns.message.from_wire(QUERY.with_id(number)), RECORD)
        socket.datagram_received(wire, ())
        socket.error_received(ConnectionRefusedError())

        assert not isinstance(await trial.reply, OSError)
        server.close()


async def test_no_way_there() -> None:
    """A server that no route leads to is an error at once."""
    with pytest.raises(OSError, match=r".+"):
        await UdpServer("255.255.255.255", 53).send(QUERY)


async def test_sockets_are_shared_and_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few sockets serve many questions, each for a while: then another port is used."""
    monkeypatch.setattr(dns_udp, "_SOCKETS", 2)
    monkeypatch.setattr(dns_udp, "_QUESTIONS_PER_SOCKET", 3)
    opened: list[object] = []
    open_one = asyncio.get_running_loop().create_datagram_endpoint

    async def counted(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - passed on as they came
        opened.append(args)
        return await open_one(*args, **kwargs)

    async with stub_dns.serve(lambda query, _: [reply(query, RECORD)]) as endpoint:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_datagram_endpoint", counted)
        server = UdpServer(endpoint.ip, endpoint.port)
        for _ in range(12):
            await (await server.send(QUERY)).reply
        trials = [await server.send(QUERY) for _ in range(12)]
        found = await asyncio.gather(*(trial.reply for trial in trials))

        assert all(not isinstance(one, OSError) for one in found)
        assert 24 // 3 - 1 <= len(opened) <= 24 // 2
        server.close()


async def test_closing_ends_open_questions() -> None:
    """A question that is open when the server is given up ends as an error."""
    async with stub_dns.serve(lambda _, __: []) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        trial = await server.send(QUERY)
        server.close()

        assert isinstance(await trial.reply, ConnectionAbortedError)


async def test_a_look_up_that_outlives_the_server_opens_nothing() -> None:
    """After the end no socket is opened any more, and one that was being opened is closed."""
    async with stub_dns.serve(lambda _, __: []) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        opening = asyncio.create_task(server.send(QUERY))
        await asyncio.sleep(0)
        server.close()

        with pytest.raises(ConnectionAbortedError):
            await opening
        with pytest.raises(ConnectionAbortedError):
            await server.send(QUERY)
        assert [] == server._sockets


async def test_ids_do_not_repeat_among_open_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two open questions on one socket never share an id."""
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(dns_udp, "_SOCKETS", 1)
    monkeypatch.setattr("secrets.randbits", lambda _: next(numbers))
    ids: list[int] = []
    both = asyncio.Event()

    def note(query: dns.message.Message, _: str) -> list[bytes]:
        ids.append(query.id)
        if len(ids) == 2:
            both.set()
        return []

    async with stub_dns.serve(note) as endpoint:
        server = UdpServer(endpoint.ip, endpoint.port)
        first, second = await server.send(QUERY), await server.send(QUERY)
        first.reply.cancel()
        await both.wait()
        server.close()

        assert [7, 8] == ids
        assert isinstance(await second.reply, OSError)
