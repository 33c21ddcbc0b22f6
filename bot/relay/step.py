"""Whether each reply of a session can have been the answer to its own command.

A server that sends one reply too many shifts every later one: RCPT is given MAIL's 250, and its
refusal arrives as the reply to what follows, RSET or QUIT. A server has hardly a reason of its own
to refuse these, so whatever else refuses them is taken for a shift, and the session proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Reply, Stage, Trouble
from bot.model.report import Outcome
from bot.relay.reply import classify

if TYPE_CHECKING:
    from bot.model.exchange import Exchange

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
_CLOSING = 421
_FOR_GOOD = 550
_TLS_FIRST = 530
# The server does not know RSET: "502 5.5.2 Error: command not recognized".
_NO_SUCH_COMMAND = (500, 502)
# Exim ends a session so: "554 Too many nonmail commands".
_TOO_MANY = re.compile(r"\btoo many\b.{0,40}\bcommands?\b", re.IGNORECASE | re.DOTALL)
_OTHER_VERBS = re.compile(r"\b(?:MAIL|RCPT|DATA)\b")
# What a reply is about that answers MAIL or RCPT, and never RSET or QUIT.
_OF_MAIL = frozenset(
    {
        Outcome.AUTH_REQUIRED,
        Outcome.RECIPIENT_REJECTED,
        Outcome.RECIPIENT_UNUSABLE,
        Outcome.RELAY_DENIED,
        Outcome.SENDER_REJECTED,
        Outcome.SENDER_UNUSABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A MAIL and the RCPT that followed it in the same transaction, or None where none did."""

    mail: Exchange
    rcpt: Exchange | None


def kept_step(exchanges: tuple[Exchange, ...], pairs: tuple[Pair, ...]) -> bool:
    """Whether nothing shows that a reply was paired with another command than it answered.

    HELP says nothing either way: a reply to it that is none of RFC 5321's is not looked at.

    Args:
        exchanges: of one session, in order.
        pairs: each MAIL among them with its RCPT.
    """
    asked = tuple(exchange for exchange in exchanges if exchange.stage is not Stage.HELP)
    return (
        all(map(_may_answer, asked))
        and not any(map(_names_the_other, pairs))
        and not _is_shifted(asked)
    )


def path_of(exchange: Exchange) -> str:
    """Return the reverse-path or forward-path of a MAIL or RCPT, lower case; "" without one."""
    return (exchange.command or "").partition("<")[2].rpartition(">")[0].lower()


def _may_answer(exchange: Exchange) -> bool:
    """Whether the reply can be to its command; silence is no sign of a shift."""
    if exchange.trouble is Trouble.PROTOCOL_ERROR:
        return False
    reply = exchange.reply
    return reply is None or reply.code >= 400 or reply.code in _POSITIVE[exchange.stage]


def _is_shifted(asked: tuple[Exchange, ...]) -> bool:
    """Whether the refusal of a RSET or QUIT was that of an earlier command."""
    tls_first = any(
        e.stage is Stage.MAIL and e.reply is not None and e.reply.code == _TLS_FIRST for e in asked
    )
    forward_paths = {path for e in asked if e.stage is Stage.RCPT and "@" in (path := path_of(e))}
    knows_no_rset = False
    for number, exchange in enumerate(asked):
        reply = exchange.reply
        if exchange.stage not in (Stage.RSET, Stage.QUIT) or reply is None:
            continue
        is_quit = exchange.stage is Stage.QUIT
        if is_quit and knows_no_rset and reply.code not in (221, _CLOSING):
            return True  # every server knows QUIT: this would be the reply that RSET never got
        if reply.code < 400:
            continue
        is_last = not any(later.reply for later in asked[number + 1 :])
        if any(path in reply.text.lower() for path in forward_paths):
            return True
        if not _is_own_refusal(reply, tls_first=tls_first, is_quit=is_quit, is_last=is_last):
            return True
        knows_no_rset = knows_no_rset or reply.code in _NO_SUCH_COMMAND
    return False


def _is_own_refusal(reply: Reply, *, tls_first: bool, is_quit: bool, is_last: bool) -> bool:
    """Whether a server may refuse a RSET or a QUIT so, for a reason of its own.

    Args:
        reply: the refusal.
        tls_first: MAIL was refused for lack of TLS as well.
        is_quit: QUIT was refused.
        is_last: the server answered nothing after it.
    """
    if reply.code == _TLS_FIRST:
        return tls_first
    # As if for good: the words of a 421 are read as well.
    meant = classify(Reply(_FOR_GOOD, reply.lines), Stage.RCPT)
    if meant in _OF_MAIL or _OTHER_VERBS.search(reply.text):
        return False
    if reply.code in _NO_SUCH_COMMAND:
        return not is_quit
    return is_last and (reply.code == _CLOSING or _TOO_MANY.search(reply.text) is not None)


def _names_the_other(pair: Pair) -> bool:
    """Whether MAIL's reply names the forward-path, or an accepted RCPT's the reverse-path alone."""
    mail, rcpt = pair.mail, pair.rcpt
    if rcpt is None or mail.reply is None:
        return False
    reverse_path, forward_path = path_of(mail), path_of(rcpt)
    if not reverse_path or not forward_path or reverse_path == forward_path:
        return False
    if forward_path in mail.reply.text.lower():
        return True
    accepted = rcpt.reply is not None and rcpt.reply.is_positive
    text = rcpt.reply.text.lower() if rcpt.reply is not None else ""
    return accepted and reverse_path in text and forward_path not in text
