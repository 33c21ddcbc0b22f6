"""Reading the sessions of a conversation: how each began, what was asked in it, how it ended.

A session is one connection (RFC 5321 §3.1 to §3.9). Whether its replies kept step is ``step``'s to
say. This module does not know what replies mean for the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.model.domain_name import is_host_name
from bot.model.exchange import Stage
from bot.relay import step
from bot.relay.step import Pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.exchange import Exchange, Reply


@dataclass(frozen=True, slots=True)
class Session:
    """One connection, from CONNECT to its end."""

    exchanges: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """The latest exchange."""
        return self.exchanges[-1]

    @property
    def greeting(self) -> Reply | None:
        """The whole greeting, whatever its code; None where none came."""
        return next((e.reply for e in self.exchanges if e.stage is Stage.GREETING), None)

    @property
    def server_name(self) -> str | None:
        """The host name that the server gives itself first in its greeting (RFC 5321 §4.2)."""
        if self.greeting is None:
            return None
        first = self.greeting.text.partition(" ")[0].rstrip(".").lower()
        return first if "." in first and is_host_name(first) else None

    @property
    def hello(self) -> Exchange | None:
        """The latest EHLO or HELO; a TLS handshake ends its validity (RFC 3207 §4.2)."""
        for exchange in reversed(self.exchanges):
            if exchange.stage is Stage.TLS:
                return None
            if exchange.stage in (Stage.EHLO, Stage.HELO):
                return exchange
        return None

    @property
    def since_hello(self) -> tuple[Exchange, ...]:
        """What was said since the latest EHLO or HELO, which resets the server as RSET does."""
        for number in range(len(self.exchanges), 0, -1):
            if self.exchanges[number - 1].stage in (Stage.EHLO, Stage.HELO):
                return self.exchanges[number:]
        return ()

    @property
    def in_transaction(self) -> bool:
        """Whether a MAIL was accepted that nothing has ended yet (RFC 5321 §4.1.4)."""
        for exchange in reversed(self.since_hello):
            if exchange.stage is Stage.RSET:
                return False
            if exchange.stage is Stage.MAIL and exchange.reply and exchange.reply.is_positive:
                return True
        return False

    @property
    def introduction(self) -> str | None:
        """The name that we gave ourselves last, in EHLO or HELO."""
        names = (
            e.command.partition(" ")[2].strip()
            for e in reversed(self.exchanges)
            if e.stage in (Stage.EHLO, Stage.HELO) and e.command
        )
        return next(names, None)

    @property
    def keywords(self) -> frozenset[str]:
        """The EHLO keywords offered now, upper case (RFC 5321 §4.1.1.1)."""
        hello = self.hello
        if hello is None or hello.reply is None or not hello.reply.is_positive:
            return frozenset()
        words = (line.strip().upper().split(maxsplit=1) for line in hello.reply.lines[1:])
        return frozenset(word[0] for word in words if word)

    @property
    def clear_keywords(self) -> frozenset[str]:
        """The EHLO keywords offered before any TLS handshake."""
        clear = tuple(e for e in self.exchanges if not e.tls and e.stage is not Stage.TLS)
        return Session(clear).keywords if clear else frozenset()

    @property
    def is_tls(self) -> bool:
        """Whether the session is encrypted now."""
        return self.last.tls

    @property
    def tls_failed(self) -> bool:
        """Whether STARTTLS was refused or not answered here, or the handshake failed."""
        return any(
            (e.stage is Stage.TLS and e.trouble is not None)
            or (e.stage is Stage.STARTTLS and (e.reply is None or e.reply.code != 220))
            for e in self.exchanges
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be said: trouble, QUIT, a 421, or replies out of step."""
        last = self.last
        return (
            any(e.trouble is not None for e in self.exchanges)
            or last.stage is Stage.QUIT
            or (last.reply is not None and last.reply.code == 421)
            or not self.kept_step
        )

    @property
    def refusals(self) -> int:
        """How many commands were refused; servers count them too, and cut off who has many."""
        return sum(
            e.command is not None and e.reply is not None and e.reply.code >= 400
            for e in self.exchanges
        )

    @property
    def syntax_errors(self) -> int:
        """How many commands were refused as such (500 to 504); Exim hangs up after three."""
        return sum(
            e.command is not None and e.reply is not None and 500 <= e.reply.code <= 504
            for e in self.exchanges
        )

    @property
    def broke(self) -> bool:
        """Whether it ended in any way but by a QUIT in step."""
        return self.is_over and (self.last.stage is not Stage.QUIT or not self.kept_step)

    @property
    def kept_step(self) -> bool:
        """Whether nothing shows that a reply was paired with another command (``step``)."""
        return step.kept_step(self.exchanges, self.pairs)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Each MAIL with its RCPT, in order; a MAIL with several RCPT gives several pairs."""
        pairs: list[Pair] = []
        mail: Exchange | None = None
        for exchange, following in pairwise((*self.exchanges, None)):
            assert exchange is not None  # noqa: S101 - only the sentinel at the end is None
            if exchange.stage is Stage.MAIL:
                mail = exchange
                if following is None or following.stage is not Stage.RCPT:
                    pairs.append(Pair(mail, None))
            elif exchange.stage is Stage.RCPT and mail is not None:
                pairs.append(Pair(mail, exchange))
            else:
                mail = None
        return tuple(pairs)


def sessions(exchanges: tuple[Exchange, ...]) -> tuple[Session, ...]:
    """Split a conversation at each CONNECT; what stands before the first is a session as well."""
    starts = [i for i, e in enumerate(exchanges) if e.stage is Stage.CONNECT or i == 0]
    return tuple(Session(exchanges[a:b]) for a, b in pairwise([*starts, len(exchanges)]))


def server_name_of(held: Iterable[Session]) -> str | None:
    """Return the host name that a server greeted with first, in whichever session."""
    return next((name for session in held if (name := session.server_name)), None)
