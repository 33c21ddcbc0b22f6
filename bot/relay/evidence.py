"""What became of each attempt: the exchanges of a conversation, read as evidence.

An attempt is matched to its exchanges by its commands, and only by these, so that a stored report
and a transcript that somebody took by hand are read as a live conversation is. An answer counts if
it was asked for, in a session that kept step (``session``); the reply to RCPT counts if its MAIL
was accepted, or if it speaks of relaying or of authentication itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Reply, Stage, Trouble
from bot.model.report import Attempt, Outcome
from bot.relay.attempts import ANY_DOMAIN, QUESTIONS, transactions
from bot.relay.reply import classify
from bot.relay.session import sessions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.exchange import Exchange
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.session import Pair, Session

TROUBLES = {
    Trouble.REFUSED: Outcome.UNREACHABLE,
    Trouble.UNREACHABLE: Outcome.UNREACHABLE,
    Trouble.TIMEOUT: Outcome.TIMEOUT,
    Trouble.DROPPED: Outcome.DROPPED,
    Trouble.PROTOCOL_ERROR: Outcome.PROTOCOL_ERROR,
    Trouble.TLS_FAILED: Outcome.TLS_FAILED,
}
RELAY_WORDS = (Outcome.RELAY_DENIED, Outcome.AUTH_REQUIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One try of an attempt.

    ``cut_off``: the connection ended instead of an answer, or with it (421). ``alone``: nothing had
    been answered before in its session. ``pipelined``: it was sent with others in one batch.
    """

    transaction: Transaction
    stage: Stage
    reply: Reply | None
    outcome: Outcome
    tls: bool
    cut_off: bool
    alone: bool
    pipelined: bool

    @property
    def attempt(self) -> Attempt:
        """The attempt as the report shows it."""
        return Attempt(
            kind=self.transaction.kind,
            reverse_path=self.transaction.reverse_path,
            forward_path=self.transaction.forward_path,
            tls=self.tls,
            stage=self.stage,
            reply=self.reply,
            outcome=self.outcome,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A conversation against its plan: the sessions, every try, and what is still to be asked."""

    plan: Plan
    sessions: tuple[Session, ...]
    asked: tuple[Asked, ...]

    def tries(self, kind: str) -> tuple[Asked, ...]:
        """Return every try of one attempt, in order."""
        return tuple(asked for asked in self.asked if asked.transaction.kind == kind)

    @property
    def tls_failed(self) -> bool:
        """Whether a session could not be encrypted: it is not tried again."""
        return any(session.tls_failed for session in self.sessions)

    @property
    def tls_demanded(self) -> bool:
        """Whether the server asked for TLS, and it is still possible."""
        return not self.tls_failed and any(
            asked.outcome is Outcome.TLS_REQUIRED for asked in self.asked
        )

    @property
    def pending(self) -> tuple[Transaction, ...]:
        """What is still to be asked, in order; ``any_domain`` only once a stranger was accepted."""
        accepted = any(
            asked.outcome is Outcome.ACCEPTED and asked.transaction.kind in QUESTIONS
            for asked in self.asked
        )
        return tuple(
            transaction
            for transaction in transactions(self.plan)
            if (transaction.kind != ANY_DOMAIN or accepted) and not self._is_settled(transaction)
        )

    def _is_settled(self, transaction: Transaction) -> bool:
        """Whether it was answered, or failed twice, or failed where asking again would not help."""
        tries = self.tries(transaction.kind)
        for_tls = [asked for asked in tries if asked.outcome is Outcome.TLS_REQUIRED]
        others = [asked for asked in tries if asked.outcome is not Outcome.TLS_REQUIRED]
        if any(not asked.cut_off for asked in others) or (for_tls and self.tls_failed):
            return True
        hopeless = any(asked.alone and not asked.pipelined for asked in others)
        return hopeless or len(others) > 1


def read(plan: Plan, exchanges: tuple[Exchange, ...]) -> Record:
    """Match a conversation to its plan."""
    record = Record(plan, (), ())
    for session in sessions(exchanges):
        pipelined = is_pipelined(record, session)
        record = Record(plan, (*record.sessions, session), record.asked)
        alone = True
        for pair in session.pairs:
            transaction = _meant(record, pair)
            if transaction is None:
                continue
            asked = _ask(plan, session, pair, transaction, alone=alone, pipelined=pipelined)
            if asked is None:
                continue
            alone = alone and asked.cut_off
            record = Record(plan, record.sessions, (*record.asked, asked))
    return record


def is_pipelined(before: Record, session: Session) -> bool:
    """Whether commands may go out in batches here: offered, and it never went wrong before."""
    offered = "PIPELINING" in session.keywords
    return offered and not any(s.broke and "PIPELINING" in s.keywords for s in before.sessions)


def echoes(plan: Plan, session: Session) -> frozenset[str]:
    """Return the names, addresses and mailboxes that a reply of this session may repeat."""
    vantage = plan.vantage
    domains = (path.rpartition("@")[2] for path in (vantage.reverse_path, vantage.forward_path))
    names = {plan.mx_host, plan.domain.ascii, plan.ip, vantage.ehlo, *domains}
    return frozenset(names | {session.server_name or ""})


def decide(names: Iterable[str], pair: Pair) -> tuple[Exchange, Outcome] | None:
    """Return the exchange that decides an attempt and its outcome; None while it is unanswered."""
    mail, rcpt = pair.mail, pair.rcpt
    on_mail, on_rcpt = outcome_of(mail, names), rcpt and outcome_of(rcpt, names)
    if on_mail is Outcome.ACCEPTED:
        return (rcpt, on_rcpt) if rcpt and on_rcpt else None
    if rcpt and on_rcpt in RELAY_WORDS and on_mail is not None:
        return rcpt, on_rcpt
    return (mail, on_mail) if on_mail else None


def outcome_of(exchange: Exchange, names: Iterable[str]) -> Outcome | None:
    """Return what one exchange says; trouble only where no reply came."""
    if exchange.reply is not None and exchange.trouble is not Trouble.PROTOCOL_ERROR:
        return classify(exchange.reply, exchange.stage, names)
    return TROUBLES[exchange.trouble] if exchange.trouble else None


def _ask(  # noqa: PLR0913 - the two flags are facts of the session so far
    plan: Plan,
    session: Session,
    pair: Pair,
    transaction: Transaction,
    *,
    alone: bool,
    pipelined: bool,
) -> Asked | None:
    decided = decide(echoes(plan, session), pair)
    if decided is None:
        return None
    exchange, outcome = decided
    if not session.kept_step:
        outcome = Outcome.PROTOCOL_ERROR
    elif exchange.tls and outcome is Outcome.TLS_REQUIRED:
        # Encrypted already: a 530 means authentication (RFC 4954 §6), anything else is confused.
        is_530 = exchange.reply is not None and exchange.reply.code == 530
        outcome = Outcome.AUTH_REQUIRED if is_530 else Outcome.TLS_FAILED
    closing = exchange.reply is None or exchange.reply.code == 421
    return Asked(
        transaction=transaction,
        stage=exchange.stage,
        reply=exchange.reply,
        outcome=outcome,
        tls=exchange.tls,
        cut_off=closing or outcome is Outcome.PROTOCOL_ERROR,
        alone=alone,
        pipelined=pipelined,
    )


def _meant(record: Record, pair: Pair) -> Transaction | None:
    """Return the attempt that a pair of commands made: the first that was still to be asked."""
    fitting = [t for t in transactions(record.plan) if _fits(t, pair)]
    pending = [t for t in record.pending if t in fitting]
    return next(iter((*pending, *fitting)), None)


def _fits(transaction: Transaction, pair: Pair) -> bool:
    rcpt = pair.rcpt
    return _same(pair.mail.command, transaction.mail) and (
        rcpt is None or _same(rcpt.command, transaction.rcpt)
    )


def _same(command: str | None, planned: str) -> bool:
    """Whether a command is the planned one; who types by hand varies case and spaces."""
    return (command or "").replace(" ", "").lower() == planned.replace(" ", "").lower()
