"""The fence, octet by octet: what is a reply, to what, and what ends the connection."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtplib.errors import SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol
from hypothesis import given
from hypothesis import strategies as st

from bot.model.exchange import Reply
from bot.network.fence import Breach, FencedProtocol
from bot.network.tls import opportunistic_context
from tests.network.mail_host import NAME, Peer, authority, host, server_context

if TYPE_CHECKING:
    from collections.abc import Callable


class Wire(asyncio.Transport):
    """A transport that keeps what is written, and knows whether it was aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Keep it."""
        self.written += bytes(data)

    def is_closing(self) -> bool:
        """Whether it was aborted."""
        return self.aborted

    def abort(self) -> None:
        """Take note."""
        self.aborted = True


def fenced(**sizes: int) -> tuple[FencedProtocol, Wire]:
    """A connection whose greeting is still to come."""
    fence = FencedProtocol(**{"kept": 40, "read": 100, "total": 400} | sizes)
    wire = Wire()
    fence.connection_made(wire)
    return fence, wire


async def greeted(**sizes: int) -> tuple[FencedProtocol, Wire]:
    """A connection whose greeting was read."""
    fence, wire = fenced(**sizes)
    fence.data_received(b"220 mx ESMTP\r\n")
    await fence.reply()
    return fence, wire


async def test_greeting_is_owed_from_the_start() -> None:
    """The greeting may come before it is awaited."""
    fence, _ = fenced()
    fence.data_received(b"220-mx\r\n220 ready\r\n")

    assert Reply(220, ("mx", "ready")) == await fence.reply()


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"250 Ok\r\n", Reply(250, ("Ok",))),
        (b"250\r\n", Reply(250, ("",))),
        (b"250 \r\n", Reply(250, ("",))),
        (b"250 bare line feed\n", Reply(250, ("bare line feed",))),
        (b"250-one\r\n250-\r\n250 three\r\n", Reply(250, ("one", "", "three"))),
        (b"550 caf\xe9 \x00\r\n", Reply(550, ("caf\ufffd \ufffd",))),
        ("550 für".encode() + b"\r\n", Reply(550, ("für",))),
    ],
)
async def test_reply(octets: bytes, reply: Reply) -> None:
    """A reply is read as it stands; what no store would take is shown as U+FFFD."""
    fence, _ = await greeted()
    fence.ask(["NOOP"])
    fence.data_received(octets)

    assert reply == await fence.reply()


@given(cuts=st.sets(st.integers(1, 40)))
async def test_reply_in_pieces(cuts: set[int]) -> None:
    """For all ways to cut the stream, the replies are the same."""
    stream = b"250-mx\r\n250 DSN\r\n250 Ok\r\n550 no\r\n"
    fence, _ = await greeted()
    fence.ask(["EHLO me", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"])
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    for start, end in pairwise(edges):
        fence.data_received(stream[start:end])

    replies = [await fence.reply() for _ in range(3)]

    assert [Reply(250, ("mx", "DSN")), Reply(250, ("Ok",)), Reply(550, ("no",))] == replies
    assert fence.breach is None


async def test_each_line_is_read_once() -> None:
    """Ten thousand lines that come octet by octet are no more work than ten thousand lines."""
    fence, _ = await greeted(kept=8, read=100_000, total=100_000)
    fence.ask(["HELP"])
    for octet in b"214-\r\n" * 10_000 + b"214 end\r\n":
        fence.data_received(bytes([octet]))

    assert 8 * ("",) == (await fence.reply()).lines


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"2_5 Ok\r\n", "not a reply line"),
        (b"+25 Ok\r\n", "not a reply line"),
        (b" 250 Ok\r\n", "not a reply line"),
        (b"25\r\n", "not a reply line"),
        (b"2500 Ok\r\n", "not a reply line"),
        (b"150 Ok\r\n", "not a reply line"),
        (b"600 Ok\r\n", "not a reply line"),
        (b"250_Ok\r\n", "not a reply line"),
        (b"\r\n", "not a reply line"),
        (b"HTTP/1.1 400 Bad Request\r\n", "not a reply line"),
        (b"554-no\r\n220 yes\r\n", "two codes in one reply"),
        (b"250 " + b"x" * 200, "a reply of more than 100 octets"),
        (b"250-x\r\n" * 20, "a reply of more than 100 octets"),
    ],
)
async def test_broken_reply_ends_the_connection(octets: bytes, why: str) -> None:
    """What is no reply is a breach: the connection is aborted and nothing more is read."""
    fence, wire = await greeted()
    fence.ask(["NOOP"])
    fence.data_received(octets)

    with pytest.raises(Breach, match=why):
        await fence.reply()
    assert wire.aborted
    fence.data_received(b"250 Ok\r\n")
    with pytest.raises(Breach, match=why):
        fence.ask(["NOOP"])


@pytest.mark.parametrize(
    "octets", [b"250 first\r\n250 second\r\n", b"250 first\r\n2", b"250 first\r\n\x00"]
)
async def test_surplus_is_a_breach(octets: bytes) -> None:
    """What comes in the same segment after the reply is never kept for the next command."""
    fence, wire = await greeted()
    fence.ask(["EHLO me"])
    fence.data_received(octets)

    assert Reply(250, ("first",)) == await fence.reply()
    assert fence.breach is not None
    assert wire.aborted


async def test_octets_between_commands_are_a_breach() -> None:
    """What comes when nothing was asked ends the connection at its first octet."""
    fence, wire = await greeted()
    fence.data_received(b"2")

    assert wire.aborted
    assert "nobody asked" in str(fence.breach)


async def test_unasked_421_is_a_farewell() -> None:
    """A server may say 421 of its own accord and close: the replies before it count."""
    fence, wire = await greeted()
    fence.ask(["RCPT TO:<c@d.example>"])
    fence.data_received(b"554 5.7.1 Relay access denied\r\n42")
    fence.data_received(b"1 4.7.0 Error: too many errors\r\n")

    assert 554 == (await fence.reply()).code
    assert fence.breach is None
    assert "too many errors" in str(fence.farewell)
    assert not wire.aborted
    with pytest.raises(SMTPServerDisconnected):
        fence.ask(["RSET"])


async def test_flood_is_bounded() -> None:
    """A connection brings so many octets and no more, replies or not."""
    fence, wire = await greeted(total=100)
    for _ in range(9):
        if not wire.aborted:
            fence.ask(["NOOP"])
            fence.data_received(b"250 " + b"x" * 20 + b"\r\n")

    assert wire.aborted
    assert "a connection of more than 100 octets" in str(fence.breach)


async def test_kept_octets_are_bounded() -> None:
    """A long reply is read to its end, and so much of it is kept."""
    fence, _ = await greeted()
    fence.ask(["HELP"])
    fence.data_received(b"214-" + b"a" * 30 + b"\r\n214-" + b"b" * 30 + b"\r\n214 c\r\n")

    assert Reply(214, ("a" * 30, "b" * 10)) == await fence.reply()


async def test_batch_is_one_write() -> None:
    """A batch goes out as it is given, in one write, each line ended by CRLF."""
    fence, wire = await greeted()
    fence.ask(['MAIL FROM:<"a b"@c.example>', "RCPT TO:<@x.example:u@d.example>", "RSET"])

    assert (
        b'MAIL FROM:<"a b"@c.example>\r\nRCPT TO:<@x.example:u@d.example>\r\nRSET\r\n'
        == wire.written
    )


@pytest.mark.parametrize("command", ["RSET\r\nDATA", "NOOP\n", "NOOP\0", "NOOP\x7f"])
async def test_control_characters_do_not_go_out(command: str) -> None:
    """A command with a control character is a bug of ours, and is not written."""
    fence, wire = await greeted()

    with pytest.raises(ValueError, match="control character"):
        fence.ask(["RSET", command])
    assert b"" == wire.written


async def test_a_message_is_one_write() -> None:
    """Its lines and its end go out together, a dot that begins one doubled; one reply is owed."""
    fence, wire = await greeted()
    fence.ask_content(["Subject: a", "\tfolded", "", ".", "..x", "a.b"])
    fence.data_received(b"250 Ok\r\n")

    assert b"Subject: a\r\n\tfolded\r\n\r\n..\r\n...x\r\na.b\r\n.\r\n" == wire.written
    assert Reply(250, ("Ok",)) == await fence.reply()
    assert fence.breach is None


@pytest.mark.parametrize("line", [".\r\nRSET", "a\n", "a\0", "a\x7f"])
async def test_a_message_holds_no_control_characters(line: str) -> None:
    """But tabs: a line that is two would end the message and begin commands of somebody else's."""
    fence, wire = await greeted()

    with pytest.raises(ValueError, match="control character"):
        fence.ask_content(["Subject: a", line])
    assert b"" == wire.written


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (lambda fence: fence.eof_received(), "closed by the server"),
        (lambda fence: fence.connection_lost(None), "closed"),
        (lambda fence: fence.connection_lost(ConnectionResetError("reset")), "reset"),
    ],
)
async def test_end_of_connection(end: Callable[[FencedProtocol], object], why: str) -> None:
    """Replies that came are kept; what is still owed when the connection ends never comes."""
    fence, _ = await greeted()
    fence.ask(["RSET", "QUIT"])
    fence.data_received(b"250 Ok\r\n")
    end(fence)

    assert Reply(250, ("Ok",)) == await fence.reply()
    with pytest.raises(SMTPServerDisconnected, match=why):
        await fence.reply()
    with pytest.raises(SMTPServerDisconnected, match=why):
        fence.ask(["NOOP"])
    with pytest.raises(SMTPServerDisconnected, match=why):
        fence.ask_content(["Subject: a"])


async def test_half_a_reply() -> None:
    """A reply that the server does not finish is said to be so."""
    fence, _ = await greeted()
    fence.ask(["NOOP"])
    fence.data_received(b"250-half")

    assert fence.eof_received() is False
    with pytest.raises(SMTPServerDisconnected, match="in the middle of a reply"):
        await fence.reply()


@pytest.mark.parametrize("name", ["_buffer", "_loop", "transport"])
async def test_private_names_of_aiosmtplib(name: str) -> None:
    """Each name of aiosmtplib that the fence leans on is still there, and still aiosmtplib's."""
    assert hasattr(SMTPProtocol(asyncio.get_running_loop()), name), (
        f"aiosmtplib has no SMTPProtocol.{name} any more: look at bot/network/fence.py before "
        "this version of it is allowed in pyproject.toml"
    )


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("connection_made", ["self", "transport"]),
        ("data_received", ["self", "data"]),
        ("eof_received", ["self"]),
        ("connection_lost", ["self", "exc"]),
        ("write", ["self", "data"]),
    ],
)
def test_methods_of_aiosmtplib(name: str, takes: list[str]) -> None:
    """Each method that the fence takes over or calls is still there, with the same arguments."""
    method = getattr(SMTPProtocol, name, None)

    assert method is not None, f"aiosmtplib has no SMTPProtocol.{name} any more"
    assert takes == list(inspect.signature(method).parameters), (
        f"aiosmtplib changed SMTPProtocol.{name}: look at bot/network/fence.py"
    )


async def test_abort_without_a_connection() -> None:
    """Aborting what never stood, or is gone, is nothing."""
    FencedProtocol(kept=1, read=1, total=1).abort()


async def test_handshake() -> None:
    """After STARTTLS the fence stands around the encrypted connection as well."""
    context = server_context(authority())

    async def behave(peer: Peer) -> None:
        await peer.say("220 mx")
        await peer.hear()
        await peer.say("220 go ahead")
        await peer.writer.start_tls(context)
        await peer.hear()
        await peer.say("250 secret\r\n250 surplus")
        await peer.stay()

    async with host(behave) as mx:
        fence = FencedProtocol(kept=40, read=100, total=400)
        await asyncio.get_running_loop().create_connection(lambda: fence, "127.0.0.1", mx.port)
        await fence.reply()
        fence.ask(["STARTTLS"])
        await fence.reply()
        await fence.shake_hands(opportunistic_context(), NAME)
        fence.ask(["NOOP"])

        assert Reply(250, ("secret",)) == await fence.reply()
        assert fence.breach is not None
        assert isinstance(fence.tls_object, ssl.SSLObject)
        await asyncio.sleep(0)
