"""The DNS edge: a Question goes out, an Answer comes back, and no trouble of DNS is an exception.

A stub resolver (RFC 9499): recursion and validation are the name server's. The server is named by a
setting: the system's, one over UDP, one over TLS or one over HTTPS. TLS and HTTPS are strict
(RFC 8310 §5): without a certificate that fits nothing is asked, and no clear text is fallen back
to, since a server that is not known to be the one asked for is no better than UDP and looks it.
``tls://192.0.2.53`` needs a certificate for that address, as the public resolvers have one;
``tls://192.0.2.53#dns.example`` names the host of the certificate instead. A private authority is
trusted through the environment variable SSL_CERT_FILE, as everywhere with OpenSSL.

Bounds: 5 s a look-up, 300 look-ups under way, 8 aliases, 256 records of an RRset.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.model.question import Answer, AnswerStatus, Question
from bot.network import dns_message
from bot.network.dns_https import HttpsServer, RefusedByHttp
from bot.network.dns_message import Reply
from bot.network.dns_servers import Connected, OverUdp
from bot.network.dns_stream import StreamServer

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from bot.network.dns_servers import Servers

LOOKUP_S = 5.0
UNDER_WAY = 300  # more overrun a socket's default receive buffer
MAX_ALIASES = 8
_EXAMPLES = (
    "write system, udp://192.0.2.53, tls://192.0.2.53, or https:// and a DoH server's address"
)


class Resolver:
    """Asks one setting's name servers; used in one event loop, closed at the end."""

    def __init__(self, servers: Servers, *, lookup_s: float = LOOKUP_S) -> None:
        self._servers = servers
        self._lookup_s = lookup_s
        self._under_way = asyncio.Semaphore(UNDER_WAY)

    async def ask(self, question: Question) -> Answer:
        """Ask one question. Its seconds count from the moment that it is its turn."""
        clock = asyncio.get_running_loop().time
        async with self._under_way:
            began = clock()
            reply = await self._follow(question, began + self._lookup_s)
        return Answer(
            question=question,
            status=reply.status,
            records=reply.records,
            aliases=reply.aliases,
            ttl_s=reply.ttl_s,
            took_ms=round((clock() - began) * 1000),
            detail=reply.detail,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._servers.aclose()

    async def _follow(self, question: Question, until: float) -> Reply:
        """Ask on where a reply ends in an alias that it does not follow."""
        aliases: tuple[str, ...] = ()
        while True:
            reply = await self._ask_once(question, until)
            aliases += reply.aliases
            if len(aliases) > MAX_ALIASES or len(set(aliases)) < len(aliases):
                return Reply(AnswerStatus.MALFORMED, detail="aliases without an end")
            if not reply.cut:
                return replace(reply, aliases=aliases)
            question = Question(aliases[-1], question.qtype)

    async def _ask_once(self, question: Question, until: float) -> Reply:
        """Ask, and turn what went wrong into a status: the one place where it is an exception."""
        try:
            reply = await self._servers.exchange(dns_message.write(question), until)
            if reply.dislikes_edns:  # RFC 6891 §6.2.2
                plain = dns_message.write(question, edns=False)
                reply = await self._servers.exchange(plain, until)
        except TimeoutError:
            return Reply(AnswerStatus.TIMEOUT, detail=f"no reply in {self._lookup_s:g} s")
        except RefusedByHttp as fault:
            return Reply(AnswerStatus.SERVFAIL, detail=str(fault))
        except OSError as fault:
            return Reply(AnswerStatus.UNREACHABLE, detail=str(fault) or type(fault).__name__)
        except ValueError as fault:  # MalformedReply, or a question that is no domain name
            return Reply(AnswerStatus.MALFORMED, detail=str(fault))
        return reply


def make_resolver(setting: str) -> Resolver:
    """Make the resolver that a setting names; nothing is asked or opened yet.

    Args:
        setting: ``system``, ``udp://IP[:PORT]``, ``tls://IP[:PORT][#NAME]``, or the https address
            of a DoH server.

    Raises:
        ValueError: it is none of these; the message says what to write.
    """
    if setting == "system":
        return Resolver(OverUdp([(ip, 53) for ip in dns_message.system_servers()]))
    try:
        url = urlsplit(setting)
        port = url.port
    except ValueError as fault:
        raise _unreadable(setting) from fault
    if url.scheme == "https" and url.hostname:
        return Resolver(Connected(HttpsServer(setting, ssl.create_default_context())))
    if url.scheme == "udp" and not url.fragment:
        return Resolver(OverUdp([(_ip(setting, url), port or 53)]))
    if url.scheme == "tls":
        tls = ssl.create_default_context()
        tls.set_alpn_protocols(["dot"])
        server = StreamServer(_ip(setting, url), port or 853, tls, url.fragment or None)
        return Resolver(Connected(server))
    raise _unreadable(setting)


def _ip(setting: str, url: SplitResult) -> str:
    """Return the address, which a name server has to have: a name would need another resolver."""
    is_plain = not url.path.strip("/") and not url.query and url.username is None
    try:
        return str(ipaddress.ip_address(url.hostname if is_plain and url.hostname else ""))
    except ValueError as fault:
        raise _unreadable(setting) from fault


def _unreadable(setting: str) -> ValueError:
    return ValueError(f"{setting!r} names no resolver: {_EXAMPLES}")
