"""Proof by delivery: which attempts to repeat with a message, the message, and how it is sent.

A server that accepts a recipient may still refuse the message, discard it, or file it as its own.
Only a message that arrives outside proves that it relays. Each proof has a connection of its own
and one message with an unguessable token; ``bot.network.canary`` watches for it.

Pure: the token, the date and the arrivals are handed in. RFC 5321 §4.1.1.4 for DATA, RFC 5322 for
the message, RFC 3834 §5 for Auto-Submitted, so that no responder answers it.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from email.utils import format_datetime
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from bot.model.exchange import Stage, TlsMode
from bot.model.proof import TOKEN_HEADER
from bot.model.report import Attempt, Outcome
from bot.relay.attempts import (
    ANY_DOMAIN,
    CONTROL,
    FOREIGN,
    NULL,
    OWN_DOMAIN,
    Opening,
    transactions,
)
from bot.relay.dialogue import Connect, Send, SendMessage, StartTls
from bot.relay.evidence import RELAY_WORDS, outcome_of
from bot.relay.session import Session, server_name_of, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.exchange import Exchange
    from bot.model.proof import Arrival, Proof
    from bot.model.report import EndpointReport
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.dialogue import Step

MAX_PROOFS = 8
PROOF = "proof:"
# The contract's order: what is most telling first, and last the one whose bounces go to the
# target's own postmaster.
_FIRST, _LAST = (FOREIGN, NULL), (OWN_DOMAIN,)
_QUIT = Send(("QUIT",))


def to_prove(plan: Plan, endpoint: EndpointReport) -> tuple[Attempt, ...]:
    """Return the accepted attempts that are to be repeated with a message, in order."""
    kinds = {t.kind for t in transactions(plan, server_name_of(sessions(endpoint.exchanges)))}
    accepted = [
        attempt
        for attempt in endpoint.attempts
        if attempt.outcome is Outcome.ACCEPTED
        and attempt.kind in kinds
        and attempt.kind not in (CONTROL, ANY_DOMAIN)
    ]
    return tuple(sorted(accepted, key=lambda attempt: _place(attempt.kind))[:MAX_PROOFS])


def _place(kind: str) -> int:
    if kind in _FIRST:
        return _FIRST.index(kind)
    return len(_FIRST) + (kind in _LAST)


def token(nonce: str, kind: str) -> str:
    """Return the token of one proof message; ``nonce`` is unguessable and has no hyphen."""
    return f"{nonce}-{kind.replace(':', '-').replace('_', '-')}"


def message(plan: Plan, attempt: Attempt, token: str, date: datetime) -> tuple[str, ...]:
    """Return a proof message, line by line.

    Args:
        plan: whom it goes to, and who we are.
        attempt: the accepted attempt that it repeats.
        token: its token.
        date: when it is sent.
    """
    words = {
        "host": plan.mx_host,
        "ip": plan.ip,
        "domain": plan.domain.ascii,
        "ehlo": plan.vantage.ehlo,
        "contact": plan.vantage.reverse_path,
        "reverse_path": attempt.reverse_path,
        "forward_path": attempt.forward_path,
        "token": token,
    }
    wording = _wording()
    return (
        f"Date: {format_datetime(date)}",
        f"From: relaycheck <{plan.vantage.reverse_path}>",
        f"To: <{plan.vantage.forward_path}>",
        f"Subject: {wording['subject'].format(**words)}",
        f"Message-ID: <{token}@{plan.vantage.reverse_path.rpartition('@')[2]}>",
        f"{TOKEN_HEADER}: {token}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        *wording["body"].strip().format(**words).split("\n"),
    )


def next_proof_step(  # noqa: PLR0911 - a state machine: a return for each state
    plan: Plan,
    transaction: Transaction,
    lines: tuple[str, ...],
    exchanges: tuple[Exchange, ...],
    *,
    tls: bool,
) -> Step | None:
    """Return what to do next to hand over one message, in a connection of its own.

    Args:
        plan: whom to talk to.
        transaction: the attempt to repeat.
        lines: the message.
        exchanges: what was said so far.
        tls: whether the attempt was accepted over TLS.
    """
    if not exchanges:
        return Connect(implicit_tls=plan.tls is TlsMode.IMPLICIT)
    (session,) = sessions(exchanges)
    if session.is_over:
        return None
    last = session.last
    went_well = last.reply is not None and last.reply.is_positive
    match last.stage:
        case Stage.GREETING if went_well:
            return Send((f"EHLO {_ehlo(plan, transaction, session)}",))
        case Stage.TLS:
            return Send((f"EHLO {_ehlo(plan, transaction, session)}",))
        case Stage.EHLO if not went_well:
            return Send((f"HELO {_ehlo(plan, transaction, session)}",))
        case Stage.EHLO | Stage.HELO if went_well:
            return StartTls() if tls and not session.is_tls else Send((transaction.mail,))
        case Stage.MAIL if went_well:
            return Send((transaction.rcpt,))
        case Stage.RCPT if went_well:
            return Send(("DATA",))
        case Stage.DATA if last.reply is not None and last.reply.code == 354:
            return SendMessage(lines)
        case _:
            return _QUIT


def attempt_of(proof: Proof, transaction: Transaction) -> Attempt | None:
    """Return what came of a proof message, as an attempt of the report; None: nothing was said."""
    decisive = next((e for e in reversed(proof.exchanges) if e.stage is not Stage.QUIT), None)
    if decisive is None:
        return None
    paths = (transaction.reverse_path, transaction.forward_path)
    echoed = frozenset(domain for path in paths if (domain := path.rpartition("@")[2]))
    return Attempt(
        kind=f"{PROOF}{proof.kind}",
        reverse_path=transaction.reverse_path,
        forward_path=transaction.forward_path,
        tls=decisive.tls,
        stage=decisive.stage,
        reply=decisive.reply,
        outcome=_outcome(proof, decisive, echoed),
    )


def was_taken(proof: Proof) -> bool:
    """Whether the server said that it will deliver the message (RFC 5321 §4.2.5)."""
    return any(
        exchange.stage is Stage.END_OF_DATA
        and exchange.reply is not None
        and exchange.reply.is_positive
        for exchange in proof.exchanges
    )


def with_arrivals(proofs: tuple[Proof, ...], arrivals: tuple[Arrival, ...]) -> tuple[Proof, ...]:
    """Return the proofs, each with what arrived of it."""
    return tuple(
        replace(proof, arrivals=tuple(a for a in arrivals if a.token == proof.token))
        for proof in proofs
    )


def _outcome(proof: Proof, decisive: Exchange, echoed: frozenset[str]) -> Outcome:
    if proof.delivery is not None:
        return Outcome.DELIVERED
    reply = decisive.reply
    if reply is None or decisive.stage not in (Stage.DATA, Stage.END_OF_DATA):
        return outcome_of(decisive, echoed) or Outcome.PROTOCOL_ERROR
    if decisive.stage is Stage.END_OF_DATA and reply.is_positive:
        return Outcome.MESSAGE_ACCEPTED
    # "Later" is no refusal, unless its words are those of relaying (Postfix's 454).
    # The words are those that servers have for RCPT: they only come late.
    said = outcome_of(replace(decisive, stage=Stage.RCPT), echoed) or Outcome.PROTOCOL_ERROR
    refused = reply.is_permanent or said in RELAY_WORDS
    return Outcome.MESSAGE_REJECTED if refused else said


def _ehlo(plan: Plan, transaction: Transaction, session: Session) -> str:
    if transaction.opening is Opening.AS_SERVER:
        return session.server_name or plan.mx_host
    return plan.vantage.ehlo


def find_transaction(plan: Plan, endpoint: EndpointReport, kind: str) -> Transaction:
    """Return the transaction of an attempt that was made, by its kind."""
    known = transactions(plan, server_name_of(sessions(endpoint.exchanges)))
    return next(transaction for transaction in known if transaction.kind == kind)


@lru_cache(maxsize=1)
def _wording() -> dict[str, str]:
    text = resources.files(__package__).joinpath("proof.toml").read_text("utf-8")
    return {name: str(value) for name, value in tomllib.loads(text).items()}
