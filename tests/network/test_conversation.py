"""A conversation over real sockets, with hosts that misbehave in each way."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.model.exchange import CertificateFault, Exchange, Reply, Stage, Trouble
from bot.network.conversation import _check_peer
from bot.network.smtp import Limits, Target, converse
from bot.relay.dialogue import Connect, Send, SendMessage, StartTls
from tests.network.mail_host import NAME, Peer, authority, host, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.relay.dialogue import Step

QUICK = Limits(greeting_s=0.4, command_s=0.4, rcpt_s=0.4, quit_s=0.4, tls_s=0.4, connect_s=0.4)
CA = authority()
CONNECT = Connect(implicit_tls=False)
EHLO = Send(("EHLO me.example.net",))
QUIT = Send(("QUIT",))


def script(*steps: Step) -> Callable[[tuple[Exchange, ...]], Step | None]:
    """Take these steps, whatever comes of them, and stop at the first trouble."""
    left = list(steps)

    def following(exchanges: tuple[Exchange, ...]) -> Step | None:
        troubled = exchanges and exchanges[-1].trouble is not None
        return left.pop(0) if left and not troubled else None

    return following


async def talk(port: int, *steps: Step, limits: Limits = QUICK) -> tuple[Exchange, ...]:
    """Talk to a host on loopback by a script."""
    return await converse(Target("127.0.0.1", port, NAME), script(*steps), limits=limits)


def summary(exchanges: tuple[Exchange, ...]) -> list[tuple[Stage, int | None, Trouble | None]]:
    """What happened at which stage."""
    return [(e.stage, e.reply.code if e.reply else None, e.trouble) for e in exchanges]


@pytest.fixture
def full_queue() -> Iterator[int]:
    """A port whose queue is full: the system completes no further connection."""
    with ExitStack() as open_sockets:
        server = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = open_sockets.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


async def test_nothing_listens() -> None:
    """A closed port refuses the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert [(Stage.CONNECT, None, Trouble.REFUSED)] == summary(await talk(port, CONNECT))


async def test_no_route() -> None:
    """An address that the system will not connect to is unreachable; nothing leaves the machine."""
    said = await converse(Target("255.255.255.255", 25, NAME), script(CONNECT), limits=QUICK)

    assert [(Stage.CONNECT, None, Trouble.UNREACHABLE)] == summary(said)
    assert said[0].detail


async def test_connect_timeout(full_queue: int) -> None:
    """A connection that is never completed is given up at the deadline."""
    said = await talk(full_queue, CONNECT)

    assert [(Stage.CONNECT, None, Trouble.TIMEOUT)] == summary(said)


async def test_ipv6() -> None:
    """An IPv6 address is talked to as any other."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")

    async with host(behave, ip="::1") as mx:
        said = await converse(Target("::1", mx.port, NAME), script(CONNECT), limits=QUICK)

    assert [(Stage.CONNECT, None, None), (Stage.GREETING, 220, None)] == summary(said)


def test_peer_is_compared() -> None:
    """A socket that is connected to another address than the vetted one is not used."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sock,
    ):
        _check_peer(sock, "127.0.0.1")
        with pytest.raises(OSError, match=r"connected to 127\.0\.0\.1 instead"):
            _check_peer(sock, "127.0.0.2")


async def test_no_name_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The MX name is never looked up: the address was vetted, another one might not be."""

    def resolve(*_: object, **__: object) -> None:
        pytest.fail("a name was resolved")

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")

    async with host(behave) as mx:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        said = await talk(mx.port, CONNECT)

    assert Reply(220, ("mx",)) == said[-1].reply


@pytest.mark.parametrize(
    ("octets", "trouble", "detail"),
    [
        (b"250-mx\r\n250 DSN\r\n250 Ok\r\n", Trouble.PROTOCOL_ERROR, "nobody asked"),
        (b"250 mx\r\n421 4.3.2 closing\r\n", Trouble.DROPPED, "421 4.3.2 closing"),
    ],
)
async def test_more_than_a_reply(octets: bytes, trouble: Trouble, detail: str) -> None:
    """A reply in the same segment as surplus is kept, with the trouble that it is in."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say(octets)
        await peer.stay()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO)

    assert (Stage.EHLO, 250, trouble) == summary(said)[-1]
    assert detail in said[-1].detail


@pytest.mark.parametrize(
    "octets",
    [
        b"220-mx\r\n250 mx\r\n",
        b"2" * 70_000,
        b"220-" + b"x" * 1000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
async def test_broken_greeting(octets: bytes) -> None:
    """A greeting that is no reply, or has no end, is a protocol error; nothing is said."""

    async def behave(peer: Peer) -> None:
        for _ in range(100):
            await peer.say(octets)
        await peer.stay()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO)

    assert (Stage.GREETING, None, Trouble.PROTOCOL_ERROR) == summary(said)[-1]
    assert [[]] == mx.heard


async def test_flood_between_commands() -> None:
    """A host that streams unasked is cut off at once, however much it has."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        while True:
            await peer.say(b"x" * 65536)

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO, QUIT)

    assert Trouble.PROTOCOL_ERROR is said[-1].trouble
    assert said[-1].stage in (Stage.GREETING, Stage.EHLO)


async def test_drip() -> None:
    """A reply that comes octet by octet must be whole by its deadline."""

    async def behave(peer: Peer) -> None:
        while True:
            await peer.say(b"2")
            await asyncio.sleep(0.1)

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO)

    assert (Stage.GREETING, None, Trouble.TIMEOUT) == summary(said)[-1]


async def test_connection_has_a_deadline_of_its_own() -> None:
    """A host that answers each command just in time is left when the connection's time is up."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        while await peer.hear():
            await asyncio.sleep(0.2)
            await peer.say("250 Ok")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, *[EHLO] * 9, limits=Limits(connection_s=0.5))

    assert (Stage.EHLO, None, Trouble.TIMEOUT) == summary(said)[-1]
    assert len(said) < 9


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("after", [0, 1, 2])
async def test_dropped(how: str, after: int) -> None:
    """A host that closes or resets at any point has dropped the exchange that was under way."""

    async def behave(peer: Peer) -> None:
        for reply in ("220 mx", "250 mx")[:after]:
            await peer.say(reply)
            await peer.hear()
        if how == "reset":
            peer.reset()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO, Send(("RSET",)))

    stage = (Stage.GREETING, Stage.EHLO, Stage.RSET)[after]
    assert (stage, None, Trouble.DROPPED) == summary(said)[-1]


async def test_gone_before_the_next_command() -> None:
    """A host that closes after a reply has dropped the next command; the reply counts."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, EHLO, EHLO)

    assert [
        (Stage.CONNECT, None, None),
        (Stage.GREETING, 220, None),
        (Stage.EHLO, None, Trouble.DROPPED),
    ] == summary(said)


async def test_nothing_more_is_written_after_a_breach() -> None:
    """A script that goes on after a breach is told of it again; the host hears nothing."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx\r\n220 mx")
        await peer.hear()

    steps: Iterator[Step] = iter([CONNECT, EHLO])
    async with host(behave) as mx:
        target = Target("127.0.0.1", mx.port, NAME)
        said = await converse(target, lambda _: next(steps, None), limits=QUICK)

    assert [
        (Stage.GREETING, 220, Trouble.PROTOCOL_ERROR),
        (Stage.EHLO, None, Trouble.PROTOCOL_ERROR),
    ] == summary(said)[1:]
    assert [[""]] == mx.heard


async def test_unanswered_batch() -> None:
    """Of a batch that is cut, each command stands there with the trouble that cut it."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("250 Ok")
        await peer.stay()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, Send(("RSET", "HELP", "RSET")))

    assert [
        (Stage.RSET, 250, None),
        (Stage.HELP, None, Trouble.TIMEOUT),
        (Stage.RSET, None, Trouble.TIMEOUT),
    ] == summary(said)[2:]
    assert ["RSET", "HELP", "RSET"] == [exchange.command for exchange in said[2:]]


async def test_quit_is_not_waited_for_long() -> None:
    """A host that never answers QUIT holds nobody up; the connection is closed."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.stay()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, QUIT, limits=replace(Limits(), quit_s=0.2))

    assert (Stage.QUIT, None, Trouble.TIMEOUT) == summary(said)[-1]


async def test_what_follows_the_answer_to_quit_does_not_matter() -> None:
    """Its 221 proves that the session kept step; more after it proves nothing."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("221 Bye\r\n221 Bye")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, QUIT)

    assert (Stage.QUIT, 221, None) == summary(said)[-1]


async def test_a_message() -> None:
    """After the go-ahead of DATA its content goes out, and the reply is to the end of it."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("354 go ahead")
        while await peer.hear() != ".":
            pass
        await peer.say("250 2.0.0 taken")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, Send(("DATA",)), SendMessage(("Subject: a", ".b")))

    assert [(Stage.DATA, 354, None), (Stage.END_OF_DATA, 250, None)] == summary(said)[2:]
    assert "." == said[-1].command
    assert [["DATA", "Subject: a", "..b", "."]] == mx.heard


async def test_no_message_is_written_after_a_breach() -> None:
    """To a host that says more than was asked nothing is handed over."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("354 go ahead\r\n250 taken")
        await peer.hear()

    steps: Iterator[Step] = iter([CONNECT, Send(("DATA",)), SendMessage(("Subject: a",))])
    async with host(behave) as mx:
        target = Target("127.0.0.1", mx.port, NAME)
        said = await converse(target, lambda _: next(steps, None), limits=QUICK)

    assert [
        (Stage.DATA, 354, Trouble.PROTOCOL_ERROR),
        (Stage.END_OF_DATA, None, Trouble.PROTOCOL_ERROR),
    ] == summary(said)[2:]
    assert "." == said[-1].command
    assert [["DATA", ""]] == mx.heard


async def test_starttls() -> None:
    """After STARTTLS and its 220 the handshake is an exchange of its own, under the MX name."""
    asked_for: list[str | None] = []
    context = server_context(CA)
    context.sni_callback = lambda _sock, name, _context: asked_for.append(name)

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("220 go ahead")
        await peer.writer.start_tls(context)
        await peer.hear()
        await peer.say("250 mx")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, StartTls(), EHLO)

    assert [
        (Stage.STARTTLS, 220, None),
        (Stage.TLS, None, None),
        (Stage.EHLO, 250, None),
    ] == summary(said)[2:]
    assert [False, True, True] == [exchange.tls for exchange in said[2:]]
    assert [NAME] == asked_for
    assert CertificateFault.UNKNOWN_AUTHORITY == said[3].certificate_error


async def test_starttls_refused() -> None:
    """Where STARTTLS is refused there is no handshake, and the session goes on in clear."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("454 TLS not available")
        await peer.hear()
        await peer.say("250 mx")

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, StartTls(), EHLO)

    assert [(Stage.STARTTLS, 454, None), (Stage.EHLO, 250, None)] == summary(said)[2:]


async def test_starttls_injection() -> None:
    """Clear text behind the 220 is never taken for the encrypted session's (RFC 3207 §4)."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say(b"220 go ahead\r\n250 injected\r\n")
        await peer.stay()

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, StartTls(), EHLO)

    assert (Stage.STARTTLS, 220, Trouble.PROTOCOL_ERROR) == summary(said)[-1]


@pytest.mark.parametrize("answer", ["500 what?", "", None])
async def test_handshake_fails(answer: str | None) -> None:
    """Garbage, an end and silence in a handshake are all TLS_FAILED."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("220 go ahead")
        if answer is None:
            await peer.stay()
        elif answer:
            await peer.answer_hello(answer)

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, StartTls(), EHLO)

    assert (Stage.TLS, None, Trouble.TLS_FAILED) == summary(said)[-1]
    assert not said[-1].tls


async def test_implicit_tls() -> None:
    """With TLS from the first octet the handshake comes before the greeting."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")

    async with host(behave, context=server_context(CA)) as mx:
        said = await talk(mx.port, Connect(implicit_tls=True))

    assert [Stage.CONNECT, Stage.TLS, Stage.GREETING] == [exchange.stage for exchange in said]
    assert [False, True, True] == [exchange.tls for exchange in said]


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com", ".example.com"])
async def test_name_that_cannot_be_asked_for(name: str) -> None:
    """An MX name that TLS cannot carry fails the handshake, nothing else."""
    async with host(Peer.stay) as mx:
        target = Target("127.0.0.1", mx.port, name)
        said = await converse(target, script(Connect(implicit_tls=True)), limits=QUICK)

    assert (Stage.TLS, None, Trouble.TLS_FAILED) == summary(said)[-1]


async def test_new_connection_closes_the_old() -> None:
    """There is one connection at a time."""
    open_at_once: list[int] = []
    now = 0

    async def behave(peer: Peer) -> None:
        nonlocal now
        now += 1
        open_at_once.append(now)
        await peer.say("220 mx")
        await peer.stay()
        now -= 1

    async with host(behave) as mx:
        said = await talk(mx.port, CONNECT, CONNECT, CONNECT)

    assert 6 == len(said)
    assert [1, 1, 1] == open_at_once


@pytest.mark.parametrize("greets", [True, False])
async def test_cancelled(greets: bool) -> None:
    """A conversation that is cancelled closes its connection."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def behave(peer: Peer) -> None:
        if greets:
            await peer.say("220 mx")
        begun.set()
        await peer.stay()
        ended.set()

    async with host(behave) as mx:
        talking = asyncio.create_task(talk(mx.port, CONNECT, EHLO, limits=Limits()))
        await begun.wait()
        await asyncio.sleep(0.05)
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        await asyncio.wait_for(ended.wait(), 5)


async def test_cancelled_while_connecting(full_queue: int) -> None:
    """A conversation that is cancelled before it is connected leaves no socket behind."""
    talking = asyncio.create_task(talk(full_queue, CONNECT, limits=Limits()))
    await asyncio.sleep(0.05)
    talking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talking


async def test_scripts_that_are_wrong() -> None:
    """A script that talks before it connects, or sends a control character, is a bug of ours."""
    with pytest.raises(RuntimeError, match="before it connects"):
        await talk(9, EHLO)

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.stay()

    async with host(behave) as mx:
        with pytest.raises(ValueError, match="control character"):
            await talk(mx.port, CONNECT, Send(("RSET\r\nDATA",)))


async def test_each_exchange_is_told_with_its_time() -> None:
    """Whoever listens hears of each exchange at once; times count from the start."""

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await asyncio.sleep(0.05)
        await peer.say("250 mx")

    heard: list[Exchange] = []
    async with host(behave) as mx:
        target = Target("127.0.0.1", mx.port, NAME)
        said = await converse(target, script(CONNECT, EHLO), on_exchange=heard.append)

    assert tuple(heard) == said
    assert said[2].took_ms >= 50
    assert said[2].at_ms >= said[1].at_ms >= said[0].at_ms >= 0
