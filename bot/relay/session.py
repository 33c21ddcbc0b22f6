"""Reading the sessions of a conversation: how each began, what was asked in it, how it ended.

A session is one connection (RFC 5321 §3.1 to §3.9). Above all this module says whether a session
kept step, that is, whether each reply can have been the answer to its own command. A server that
sends one reply too many shifts every later reply by one, and makes a refused RCPT look accepted.
It does not know what replies mean for the verdict.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.model.domain_name import is_host_name
from bot.model.exchange import Stage, Trouble

if TYPE_CHECKING:
    from bot.model.exchange import Exchange, Reply

# RFC 5321 §4.3.2: the positive replies of each command. Any other positive or intermediate reply is
# not the answer to it.
_POSITIVE = {
    Stage.GREETING: (220,),
    Stage.EHLO: (250,),
    Stage.HELO: (250,),
    Stage.STARTTLS: (220,),
    Stage.MAIL: (250,),
    Stage.RCPT: (250, 251, 252),
    Stage.RSET: (250,),
    Stage.QUIT: (221, 250),  # naive servers say 250 to everything
    Stage.DATA: (354,),
    Stage.END_OF_DATA: (250,),
}
# What may refuse a RSET or a QUIT: the server closes or does not know the command, there were too
# many of them (Exim: "554 Too many nonmail commands"), or TLS comes first for MAIL as well.
_REFUSES_ANYTHING = (421, 500, 502)
_OF_COMMANDS = re.compile(r"\bcommands?\b", re.IGNORECASE)
_TLS_FIRST = 530


@dataclass(frozen=True, slots=True)
class Pair:
    """A MAIL and the RCPT that followed it in the same transaction, or None where none did."""

    mail: Exchange
    rcpt: Exchange | None


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
        """Whether nothing shows that a reply was paired with another command than it answered.

        The refusal of a RCPT that looks accepted arrives as the reply to what follows: RSET, which
        a server has no other reason to refuse, or QUIT. HELP says nothing either way.
        """
        tls_first = any(
            e.stage is Stage.MAIL and e.reply is not None and e.reply.code == _TLS_FIRST
            for e in self.exchanges
        )
        return all(
            _answers(e, tls_first=tls_first) for e in self.exchanges if e.stage is not Stage.HELP
        ) and not any(_names_the_other(pair) for pair in self.pairs)

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


def _answers(exchange: Exchange, *, tls_first: bool) -> bool:
    """Whether the reply can be the answer to its command; silence is no sign of a shift."""
    if exchange.trouble is Trouble.PROTOCOL_ERROR:
        return False
    reply = exchange.reply
    if reply is None:
        return True
    if exchange.stage in (Stage.RSET, Stage.QUIT) and reply.code >= 400:
        return (
            reply.code in _REFUSES_ANYTHING
            or (reply.code == _TLS_FIRST and tls_first)
            or _OF_COMMANDS.search(reply.text) is not None
        )
    return reply.code >= 400 or reply.code in _POSITIVE[exchange.stage]


def _names_the_other(pair: Pair) -> bool:
    """Whether MAIL's reply names the forward-path, or an accepted RCPT's the reverse-path alone."""
    mail, rcpt = pair.mail, pair.rcpt
    if rcpt is None or mail.reply is None:
        return False
    reverse_path, forward_path = _path(mail), _path(rcpt)
    if not reverse_path or not forward_path or reverse_path == forward_path:
        return False
    if forward_path in mail.reply.text.lower():
        return True
    accepted = rcpt.reply is not None and rcpt.reply.is_positive
    text = rcpt.reply.text.lower() if rcpt.reply is not None else ""
    return accepted and reverse_path in text and forward_path not in text


def _path(exchange: Exchange) -> str:
    command = (exchange.command or "").lower()
    return command.partition("<")[2].rpartition(">")[0]
