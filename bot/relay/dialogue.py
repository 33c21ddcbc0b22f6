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
from bot.model.report import Outcome
from bot.relay.attempts import ANY_DOMAIN, FOREIGN, QUESTIONS, VARIANT, Opening
from bot.relay.fingerprint import fingerprint
from bot.relay.reuse import read

if TYPE_CHECKING:
    from bot.model.exchange import Exchange
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.evidence import Record
    from bot.relay.session import Session

MAX_CONNECTIONS = 6
MAX_CONNECTIONS_WITH_VARIANTS = 20
# What a session may bring before we leave it and open another. Postfix slows a client down at ten
# errors (smtpd_soft_error_limit); Exim hangs up after ten RSET (smtp_accept_max_nonmail) and after
# three syntax errors (smtp_max_synprot_errors), which the odder forms are to it.
MAX_REFUSALS = 9
MAX_ATTEMPTS = 9
MAX_SYNTAX_ERRORS = 3
# A server that refused the foreign attempt for what we are, or not at all, learns no more of us.
_TELLS_MORE = {
    Outcome.ACCEPTED,
    Outcome.RELAY_DENIED,
    Outcome.AUTH_REQUIRED,
    Outcome.RECIPIENT_REJECTED,
    Outcome.RECIPIENT_UNUSABLE,
    Outcome.REJECTED,
    Outcome.SENDER_REJECTED,
    Outcome.SENDER_UNUSABLE,
}


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


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send the content of a message, DATA having been answered with 354 (RFC 5321 §4.1.1.4).

    ``lines`` are without line ends; dots at their beginning are stuffed by the edge (§4.5.2).
    """

    lines: tuple[str, ...]


Step = Connect | Send | StartTls | SendMessage
_QUIT = Send(("QUIT",))


def next_step(plan: Plan, exchanges: tuple[Exchange, ...]) -> Step | None:
    """Return what to do next in a conversation; None when it is finished."""
    connect = Connect(implicit_tls=plan.tls is TlsMode.IMPLICIT)
    record = read(plan, exchanges)
    if not record.sessions:
        return connect
    session = record.sessions[-1]
    waiting = pending(record)
    if session.is_over:
        return connect if waiting and _comes_again(record, session) else None
    if session.greeting is None or session.greeting.code != 220:
        return _QUIT  # RFC 5321 §3.1: after a 554 the server awaits a QUIT
    opening = waiting[0].opening if waiting else Opening.PLAIN
    return (
        _introduce(record, session, opening)
        or _encrypt(record, session, opening)
        or _ask(record, session, [t for t in waiting if t.opening is opening])
    )


def pending(record: Record) -> tuple[Transaction, ...]:
    """Return the attempts that are still to be made, in order."""
    return tuple(
        transaction
        for transaction in record.transactions
        if _is_due(record, transaction) and not record.is_settled(transaction)
    )


def _is_due(record: Record, transaction: Transaction) -> bool:
    """Whether an attempt is made of this server at all."""
    if transaction.kind == ANY_DOMAIN:
        return any(Outcome.ACCEPTED in record.outcomes(kind) for kind in QUESTIONS)
    if not transaction.kind.startswith(VARIANT):
        return True
    if not record.outcomes(FOREIGN) & _TELLS_MORE or not _may_follow(record, transaction):
        return False
    match transaction.opening:
        case Opening.AFTER_STARTTLS:
            offered = any("STARTTLS" in session.clear_keywords for session in record.sessions)
            return offered and not record.tls_failed and not record.tls_demanded
        case Opening.AS_SERVER:
            # Where the name is our own, every session is begun by it already.
            return not record.is_ours(record.own_name) and not any(
                record.is_as_server(s) and s.is_over and not s.pairs for s in record.sessions
            )
        case _:
            return True


def _may_follow(record: Record, variant: Transaction) -> bool:
    """Whether a variant can be answered otherwise than the foreign attempt was at MAIL."""
    at_mail = [asked for asked in record.tries.get(FOREIGN, ()) if asked.stage is Stage.MAIL]
    return not at_mail or (
        variant.reverse_path != record.plan.vantage.reverse_path
        and all(asked.outcome is not Outcome.AUTH_REQUIRED for asked in at_mail)
    )


def _introduce(record: Record, session: Session, opening: Opening) -> Step | None:
    """Say who we are, or who the server is where an attempt wants that; None when it is done."""
    name = record.own_name if opening is Opening.AS_SERVER else record.plan.vantage.ehlo
    late = opening is Opening.AFTER_STARTTLS and session.pairs and not session.is_tls
    said = session.introduction
    if late or (said is not None and said.lower() != name.lower()):
        return _QUIT  # an attempt for another session
    hello = session.hello
    if hello is None:
        return Send((f"EHLO {name}",))
    if hello.reply is not None and not hello.reply.is_positive:
        # RFC 5321 §3.2: an old server refuses EHLO and takes HELO.
        refused_ehlo = hello.stage is Stage.EHLO and hello.reply.is_permanent
        return Send((f"HELO {name}",)) if refused_ehlo else _QUIT
    return None


def _encrypt(record: Record, session: Session, opening: Opening) -> Step | None:
    """Begin TLS where the server demanded it, or an attempt wants it; None when it is done."""
    wanted = record.tls_demanded or opening is Opening.AFTER_STARTTLS
    if not wanted or session.is_tls or record.tls_failed:
        return None
    return Send(("RSET",)) if session.in_transaction else StartTls()


def _ask(record: Record, session: Session, waiting: list[Transaction]) -> Step:
    """Return the next commands of the attempts that are still to be made, or QUIT."""
    last = session.last
    if last.stage is Stage.MAIL and last.reply and last.reply.is_positive and waiting:
        return Send((waiting[0].rcpt,))
    fitting = _that_fit(record, session, waiting)
    begun = any(exchange.stage is Stage.MAIL for exchange in session.since_hello)
    if not fitting:
        return _leave(record, session, begun=begun and not waiting)
    if not record.pipelined[-1]:
        return Send(("RSET",) if begun and last.stage is not Stage.RSET else (fitting[0].mail,))
    # Where TLS may be demanded one attempt goes ahead: a demand would refuse all of a batch.
    ahead = "STARTTLS" in session.keywords and not session.pairs
    return Send(_batch(fitting[:1] if ahead else fitting, reset=begun))


def _leave(record: Record, session: Session, *, begun: bool) -> Step:
    """Say QUIT, and before it HELP where --variants may take its time and the server is unknown.

    RSET goes before HELP: its reply shows whether the session kept step, HELP's does not.
    """
    asked = any(e.stage is Stage.HELP for held in record.sessions for e in held.exchanges)
    if not begun or not record.plan.variants or asked or fingerprint(record.sessions):
        return _QUIT
    return Send(("HELP",)) if session.last.stage is Stage.RSET else Send(("RSET",))


def _that_fit(record: Record, session: Session, waiting: list[Transaction]) -> list[Transaction]:
    """Return the attempts that this session has room for, were each to go as badly as it can."""
    accepted = {
        pair.mail.command
        for held in record.sessions
        for pair in held.pairs
        if pair.mail.reply and pair.mail.reply.is_positive
    }
    refusals, errors = session.refusals, session.syntax_errors
    attempts = len(session.pairs)
    fitting: list[Transaction] = []
    for attempt in waiting:
        # Its MAIL can be refused and then, in a batch, its RCPT as well.
        worst = 2 if record.pipelined[-1] and attempt.mail not in accepted else 1
        attempts, refusals, errors = attempts + 1, refusals + worst, errors + worst
        is_odd = attempt.kind.startswith(VARIANT) and errors > MAX_SYNTAX_ERRORS
        if attempts > MAX_ATTEMPTS or refusals > MAX_REFUSALS or is_odd:
            break
        fitting.append(attempt)
    return fitting


def _batch(attempts: list[Transaction], *, reset: bool) -> tuple[str, ...]:
    """RFC 2920 §3.1: MAIL, RCPT and RSET may stand anywhere in a batch."""
    commands: list[str] = []
    for attempt in attempts:
        commands += [*(("RSET",) if reset or commands else ()), attempt.mail, attempt.rcpt]
    return tuple(commands)


def _comes_again(record: Record, session: Session) -> bool:
    """Whether a new connection can still learn something from a server that this one did not."""
    variants = record.plan.variants
    if len(record.sessions) >= (MAX_CONNECTIONS_WITH_VARIANTS if variants else MAX_CONNECTIONS):
        return False
    if not session.pairs and not session.tls_failed and not record.is_as_server(session):
        return False  # it did not let us ask at all
    if not session.kept_step:
        # Only batches can have confused it: it gets one more session, a command at a time.
        return record.pipelined[-1]
    latest = len(record.sessions) - 1
    return not (record.is_barren(latest) and latest > 0 and record.is_barren(latest - 1))
