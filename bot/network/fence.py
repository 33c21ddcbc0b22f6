"""aiosmtplib's SMTP protocol behind a fence: every octet a server sends was asked for.

Stock aiosmtplib keeps what is left of a segment after a reply and pairs it with the next command,
drops what arrives between commands, takes ``2_5`` for a reply code, and has no pipelining. A relay
check must not be lied to so easily. Behind the fence a reply is three digits and one code on every
line (RFC 5321 §4.2), exactly one reply belongs to each command, and every size is bounded. What
breaks this ends the connection at once, and says why.

It leans on private names of aiosmtplib (``_buffer``, ``_loop``), so pyproject.toml pins its minor
version. It knows octets and replies; it does not know what is asked, nor why.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, cast

from aiosmtplib.errors import SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from bot.model.exchange import Reply

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

# RFC 5321 §4.2: Reply-line; its text is optional.
_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
# C0 controls and DEL would end a command early, or smuggle in another.
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_CLOSING = b"421"


class Breach(Exception):  # noqa: N818 - what a server did, not an error of ours
    """A server broke the protocol: surplus octets, a broken reply, more than we will read."""


class FencedProtocol(SMTPProtocol):
    """One connection's replies, each paired with what asked for it.

    Args:
        kept: how many octets of a reply's text are kept; the rest is read and left out.
        read: how many octets a reply may have.
        total: how many octets a connection may bring.
    """

    def __init__(self, *, kept: int, read: int, total: int) -> None:
        super().__init__(asyncio.get_running_loop())
        self._kept, self._read, self._total = kept, read, total
        self._owed: deque[asyncio.Future[Reply]] = deque()
        self._seen = 0
        # Of the reply under way: no line is read twice, however small the pieces that it comes in.
        self._read_to = 0
        self._code = b""
        self._lines: list[bytes] = []
        self._end: Exception | None = None
        self.farewell: SMTPServerDisconnected | None = None

    @property
    def breach(self) -> Breach | None:
        """How the server broke the protocol; None as long as it did not."""
        return self._end if isinstance(self._end, Breach) else None

    @property
    def tls_object(self) -> ssl.SSLObject:
        """The TLS side of an encrypted connection."""
        transport = cast("asyncio.BaseTransport", self.transport)
        return cast("ssl.SSLObject", transport.get_extra_info("ssl_object"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From now on a greeting is owed (RFC 5321 §3.1)."""
        super().connection_made(transport)
        self._owe(1)

    def data_received(self, data: bytes) -> None:
        """Pair what came with what was asked; end the connection where that cannot be done."""
        if self._end is not None:
            return
        self._seen += len(data)
        self._buffer.extend(data)
        try:
            _check_size(self._seen, self._total, "a connection")
            while self._buffer and (reply := self._take_reply()) is not None:
                self._pair(reply)
        except Breach as breach:
            self._finish(breach)

    def eof_received(self) -> bool:
        """The server closes its side; half a reply is no reply."""
        half = " in the middle of a reply" if self._buffer else ""
        self._finish(SMTPServerDisconnected(f"closed by the server{half}"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, closed or reset."""
        self._finish(SMTPServerDisconnected(str(exc) if exc else "closed"))
        super().connection_lost(exc)

    def ask(self, commands: Sequence[str]) -> None:
        """Write the commands in one go, exactly as given; a reply is owed to each, in order.

        Raises:
            ValueError: a command holds a control character.
            Breach: the server broke the protocol before.
            SMTPServerDisconnected: the connection had ended before.
        """
        lines = [command.encode() for command in commands]
        if any(_CONTROL.search(line) for line in lines):
            raise ValueError("a control character in a command")
        if self._end is not None:
            raise self._end
        self._owe(len(lines))
        self.write(b"".join(line + b"\r\n" for line in lines))

    def ask_content(self, lines: Sequence[str]) -> None:
        """Write the content of a message and its end; one reply is owed to all of it.

        Raises:
            ValueError: a line holds a control character other than a tab.
            Breach: the server broke the protocol before.
            SMTPServerDisconnected: the connection had ended before.
        """
        content = [line.encode() for line in lines]
        if any(_CONTROL.search(line.replace(b"\t", b"")) for line in content):
            raise ValueError("a control character in a message")
        if self._end is not None:
            raise self._end
        self._owe(1)
        # RFC 5321 §4.5.2: a dot that begins a line is doubled.
        stuffed = [b"." + line if line.startswith(b".") else line for line in content]
        self.write(b"".join(line + b"\r\n" for line in (*stuffed, b".")))

    async def reply(self) -> Reply:
        """Await the oldest reply that is owed.

        Raises:
            Breach: the server broke the protocol before it came.
            SMTPServerDisconnected: the connection ended before it came.
        """
        try:
            return await self._owed[0]
        finally:
            self._owed.popleft()

    async def shake_hands(self, context: ssl.SSLContext, server_name: str) -> None:
        """Encrypt the connection (RFC 3207 §4), the STARTTLS command having been answered.

        aiosmtplib's ``start_tls`` says the command and shakes hands in one; here they are two
        exchanges, each with its own time. Raises what ``loop.start_tls`` raises.
        """
        transport = cast("asyncio.WriteTransport", self.transport)
        self.transport = await self._loop.start_tls(
            transport, self, context, server_hostname=server_name
        )

    def abort(self) -> None:
        """Close at once, whatever is still owed."""
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()

    def _owe(self, count: int) -> None:
        self._owed.extend(self._loop.create_future() for _ in range(count))

    def _pair(self, reply: Reply) -> None:
        waiter = next((waiter for waiter in self._owed if not waiter.done()), None)
        if waiter is not None:
            waiter.set_result(reply)
        else:
            # RFC 5321 §3.8: a server that must close says 421 of its own accord.
            self.farewell = SMTPServerDisconnected(f"closed by the server: {reply.wire()[-1]}")
            self._finish(self.farewell)

    def _take_reply(self) -> Reply | None:
        """Take a whole reply off the buffer; None until more has come."""
        asked = any(not waiter.done() for waiter in self._owed)
        if not asked and not _CLOSING.startswith(bytes(self._buffer[:3])):
            raise Breach(f"octets that nobody asked for: {_shown(self._buffer)}")
        while (end := self._buffer.find(b"\n", self._read_to)) >= 0:
            line = bytes(self._buffer[self._read_to : end]).removesuffix(b"\r")
            self._read_to = end + 1
            _check_size(self._read_to, self._read, "a reply")
            found = _REPLY_LINE.fullmatch(line)
            if found is None:
                raise Breach(f"not a reply line: {_shown(line)}")
            if self._lines and found[1] != self._code:
                raise Breach(f"two codes in one reply: {_shown(line)}")
            self._code = found[1]
            self._lines.append(found[3] or b"")
            if found[2] != b"-":
                return self._whole()
        _check_size(len(self._buffer), self._read, "a reply")
        return None

    def _whole(self) -> Reply:
        """Take the lines of a reply that has come to its end."""
        del self._buffer[: self._read_to]
        lines, self._lines, self._read_to = self._lines, [], 0
        return Reply(int(self._code), self._decoded(lines))

    def _decoded(self, lines: list[bytes]) -> tuple[str, ...]:
        """Keep so much; NUL and what is not UTF-8 become U+FFFD, so that any store takes it."""
        kept: list[str] = []
        left = self._kept
        for line in lines:
            kept.append(line[:left].decode("utf-8", "replace").replace("\0", "\ufffd"))
            left -= len(line) or 1  # a line without text is kept as well
            if left <= 0:
                break
        return tuple(kept)

    def _finish(self, why: Exception) -> None:
        """Fail all that is still owed, once; a breach is not read any further."""
        if self._end is not None:
            return
        self._end = why
        for waiter in self._owed:
            if not waiter.done():
                waiter.set_exception(why)
                waiter.exception()  # nobody may ever ask for it
        if isinstance(why, Breach):
            self.abort()


def _check_size(octets: int, limit: int, whole: str) -> None:
    if octets > limit:
        raise Breach(f"{whole} of more than {limit} octets")


def _shown(octets: bytes | bytearray) -> str:
    return repr(bytes(octets[:60]))[1:]
