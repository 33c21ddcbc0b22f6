"""The canary: the mailbox outside to which an open relay passes our proof messages on.

An SMTP server of ours (aiosmtpd) on RELAYCHECK_CANARY_LISTEN. It takes mail for the domains of our
forward-path and our reverse-path (bounces come to the latter) and for no other: it relays nothing.
It remembers when each expected token came and by which path, and throws the message away.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.parser
import email.policy
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar

from aiosmtpd.smtp import SMTP

from bot import metrics
from bot.model.proof import TOKEN_HEADER, Arrival

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
    from datetime import datetime
    from email.message import Message

    from aiosmtpd.smtp import Envelope, Session

MESSAGE_OCTETS = 256 * 1024
CONNECTIONS = 100
SESSION_IDLE_S = 60
EXPECTED = 10_000
RECEIVED_KEPT = 20
RECEIVED_CHARACTERS = 500


class Canary:
    """Knows which tokens are expected, and what came of each.

    Args:
        mailboxes: our forward-path and our reverse-path; mail for their domains is taken.
        now: the clock.

    Attributes:
        is_recalling: set by whoever has still to say what an earlier process expected. Until then
            a message with a token that nobody knows is put off: its server comes again.
    """

    def __init__(self, mailboxes: Iterable[str], now: Callable[[], datetime]) -> None:
        self._domains = frozenset(mailbox.rpartition("@")[2].lower() for mailbox in mailboxes)
        self._now = now
        self._expected: OrderedDict[str, list[Arrival]] = OrderedDict()
        self._news = asyncio.Condition()
        self.addresses: tuple[tuple[str, int], ...] = ()
        self.is_recalling = False

    def expect(self, nonce: str, known: Iterable[Arrival] = ()) -> None:
        """From now on remember messages whose token begins with this nonce.

        The oldest is forgotten when there are more than ``EXPECTED``. ``known``: what came while
        another process was waiting for it.
        """
        self._expected.setdefault(nonce, [*known])
        while len(self._expected) > EXPECTED:
            self._expected.popitem(last=False)

    def arrivals(self, nonce: str) -> tuple[Arrival, ...]:
        """Return what has come for a nonce so far, in order."""
        return tuple(self._expected.get(nonce, ()))

    async def wait(
        self, nonce: str, enough: Callable[[tuple[Arrival, ...]], bool], within_s: float
    ) -> tuple[Arrival, ...]:
        """Wait until what has come for a nonce is enough, or ``within_s`` seconds are over.

        Returns:
            What has come by then.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: enough(self.arrivals(nonce)))
        return self.arrivals(nonce)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take recipients of our own two domains (called by aiosmtpd)."""
        if address.rpartition("@")[2].lower() not in self._domains:
            return "554 5.7.1 Relay access denied"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Note a message by its token and throw it away (called by aiosmtpd)."""
        content = envelope.original_content or b""
        found = read_token(content, self._expected)
        if found is None and self.is_recalling and TOKEN_HEADER.encode() in content:
            return "451 4.3.0 Not yet: try again in a few minutes"
        if found is not None:
            nonce, token, is_bounce, received = found
            peer = str(session.peer[0]) if session.peer else ""
            arrival = Arrival(
                token=token, at=self._now(), is_bounce=is_bounce, peer=peer, received=received
            )
            metrics.canary_heard(is_bounce=is_bounce)
            async with self._news:
                self._expected[nonce].append(arrival)
                self._news.notify_all()
        return "250 2.0.0 Ok: noted"


def read_token(
    content: bytes, nonces: Collection[str]
) -> tuple[str, str, bool, tuple[str, ...]] | None:
    """Find an expected token in a message.

    Returns:
        Its nonce, the token, whether the message is a bounce (the token stands in the text of it
        and not in a header of its own), and the Received header fields; None where there is none.
    """
    header = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(content)
    own = _known(str(header.get(TOKEN_HEADER, "")).strip(), nonces)
    if own is not None:
        return (*own, False, _received(header))
    quoted = re.compile(rb"(?im)^[> \t]*" + TOKEN_HEADER.encode() + rb":[ \t]*([\w-]{1,200})")
    for match in quoted.finditer(content):
        known = _known(match[1].decode("ascii", "replace"), nonces)
        if known is not None:
            return (*known, True, _received(header))
    return None


def _known(token: str, nonces: Collection[str]) -> tuple[str, str] | None:
    nonce = token.partition("-")[0]
    return (nonce, token) if nonce in nonces else None


def _received(header: Message) -> tuple[str, ...]:
    fields = [str(value) for value in header.get_all("Received", [])][:RECEIVED_KEPT]
    return tuple(" ".join(value.split())[:RECEIVED_CHARACTERS] for value in fields)


class _Session(SMTP):
    """A session of the canary; beyond so many at once a connection is closed again."""

    open_now: ClassVar[set[SMTP]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open_now.add(self)
        super().connection_made(transport)
        if len(self.open_now) > CONNECTIONS:
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.open_now.discard(self)
        super().connection_lost(error)


@contextlib.asynccontextmanager
async def open_canary(
    listen: Sequence[tuple[str, int]],
    mailboxes: Iterable[str],
    *,
    name: str,
    now: Callable[[], datetime],
) -> AsyncIterator[Canary]:
    """Run a canary at some addresses and ports of this machine, until the block ends.

    Args:
        listen: address and port pairs; port 0 lets the system choose (``Canary.addresses`` tells).
        mailboxes: our forward-path and our reverse-path.
        name: what it calls itself in its greeting.
        now: the clock.

    Raises:
        OSError: an address is not this machine's, or its port is taken or privileged.
    """
    canary = Canary(mailboxes, now)
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return _Session(
            canary,
            hostname=name,
            ident="relaycheck canary",
            data_size_limit=MESSAGE_OCTETS,
            timeout=SESSION_IDLE_S,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    servers: list[asyncio.Server] = []
    try:
        for host, port in listen:
            servers.append(await loop.create_server(session, host, port))
        canary.addresses = tuple(
            server.sockets[0].getsockname()[:2] for server in servers if server.sockets
        )
        yield canary
    finally:
        for server in servers:
            server.close()
