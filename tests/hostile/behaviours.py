"""What mail servers may do to us: a table of behaviours, each a host that otherwise is honest.

The honest host relays for nobody. A behaviour changes what it says at one point: octets to write
instead, or something to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.model.verdict import Reason
from tests.network.mail_host import Peer, authority, server_context

Deed: TypeAlias = Callable[[Peer], Awaitable[None]]
Points: TypeAlias = Mapping[str, "bytes | Deed"]

CERTIFICATE = server_context(authority(), "somebody.else.example")
_HONEST: Points = {
    "GREETING": b"220 mx.example.com ESMTP\r\n",
    "EHLO": b"250-mx.example.com\r\n250 8BITMIME\r\n",
    "HELO": b"250 mx.example.com\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"554 5.7.1 Relay access denied\r\n",
    "RSET": b"250 2.0.0 Ok\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
    "STARTTLS": b"220 2.0.0 Ready\r\n",
}
_DEMANDS_TLS: Points = {
    "EHLO": b"250-mx.example.com\r\n250 STARTTLS\r\n",
    "MAIL": b"530 5.7.0 Must issue a STARTTLS command first\r\n",
}


def behave(points: Points) -> Deed:
    """Return a host that is honest but for these points."""
    said = {**_HONEST, **points}

    async def host(peer: Peer) -> None:
        await _do(peer, said["GREETING"])
        while line := await peer.hear():
            verb = line[:4].upper() if not line.upper().startswith("STARTTLS") else "STARTTLS"
            await _do(peer, said.get(verb, b"500 what?\r\n"))

    return host


async def _do(peer: Peer, deed: bytes | Deed) -> None:
    await (peer.say(deed) if isinstance(deed, bytes) else deed(peer))


async def hang(peer: Peer) -> None:
    """Say nothing any more."""
    await peer.stay()


async def close(peer: Peer) -> None:
    """Close in good order."""
    peer.writer.close()
    await peer.writer.wait_closed()


async def reset(peer: Peer) -> None:
    """End the connection at once."""
    peer.reset()


def then(octets: bytes, deed: Deed) -> Deed:
    """Write, and then do."""

    async def both(peer: Peer) -> None:
        await peer.say(octets)
        await deed(peer)

    return both


def forever(octets: bytes, every_s: float = 0.0) -> Deed:
    """Write without end."""

    async def write(peer: Peer) -> None:
        while True:
            await peer.say(octets)
            await asyncio.sleep(every_s)

    return write


def after(seconds: float, octets: bytes) -> Deed:
    """Write a while later."""

    async def write(peer: Peer) -> None:
        await asyncio.sleep(seconds)
        await peer.say(octets)

    return write


async def late_surplus(peer: Peer) -> None:
    """Answer EHLO, and once more when MAIL has come: from now on each reply is one too late."""
    await peer.say(b"250 mx.example.com\r\n")
    await peer.hear()
    await peer.say(b"250 mx.example.com\r\n")
    owed = b"250 2.1.0 Ok\r\n"
    while line := await peer.hear():
        await peer.say(owed)
        verb = line[:4].upper()
        owed_now = _HONEST.get(verb, b"500 what?\r\n")
        owed = owed_now if isinstance(owed_now, bytes) else owed


async def one_for_all(peer: Peer) -> None:
    """Offer PIPELINING, and answer a whole batch with one reply."""
    await peer.say(b"250-mx.example.com\r\n250 PIPELINING\r\n")
    await peer.hear()
    await peer.say(b"250 Ok\r\n")
    await peer.stay()


async def encrypt(peer: Peer) -> None:
    """Begin TLS with a certificate of somebody else's."""
    await peer.say(b"220 2.0.0 Ready\r\n")
    await peer.writer.start_tls(CERTIFICATE)


async def encrypt_and_go_on(peer: Peer) -> None:
    """Begin TLS with a certificate of somebody else's, and be honest from then on."""
    await encrypt(peer)
    await behave({"GREETING": b""})(peer)


async def encrypt_and_close(peer: Peer) -> None:
    """Begin TLS, and close."""
    await encrypt(peer)
    await close(peer)


async def echo(peer: Peer) -> None:
    """Say what was heard."""
    while line := await peer.hear():
        await peer.say(line)


def _at(point: str, deed: bytes | Deed) -> Points:
    return {point: deed}


_BROKEN, _SLOW, _GONE = Reason.PROTOCOL_ERROR, Reason.TIMEOUT, Reason.DROPPED
_HONESTLY, _TLS = Reason.RELAY_DENIED, Reason.TLS_FAILED

# name: where it does what, and the reason of the verdict.
BEHAVIOURS: dict[str, tuple[Points, Reason]] = {
    "honest": ({}, _HONESTLY),
    # ------------------------------------------------------------------------------- the greeting
    "greeting-never": (_at("GREETING", hang), _SLOW),
    "greeting-drips": (_at("GREETING", forever(b"2", 0.05)), _SLOW),
    "greeting-drips-lines": (_at("GREETING", forever(b"220-wait\r\n", 0.05)), _SLOW),
    "greeting-without-line-end": (_at("GREETING", then(b"220 mx", hang)), _SLOW),
    "greeting-ends-in-cr": (_at("GREETING", then(b"220 mx\r", hang)), _SLOW),
    "greeting-of-endless-lines": (_at("GREETING", forever(b"220-more\r\n" * 500)), _BROKEN),
    "greeting-of-one-endless-line": (_at("GREETING", forever(b"2" * 9000)), _BROKEN),
    "greeting-with-two-codes": (_at("GREETING", b"220-mx\r\n554 no\r\n"), _BROKEN),
    "greeting-twice": (_at("GREETING", b"220 mx\r\n220 mx\r\n"), _BROKEN),
    "greeting-of-http": (_at("GREETING", b"HTTP/1.1 400 Bad Request\r\n\r\n"), _BROKEN),
    "greeting-of-ssh": (_at("GREETING", b"SSH-2.0-OpenSSH_9.2\r\n"), _BROKEN),
    "greeting-of-pop3": (_at("GREETING", b"+OK ready\r\n"), _BROKEN),
    "greeting-of-tls": (_at("GREETING", b"\x15\x03\x01\x00\x02\x02\x0a\n"), _BROKEN),
    "greeting-150": (_at("GREETING", b"150 mx\r\n"), _BROKEN),
    "greeting-250": (_at("GREETING", b"250 mx\r\n"), _BROKEN),
    "greeting-of-four-digits": (_at("GREETING", b"2200 mx\r\n"), _BROKEN),
    "greeting-of-two-digits": (_at("GREETING", b"22 mx\r\n"), _BROKEN),
    "greeting-with-underscore": (_at("GREETING", b"2_0 mx\r\n"), _BROKEN),
    "greeting-with-sign": (_at("GREETING", b"+220 mx\r\n"), _BROKEN),
    "greeting-of-wide-digits": (_at("GREETING", "２２０ mx\r\n".encode()), _BROKEN),  # noqa: RUF001
    "greeting-of-an-empty-line": (_at("GREETING", b"\r\n220 mx\r\n"), _BROKEN),
    "greeting-closes": (_at("GREETING", close), _GONE),
    "greeting-resets": (_at("GREETING", reset), _GONE),
    "greeting-closes-halfway": (_at("GREETING", then(b"220-mx\r\n", close)), _GONE),
    "greeting-554": (_at("GREETING", b"554 no service for you\r\n"), Reason.CLIENT_BLOCKED),
    "greeting-421": (_at("GREETING", then(b"421 busy\r\n", close)), Reason.TEMPORARY_FAILURE),
    "greeting-with-nul": (_at("GREETING", b"220 m\0x ESMTP\r\n"), _HONESTLY),
    "greeting-of-8-bit": (_at("GREETING", b"220 caf\xe9 ESMTP\r\n"), _HONESTLY),
    "greeting-with-half-a-character": (_at("GREETING", b"220 \xed\xa0\x80\r\n"), _HONESTLY),
    "greeting-with-escapes": (_at("GREETING", b"220 \x1b[2J\x1b]0;x\x07 mx\r\n"), _HONESTLY),
    "greeting-with-bare-lf": (_at("GREETING", b"220 mx ESMTP\n"), _HONESTLY),
    "greeting-that-teases": (
        _at("GREETING", then(b"220-mx wait\r\n", after(0.1, b"220 mx\r\n"))),
        _HONESTLY,
    ),
    # ------------------------------------------------------------------------------------- EHLO
    "ehlo-never": (_at("EHLO", hang), _SLOW),
    "ehlo-closes": (_at("EHLO", close), _GONE),
    "ehlo-resets": (_at("EHLO", reset), _GONE),
    "ehlo-twice": (_at("EHLO", b"250-mx\r\n250 DSN\r\n250 Ok\r\n"), _BROKEN),
    "ehlo-twice-and-late": (_at("EHLO", late_surplus), _BROKEN),
    "ehlo-floods": (_at("EHLO", forever(b"250-x" + b"y" * 9000 + b"\r\n")), _BROKEN),
    "ehlo-354": (_at("EHLO", b"354 go ahead\r\n"), _BROKEN),
    "ehlo-220": (_at("EHLO", b"220 mx\r\n"), _BROKEN),
    "ehlo-half-an-octet-more": (_at("EHLO", b"250 mx\r\n2"), _BROKEN),
    "ehlo-nul-more": (_at("EHLO", b"250 mx\r\n\0"), _BROKEN),
    "ehlo-of-60-kB": (_at("EHLO", b"250-mx\r\n250 " + b"X" * 60_000 + b"\r\n"), _HONESTLY),
    "ehlo-of-1000-keywords": (_at("EHLO", b"250-mx\r\n" * 1000 + b"250 Z\r\n"), _HONESTLY),
    "ehlo-refused": (_at("EHLO", b"502 what?\r\n"), _HONESTLY),
    "ehlo-421": (_at("EHLO", then(b"421 closing\r\n", close)), Reason.TEMPORARY_FAILURE),
    "ehlo-421-unasked": (_at("EHLO", b"250 mx\r\n421 closing\r\n"), _GONE),
    "ehlo-lies-about-pipelining": (_at("EHLO", one_for_all), _SLOW),
    # ------------------------------------------------------------------------------------- MAIL
    "mail-never": (_at("MAIL", hang), _SLOW),
    "mail-closes": (_at("MAIL", close), _GONE),
    "mail-resets": (_at("MAIL", reset), _GONE),
    "mail-twice": (_at("MAIL", b"250 Ok\r\n250 Ok\r\n"), _BROKEN),
    "mail-354": (_at("MAIL", b"354 go ahead\r\n"), _BROKEN),
    "mail-of-letters": (_at("MAIL", b"abc Ok\r\n"), _BROKEN),
    "mail-with-two-codes": (_at("MAIL", b"550-no\r\n250 Ok\r\n"), _BROKEN),
    "mail-answered-as-rcpt": (_at("MAIL", b"250 <canary@outside.example> Ok\r\n"), _BROKEN),
    # ------------------------------------------------------------------------------------- RCPT
    "rcpt-never": (_at("RCPT", hang), _SLOW),
    "rcpt-closes": (_at("RCPT", close), _GONE),
    "rcpt-resets": (_at("RCPT", reset), _GONE),
    "rcpt-drips": (_at("RCPT", forever(b"5", 0.05)), _SLOW),
    "rcpt-twice": (_at("RCPT", b"554 no\r\n250 Ok\r\n"), _BROKEN),
    "rcpt-with-two-codes": (_at("RCPT", b"554-no\r\n250 Ok\r\n"), _BROKEN),
    "rcpt-220": (_at("RCPT", b"220 Ok\r\n"), _BROKEN),
    "rcpt-999": (_at("RCPT", b"999 Ok\r\n"), _BROKEN),
    "rcpt-without-blank": (_at("RCPT", b"250Ok\r\n"), _BROKEN),
    "rcpt-of-endless-lines": (_at("RCPT", forever(b"250-Ok\r\n" * 500)), _BROKEN),
    "rcpt-refused-in-8-bit": (_at("RCPT", b"554 5.7.1 Relay access denied \xe9\r\n"), _HONESTLY),
    "rcpt-refused-with-mentions": (_at("RCPT", b"554 Relaying denied <!channel>\r\n"), _HONESTLY),
    "rcpt-refused-in-60-kB": (
        _at("RCPT", b"554 relaying denied" + b"!" * 60_000 + b"\r\n"),
        _HONESTLY,
    ),
    # ----------------------------------------------------------------------------- RSET and QUIT
    "rset-refused-to-relay": (_at("RSET", b"554 5.7.1 Relay access denied\r\n"), _BROKEN),
    "rset-354": (_at("RSET", b"354 go ahead\r\n"), _BROKEN),
    "quit-never": (_at("QUIT", hang), _HONESTLY),
    "quit-closes": (_at("QUIT", close), _HONESTLY),
    "quit-floods": (_at("QUIT", forever(b"221-bye\r\n" * 500)), _BROKEN),
    # -------------------------------------------------------------------------------------- TLS
    "starttls-refused": ({**_DEMANDS_TLS, "STARTTLS": b"454 not now\r\n"}, _TLS),
    "starttls-hangs": ({**_DEMANDS_TLS, "STARTTLS": then(b"220 go\r\n", hang)}, _TLS),
    "starttls-closes": ({**_DEMANDS_TLS, "STARTTLS": then(b"220 go\r\n", close)}, _TLS),
    "starttls-of-garbage": ({**_DEMANDS_TLS, "STARTTLS": then(b"220 go\r\n", echo)}, _TLS),
    "starttls-injects": ({**_DEMANDS_TLS, "STARTTLS": b"220 go\r\n250 injected\r\n"}, _BROKEN),
    "starttls-then-closes": ({**_DEMANDS_TLS, "STARTTLS": encrypt_and_close}, _GONE),
    "starttls-of-somebody-else": ({**_DEMANDS_TLS, "STARTTLS": encrypt_and_go_on}, _HONESTLY),
    # ------------------------------------------------------------------------------------- all
    "echoes": (_at("GREETING", echo), _SLOW),
    "says-250-to-everything": (
        dict.fromkeys(("RCPT", "QUIT"), b"250 Ok\r\n"),
        Reason.FOREIGN_ACCEPTED,
    ),
}
