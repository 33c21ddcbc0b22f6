"""What became of each attempt: the exchanges of a conversation, read as evidence.

An attempt is matched to its exchanges by its commands, and only by these, so that a stored report
and a transcript that somebody took by hand are read as a live conversation is. An answer counts if
it was asked for, in a session that kept step (``session``); the reply to RCPT counts if its MAIL
was accepted, or if it speaks of relaying or of authentication itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import TlsMode, Trouble
from bot.model.report import Attempt, Outcome
from bot.relay.attempts import Opening, transactions
from bot.relay.reply import classify
from bot.relay.session import server_name_of, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model.exchange import Exchange, Reply, Stage
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.session import Session
    from bot.relay.step import Pair

    Tries = Mapping[str, tuple["Asked", ...]]

TROUBLES = {
    Trouble.REFUSED: Outcome.UNREACHABLE,
    Trouble.UNREACHABLE: Outcome.UNREACHABLE,
    Trouble.TIMEOUT: Outcome.TIMEOUT,
    Trouble.DROPPED: Outcome.DROPPED,
    Trouble.PROTOCOL_ERROR: Outcome.PROTOCOL_ERROR,
    Trouble.TLS_FAILED: Outcome.TLS_FAILED,
}
RELAY_WORDS = (Outcome.RELAY_DENIED, Outcome.AUTH_REQUIRED)
BEFORE = -1  # the session of what was asked before this conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One try of an attempt, in the session of that number.

    ``cut_off``: the connection ended instead of an answer, or with it (421). ``alone``: nothing had
    been answered before in its session. ``pipelined``: it was sent with others in one batch.
    """

    transaction: Transaction
    stage: Stage
    reply: Reply | None
    outcome: Outcome
    tls: bool
    session: int
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
    """A conversation against its plan: the sessions, and every try of each attempt, by kind.

    ``pipelined`` says of each session whether commands may go out in batches in it.
    """

    plan: Plan
    sessions: tuple[Session, ...]
    pipelined: tuple[bool, ...]
    tries: Tries

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """Every attempt of the plan, now that the server's own name may be known."""
        return transactions(self.plan, self.server_name)

    @property
    def server_name(self) -> str | None:
        """The host name that the server greeted with first."""
        return server_name_of(self.sessions)

    @property
    def own_name(self) -> str:
        """The name that we give where we introduce ourselves as the server."""
        return self.server_name or self.plan.mx_host

    def is_ours(self, name: str) -> bool:
        """Whether a name is that of our EHLO, in any case (RFC 5321 §2.4)."""
        return name.lower() == self.plan.vantage.ehlo.lower()

    def is_as_server(self, session: Session) -> bool:
        """Whether we gave a name in a session that is not ours."""
        return session.introduction is not None and not self.is_ours(session.introduction)

    @property
    def tls_failed(self) -> bool:
        """Whether a session could not be encrypted: it is not tried again."""
        return any(session.tls_failed for session in self.sessions)

    @property
    def tls_demanded(self) -> bool:
        """Whether some reply demanded TLS."""
        return any(
            asked.outcome is Outcome.TLS_REQUIRED
            for tries in self.tries.values()
            for asked in tries
        )

    def is_barren(self, session: int) -> bool:
        """Whether a session brought no answer at all."""
        return all(
            asked.cut_off
            for tries in self.tries.values()
            for asked in tries
            if asked.session == session
        )

    def outcomes(self, kind: str) -> set[Outcome]:
        """Return what came of an attempt, over all its tries."""
        return {asked.outcome for asked in self.tries.get(kind, ())}

    def is_settled(self, transaction: Transaction) -> bool:
        """Whether it was answered, or failed twice, or failed where asking again would not help."""
        tries = self.tries.get(transaction.kind, ())
        others = [asked for asked in tries if asked.outcome is not Outcome.TLS_REQUIRED]
        return (
            any(not asked.cut_off for asked in others)
            or (len(others) < len(tries) and self.tls_failed)
            or any(asked.alone and not asked.pipelined for asked in others)
            or len(others) > 1
        )


def read(plan: Plan, exchanges: tuple[Exchange, ...], known: Tries | None = None) -> Record:
    """Match a conversation to its plan; ``known``: what was asked before it, by kind."""
    tries = dict(known or {})
    held: list[Session] = []
    pipelined: list[bool] = []
    for session in sessions(exchanges):
        broke = any(s.broke and "PIPELINING" in s.keywords for s in held)
        held.append(session)
        pipelined.append("PIPELINING" in session.keywords and not broke)
        record = Record(plan, tuple(held), tuple(pipelined), tries)
        alone = True
        for pair in session.pairs:
            transaction = _meant(record, pair)
            asked = transaction and _ask(record, pair, transaction, alone=alone)
            if asked:
                alone = alone and asked.cut_off
                kind = asked.transaction.kind
                tries[kind] = (*tries.get(kind, ()), asked)
    return Record(plan, tuple(held), tuple(pipelined), tries)


def echoes(plan: Plan, session: Session) -> frozenset[str]:
    """Return the names and addresses that a reply of this session may repeat."""
    vantage = plan.vantage
    domains = (path.rpartition("@")[2] for path in (vantage.reverse_path, vantage.forward_path))
    names = {plan.mx_host, plan.domain.ascii, plan.ip, vantage.ehlo, *domains}
    return frozenset(names | {session.server_name or ""})


def outcome_of(exchange: Exchange, names: frozenset[str]) -> Outcome | None:
    """Return what one exchange says; trouble only where no reply came."""
    if exchange.reply is not None and exchange.trouble is not Trouble.PROTOCOL_ERROR:
        return classify(exchange.reply, exchange.stage, names)
    return TROUBLES[exchange.trouble] if exchange.trouble else None


def _ask(record: Record, pair: Pair, transaction: Transaction, *, alone: bool) -> Asked | None:
    """Return a try with its outcome; None while it is unanswered."""
    session = record.sessions[-1]
    decided = _decide(echoes(record.plan, session), pair)
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
        session=len(record.sessions) - 1,
        cut_off=closing or outcome is Outcome.PROTOCOL_ERROR,
        alone=alone,
        pipelined=record.pipelined[-1],
    )


def _decide(names: frozenset[str], pair: Pair) -> tuple[Exchange, Outcome] | None:
    """Return the exchange that decides an attempt, and its outcome."""
    mail, rcpt = pair.mail, pair.rcpt
    on_mail, on_rcpt = outcome_of(mail, names), rcpt and outcome_of(rcpt, names)
    if on_mail is Outcome.ACCEPTED:
        return (rcpt, on_rcpt) if rcpt and on_rcpt else None
    if rcpt and on_rcpt in RELAY_WORDS and on_mail is not None:
        return rcpt, on_rcpt
    return (mail, on_mail) if on_mail else None


def _meant(record: Record, pair: Pair) -> Transaction | None:
    """Return the attempt that a pair of commands made: the first that was still to be asked."""
    opening = _opening(record, pair)
    fitting = [
        transaction
        for transaction in record.transactions
        if transaction.opening is opening and _fits(transaction, pair)
    ]
    unsettled = (transaction for transaction in fitting if not record.is_settled(transaction))
    return next(unsettled, fitting[-1] if fitting else None)


def _opening(record: Record, pair: Pair) -> Opening:
    """How the session of a pair had begun: STARTTLS on demand is as plain as none."""
    if record.is_as_server(record.sessions[-1]):
        return Opening.AS_SERVER
    unforced = pair.mail.tls and record.plan.tls is TlsMode.NONE and not record.tls_demanded
    return Opening.AFTER_STARTTLS if unforced else Opening.PLAIN


def _fits(transaction: Transaction, pair: Pair) -> bool:
    return _same(pair.mail.command, transaction.mail) and (
        pair.rcpt is None or _same(pair.rcpt.command, transaction.rcpt)
    )


def _same(command: str | None, planned: str) -> bool:
    """Whether a command is the planned one; who types by hand varies case and spaces."""
    return (command or "").replace(" ", "").lower() == planned.replace(" ", "").lower()
