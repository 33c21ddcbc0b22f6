"""A sample host on the wire: aiosmtpd's server, saying what the sample's data says.

Decisions are made by ``recipient_reply``, which is pure; the handler fills in the words and passes
on what was accepted for outside. It relays to ``deliver`` and never to the network by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from email.utils import formatdate
from typing import TYPE_CHECKING, AnyStr

from aiosmtpd.smtp import SMTP

from bot.sandbox.hosts.canary import Message, path_of
from bot.sandbox.hosts.samples import MailHost, Tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from aiosmtpd.smtp import Envelope, Session

    Deliver = Callable[[Message], Awaitable[None]]

LOCAL_USERS = frozenset({"postmaster", "abuse", "alice"})
"""The mailboxes that every sample host has."""


def recipient_reply(
    host: MailHost,
    *,
    reverse_path: str,
    forward_path: str,
    over_ipv6: bool = False,
    known_for_s: float | None = None,
) -> str:
    """Decide one RCPT; return the name of the reply.

    Args:
        host: the sample host that is asked.
        reverse_path: of the transaction; the null reverse-path is empty.
        forward_path: who the mail is for.
        over_ipv6: whether the client came over IPv6.
        known_for_s: how long ago the same client, sender and recipient first tried; None: never.
    """
    if host.blocks_client:
        return "client_blocked"
    if _domain(forward_path) in (host.domain, host.name):
        if forward_path.rpartition("@")[0].lower() not in LOCAL_USERS:
            return "unknown_user"
    elif _sender_kind(host, reverse_path) not in (
        host.relays_over_ipv6 if over_ipv6 else host.relays
    ):
        return host.refusal
    if host.greylist_s and (known_for_s is None or known_for_s < host.greylist_s):
        return "greylisted"
    return "recipient_accepted"


def _sender_kind(host: MailHost, reverse_path: str) -> str:
    if not reverse_path:
        return "null"
    return "own_domain" if _domain(reverse_path) in (host.domain, host.name) else "foreign"


def _domain(path: str) -> str:
    return path.rpartition("@")[2].lower()


class SampleHandler:
    """What aiosmtpd asks for each command of a session with one sample host."""

    def __init__(self, host: MailHost, deliver: Deliver) -> None:
        self._host = host
        self._deliver = deliver
        self._first_seen: dict[tuple[str, str, str], float] = {}

    def say(self, name: str, session: Session, **values: str) -> str:
        """Return a reply of the host's dialect, its placeholders filled in."""
        return self.fill(self._host.replies[name], session, **values)

    def fill(self, text: str, session: Session, **values: str) -> str:
        """Fill in what a host may know: names, addresses, the time."""
        known = {
            "host": self._host.name,
            "domain": self._host.domain,
            "ehlo": session.host_name or "",
            "client": _client(session),
            "date": formatdate(),
            "starttls": "STARTTLS",
            "auth": "AUTH LOGIN PLAIN",
        }
        return text.format_map({**known, **values})

    async def handle_HELO(  # noqa: N802, D102
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        return self.say("helo", session)

    async def handle_EHLO(  # noqa: N802, D102
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, _: list[str]
    ) -> list[str]:
        session.host_name = hostname
        left_out = set()
        if self._host.tls is Tls.NONE or session.ssl is not None:
            left_out.add("{starttls}")
        if not self._host.login:
            left_out.add("{auth}")
        lines = [self.fill(line, session) for line in self._host.ehlo if line not in left_out]
        return [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]

    async def handle_MAIL(  # noqa: N802, D102
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if self._host.tls is Tls.DEMANDED and session.ssl is None:
            return self.say("tls_required", session)
        envelope.mail_from = address
        return self.say("sender_accepted", session, sender=path_of(address))

    async def handle_RCPT(  # noqa: N802, D102
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        reverse_path = path_of(envelope.mail_from or "")
        name = recipient_reply(
            self._host,
            reverse_path=reverse_path,
            forward_path=address,
            over_ipv6=":" in _client(session),
            known_for_s=self._known_for((_client(session), reverse_path, address)),
        )
        if name == "recipient_accepted":
            envelope.rcpt_tos.append(address)
        return self.say(name, session, rcpt=address)

    def _known_for(self, triplet: tuple[str, str, str]) -> float | None:
        """How long a greylisting host has known the triplet; the first time it is only noted."""
        now = asyncio.get_running_loop().time()
        first = self._first_seen.setdefault(triplet, now)
        return now - first if first < now else None

    async def handle_DATA(  # noqa: N802, D102
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        queue_id = secrets.token_hex(5).upper()
        if self._host.refuses_message:
            return self.say("message_refused", session, id=queue_id)
        received = self.fill(
            "Received: from {ehlo} ([{client}])\r\n\tby {host} with ESMTP id {id};\r\n\t{date}\r\n",
            session,
            id=queue_id,
        )
        outside = tuple(
            path
            for path in envelope.rcpt_tos
            if _domain(path) not in (self._host.domain, self._host.name)
        )
        if outside:
            content = received.encode() + (envelope.original_content or b"")
            await self._deliver(Message(path_of(envelope.mail_from or ""), outside, content))
        return self.say("message_accepted", session, id=queue_id)

    async def handle_RSET(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802, D102
        return self.say("reset", session)

    async def handle_QUIT(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802, D102
        return self.say("goodbye", session)


def _client(session: Session) -> str:
    """Return the client's address; aiosmtpd annotates ``peer`` as other than what it holds."""
    return str(session.peer[0]) if session.peer else ""


class SampleServer(SMTP):
    """aiosmtpd's server with the host's own greeting, after the host's own delay."""

    def __init__(
        self, host: MailHost, handler: SampleHandler, tls_context: ssl.SSLContext | None
    ) -> None:
        super().__init__(
            handler,
            hostname=host.name,
            enable_SMTPUTF8=True,
            tls_context=tls_context,
            auth_require_tls=not host.login,
            loop=asyncio.get_running_loop(),
        )
        self._host = host
        self._greeted = False

    async def push(self, status: AnyStr) -> None:
        """Send one line; the first of a connection is the greeting, and aiosmtpd's is replaced."""
        if self._greeted or self.session is None:
            await super().push(status)
            return
        self._greeted = True
        await asyncio.sleep(self._host.greeting_delay_s)
        handler: SampleHandler = self.event_handler
        for line in self._host.greeting:
            await super().push(handler.fill(line, self.session))
