"""An SMTP conversation as data: replies, exchanges, sessions (words of RFC 5321 and 3463).

A server's misbehaviour is a field, never an exception: a refused connection, a time-out, a broken
reply and a failed TLS handshake are a Trouble on the exchange where they happened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# RFC 3463 §2: class "." subject "." detail.
_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?=[ \t:;-]|$)", re.ASCII)


class Stage(StrEnum):
    """Where in a session an exchange stands; named after its command."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    HELO = "helo"
    STARTTLS = "starttls"
    TLS = "tls"
    MAIL = "mail"
    RCPT = "rcpt"
    RSET = "rset"
    DATA = "data"
    END_OF_DATA = "end_of_data"
    HELP = "help"
    QUIT = "quit"


class CertificateFault(StrEnum):
    """Why a certificate does not fit an MX name."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    SELF_SIGNED = "self_signed"
    OTHER_NAME = "other_name"
    UNKNOWN_AUTHORITY = "unknown_authority"
    UNREADABLE = "unreadable"


class Trouble(StrEnum):
    """What happened instead of a reply that can be used."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    PROTOCOL_ERROR = "protocol_error"
    TLS_FAILED = "tls_failed"


class TlsMode(StrEnum):
    """How an endpoint's session is protected: never, after STARTTLS, or from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: one code, and the text of each line without code and separator (RFC 5321 §4.2)."""

    code: int
    lines: tuple[str, ...] = ("",)

    @property
    def text(self) -> str:
        """All lines as one, the enhanced status code of each line left out."""
        return " ".join(
            filter(None, (_ENHANCED.sub("", line.strip(), count=1).strip() for line in self.lines))
        )

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code in its standard position (RFC 2034 §4), or None."""
        found = _ENHANCED.match(self.lines[0].lstrip())
        return found.group(0) if found else None

    @property
    def is_positive(self) -> bool:
        """2yz: the request was accepted and done."""
        return 200 <= self.code <= 299

    @property
    def is_transient(self) -> bool:
        """4yz: not now."""
        return 400 <= self.code <= 499

    @property
    def is_permanent(self) -> bool:
        """5yz: no."""
        return 500 <= self.code <= 599

    def wire(self) -> tuple[str, ...]:
        """The lines as they stood on the wire: ``250-first``, ``250 last``."""
        last = len(self.lines) - 1
        return tuple(f"{self.code}{' -'[i < last]}{line}" for i, line in enumerate(self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One command and its reply, or what happened instead.

    ``command`` is the line as sent, without CRLF; None for CONNECT, GREETING and TLS, where nothing
    is said. A session begins at each CONNECT. ``at_ms`` counts from the start of the endpoint's
    probe, ``took_ms`` from the sending (of the batch, where it was pipelined) to the reply's end.
    ``certificate_error`` says, on TLS, why the certificate does not fit the MX name: a word of
    CertificateFault and, after a blank, its date; empty when it does. A command of a pipelined
    batch that was sent and never answered has the trouble and no reply.
    """

    stage: Stage
    command: str | None = None
    reply: Reply | None = None
    trouble: Trouble | None = None
    detail: str = ""
    certificate_error: str = ""
    tls: bool = False
    at_ms: int = 0
    took_ms: int = 0


def transcript(exchanges: tuple[Exchange, ...]) -> tuple[str, ...]:
    """Return the conversation as ``C:`` and ``S:`` lines, troubles as ``*:``, in wire order."""
    lines: list[str] = []
    for exchange in exchanges:
        if exchange.command is not None:
            lines.append(f"C: {exchange.command}")
        if exchange.reply is not None:
            lines += [f"S: {line}" for line in exchange.reply.wire()]
        if exchange.trouble is not None:
            lines.append(
                f"*: {exchange.trouble.value} at {exchange.stage.value}: {exchange.detail}".rstrip(
                    ": "
                )
            )
    return tuple(lines)
