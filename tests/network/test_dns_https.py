"""DNS over HTTPS: one connection, and only DNS messages from it."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import dns.message
import pytest
import trustme

from bot.model.question import QType, Question
from bot.network import dns_message
from bot.network.dns_https import HttpsServer, RefusedByHttp
from tests.servers import stub_doh
from tests.servers.daemon import free_endpoint
from tests.servers.stub_dns import reply

QUERY = dns_message.write(Question("mx.example", QType.A))
MEDIA_TYPE = "application/dns-message"


@pytest.fixture(scope="module")
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context and a client's that trusts it."""
    authority = trustme.CA()
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    return theirs, ours


def answer(body: bytes) -> tuple[int, str, bytes]:
    """Answer a DNS message with an address."""
    return 200, MEDIA_TYPE, reply(dns.message.from_wire(body), "mx.example. 60 A 192.0.2.1")


async def test_many_questions_share_a_connection(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """However many questions are asked at once, there is one connection."""
    async with stub_doh.serve(answer, tls[0]) as (url, connections):
        server = HttpsServer(url, tls[1])
        wires = await asyncio.gather(*(server.exchange(QUERY) for _ in range(20)))
        wires.append(await server.exchange(QUERY))

        assert {("192.0.2.1",)} == {dns_message.read(QUERY, wire).records for wire in wires}
        assert [21] == connections
        await server.aclose()


@pytest.mark.parametrize(
    ("status", "media_type", "body", "said"),
    [
        (403, "text/html", b"no", "HTTP 403, text/html"),
        (503, "", b"", "HTTP 503, no media type"),
        (200, "text/html", b"<html>", "HTTP 200, text/html"),
        (200, MEDIA_TYPE, bytes(65_536), "a reply longer than a DNS message may be"),
    ],
)
async def test_what_is_no_dns_message(
    tls: tuple[ssl.SSLContext, ssl.SSLContext], status: int, media_type: str, body: bytes, said: str
) -> None:
    """An error of HTTP, another media type and an endless body are refusals."""
    async with stub_doh.serve(lambda _: (status, media_type, body), tls[0]) as (url, _):
        server = HttpsServer(url, tls[1])

        with pytest.raises(RefusedByHttp, match=said):
            await server.exchange(QUERY)
        await server.aclose()


async def test_media_type_parameters(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """Parameters of the media type and the case of its letters mean nothing."""
    body = reply(dns.message.from_wire(QUERY.wire))
    spelled = "Application/DNS-Message; x=1"
    async with stub_doh.serve(lambda _: (200, spelled, body), tls[0]) as (url, _):
        server = HttpsServer(url, tls[1])

        assert body == await server.exchange(QUERY)
        await server.aclose()


@pytest.mark.parametrize("heard", [False, True])
async def test_a_connection_that_fell_silent_is_given_up(
    tls: tuple[ssl.SSLContext, ssl.SSLContext], heard: bool
) -> None:
    """After a whole wait without any reply the next question goes over a new connection."""
    seen: list[bytes] = []
    asked = asyncio.Event()

    def silent_at_first(body: bytes) -> tuple[int, str, bytes] | None:
        seen.append(body)
        asked.set()
        return None if len(seen) == 1 else answer(body)

    async with stub_doh.serve(silent_at_first, tls[0]) as (url, connections):
        server = HttpsServer(url, tls[1])
        waiting = asyncio.create_task(server.exchange(QUERY))
        await asked.wait()
        if heard:
            await server.exchange(QUERY)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await server.exchange(QUERY)

        assert ([3] if heard else [1, 1]) == connections
        await server.aclose()


async def test_who_leaves_takes_no_reply_from_others(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """Questions that are open on a silent connection keep it; only new ones go over another."""
    late: asyncio.Future[tuple[int, str, bytes]] = asyncio.get_running_loop().create_future()
    held: list[bytes] = []
    both = asyncio.Event()

    def late_at_first(body: bytes) -> tuple[int, str, bytes] | asyncio.Future[Any]:
        if both.is_set():
            return answer(body)
        held.append(body)
        if len(held) == 2:
            both.set()
        return late

    async with stub_doh.serve(late_at_first, tls[0]) as (url, connections):
        server = HttpsServer(url, tls[1])
        leaving, staying = (asyncio.create_task(server.exchange(QUERY)) for _ in range(2))
        await both.wait()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        new = await server.exchange(QUERY)
        late.set_result(answer(held[0]))

        assert ("192.0.2.1",) == dns_message.read(QUERY, new).records
        assert ("192.0.2.1",) == dns_message.read(QUERY, await staying).records
        assert [2, 1] == connections
        await server.aclose()


async def test_closing_ends_open_questions(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """A question that is open when the server is given up ends as an error."""
    heard = asyncio.Event()

    def note(_: bytes) -> None:
        heard.set()

    async with stub_doh.serve(note, tls[0]) as (url, _):
        server = HttpsServer(url, tls[1])
        asking = [asyncio.create_task(server.exchange(QUERY)) for _ in range(2)]
        await heard.wait()
        await server.aclose()

        for one in asking:
            with pytest.raises(ConnectionAbortedError, match="closed"):
                await one


async def test_a_connection_that_is_being_opened_at_the_end() -> None:
    """A question whose connection is being opened when the server is given up ends at once."""
    listener = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    server = HttpsServer(f"https://127.0.0.1:{port}/", ssl.create_default_context())
    asking = asyncio.create_task(server.exchange(QUERY))
    await asyncio.sleep(0)
    await server.aclose()

    with pytest.raises(ConnectionAbortedError, match="closed"):
        await asking
    listener.close()


async def test_who_leaves_at_the_end_has_left(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """Whoever is cancelled while the server is given up is cancelled, and told nothing else."""
    heard = asyncio.Event()

    def note(_: bytes) -> None:
        heard.set()

    async with stub_doh.serve(note, tls[0]) as (url, _):
        server = HttpsServer(url, tls[1])
        asking = asyncio.create_task(server.exchange(QUERY))
        await heard.wait()
        asking.cancel()
        await server.aclose()

        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_question_after_the_end_opens_nothing(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """A look-up that outlives whoever asked ends as an error, and opens no connection."""
    async with stub_doh.serve(answer, tls[0]) as (url, connections):
        used, unused = HttpsServer(url, tls[1]), HttpsServer(url, tls[1])
        await used.exchange(QUERY)
        for server in (used, unused):
            await server.aclose()
            with pytest.raises(ConnectionAbortedError, match="closed"):
                await server.exchange(QUERY)

        assert [1] == connections


async def test_nobody_there() -> None:
    """A refused connection is an error."""
    endpoint = free_endpoint()
    server = HttpsServer(f"https://{endpoint.ip}:{endpoint.port}/", ssl.create_default_context())

    with pytest.raises(ConnectionError, match=r".+"):
        await server.exchange(QUERY)
    await server.aclose()


async def test_a_certificate_that_nobody_trusts(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """Without a certificate that fits nothing is asked."""
    async with stub_doh.serve(answer, tls[0]) as (url, connections):
        server = HttpsServer(url, ssl.create_default_context())

        with pytest.raises(ConnectionError, match="certificate verify failed"):
            await server.exchange(QUERY)
        assert not any(connections)
        await server.aclose()
