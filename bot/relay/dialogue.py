"""What to do next in a conversation with a mail server: a pure decider.

``next_step(plan, exchanges)`` looks at all that was said so far and returns one step, or None when
nothing is left to ask. The edge takes the step, adds what came of it, and asks again. So a
transcript is at once the server of a test and what is expected of us.

Politeness is part of the rules: a whole greeting is awaited (postscreen's teaser can take 6 s);
one command at a time unless PIPELINING is offered (RFC 2920); nothing but QUIT after a final
greeting; a new connection before the server counts ten refusals (Postfix slows at ten and hangs up
at twenty), and only so many connections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Stage, TlsMode
from bot.relay.evidence import Record, is_pipelined, read

if TYPE_CHECKING:
    from bot.model.exchange import Exchange
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.session import Session

MAX_CONNECTIONS = 6
# Postfix: smtpd_soft_error_limit is 10. We leave before the tenth.
MAX_REFUSALS = 9
# The most refusals that an attempt can bring: its MAIL and its RCPT.
_WORST = 2


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a connection (an older one is closed), and await the whole greeting.

    ``implicit_tls``: the TLS handshake comes first (RFC 8314 §3.3).
    """

    implicit_tls: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Send the commands in one batch, and await a reply to each, in order."""

    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartTls:
    """Send STARTTLS and, where it is answered with 220, shake hands (RFC 3207)."""


Step = Connect | Send | StartTls
_QUIT = Send(("QUIT",))


def next_step(plan: Plan, exchanges: tuple[Exchange, ...]) -> Step | None:
    """Return what to do next in a conversation; None when it is finished."""
    connect = Connect(implicit_tls=plan.tls is TlsMode.IMPLICIT)
    record = read(plan, exchanges)
    if not record.sessions:
        return connect
    session = record.sessions[-1]
    if session.is_over:
        return connect if _comes_again(record, session) else None
    if session.greeting is None or session.greeting.code != 220:
        return _QUIT  # RFC 5321 §3.1: after a 554 the server awaits a QUIT
    return _open(record, session) or _attempt(record, session)


def _open(record: Record, session: Session) -> Step | None:
    """Introduce ourselves, encrypt where the server demanded it; None when that is done."""
    ehlo = record.plan.vantage.ehlo
    hello = session.hello
    if hello is None:
        return Send((f"EHLO {ehlo}",))
    if hello.reply is not None and not hello.reply.is_positive:
        # RFC 5321 §3.2: an old server refuses EHLO and takes HELO.
        refused_ehlo = hello.stage is Stage.EHLO and hello.reply.is_permanent
        return Send((f"HELO {ehlo}",)) if refused_ehlo else _QUIT
    return StartTls() if record.tls_demanded and not session.is_tls else None


def _attempt(record: Record, session: Session) -> Step:
    """Return the next commands of the attempts that are still to be made, or QUIT."""
    if not record.pending:
        return _QUIT
    batched = is_pipelined(Record(record.plan, record.sessions[:-1], ()), session)
    first, last = record.pending[0], session.last
    if not batched and last.stage is Stage.MAIL and last.reply and last.reply.is_positive:
        return Send((first.rcpt,))
    room = (MAX_REFUSALS - session.refusals) // (_WORST if batched else 1)
    if room < 1:
        return _QUIT
    if not batched:
        needs_reset = last.stage is not Stage.RSET and bool(session.pairs)
        return Send(("RSET",) if needs_reset else (first.mail,))
    # Where TLS may be demanded one attempt goes ahead: a demand would refuse all of a batch.
    ahead = "STARTTLS" in session.keywords and not session.pairs
    return Send(_batch(record.pending[: 1 if ahead else room], reset=bool(session.pairs)))


def _batch(attempts: tuple[Transaction, ...], *, reset: bool) -> tuple[str, ...]:
    """RFC 2920 §3.1: MAIL, RCPT and RSET may stand anywhere in a batch."""
    commands: list[str] = []
    for attempt in attempts:
        commands += [*(("RSET",) if reset or commands else ()), attempt.mail, attempt.rcpt]
    return tuple(commands)


def _comes_again(record: Record, session: Session) -> bool:
    """Whether a new connection can still learn something from a server that this one did not."""
    if not record.pending or len(record.sessions) >= MAX_CONNECTIONS:
        return False
    if not session.pairs and not session.tls_failed:
        return False  # it did not let us ask at all
    if not session.kept_step:
        # Only batches can have confused it: it gets one more session, a command at a time.
        return is_pipelined(Record(record.plan, record.sessions[:-1], ()), session)
    return not all(_is_barren(record, number) for number in range(-1, -3, -1))


def _is_barren(record: Record, number: int) -> bool:
    """Whether a session, counted from the end, brought no answer at all."""
    if len(record.sessions) < -number:
        return False
    answers = read(record.plan, record.sessions[number].exchanges).asked
    return all(asked.cut_off for asked in answers)
