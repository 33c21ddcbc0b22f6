"""Which answers of an endpoint speak for other domains behind it, and when they still hold.

``foreign`` and ``null`` name no domain of the server's, so what one conversation was told of them
is what the next would be told (contract, Limits: reuse). ``control`` and ``own_domain`` do, and are
asked each time. They also show whether the server still deals with us as it did: where it does
not (it blocks us, it was closed or opened meanwhile), nothing is reused, and the conversation
itself asks the rest. So a verdict never rests on more
than a whole conversation would have shown.

Pure. Where answers are remembered meanwhile is the edge's business (``bot.network.answered``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.report import Outcome
from bot.model.verdict import Verdict
from bot.relay import evidence
from bot.relay.attempts import ANY_DOMAIN, CONTROL, FOREIGN, NULL, OWN_DOMAIN, transactions
from bot.relay.evidence import BEFORE, RELAY_WORDS, Asked, echoes
from bot.relay.reply import classify
from bot.relay.session import Session

if TYPE_CHECKING:
    from collections.abc import Hashable

    from bot.model.exchange import Exchange
    from bot.model.report import Attempt, EndpointReport
    from bot.relay.attempts import Plan, Transaction
    from bot.relay.evidence import Record

# The contract: for a quarter of an hour.
FRESH_S = 900
REUSED = (FOREIGN, NULL)
# Replies that settle whether the server takes mail for a recipient, whoever is asking.
_DEFINITE = frozenset({Outcome.ACCEPTED, Outcome.RECIPIENT_REJECTED, *RELAY_WORDS})
# Replies that settle a question by its reverse-path, which is not ours.
_OF_SENDER = frozenset({Outcome.REJECTED, Outcome.SENDER_REJECTED, Outcome.SENDER_UNUSABLE})
_ANSWERS = {NULL: _DEFINITE | {Outcome.SENDER_REJECTED}, OWN_DOMAIN: _DEFINITE | _OF_SENDER}
# A conversation that came to another verdict was hindered, or is not over.
_SETTLED = (Verdict.CLOSED, Verdict.LIKELY_OPEN)


def endpoint_of(plan: Plan) -> Hashable:
    """Return what must be the same for answers to be reused."""
    return plan.ip, plan.port, plan.tls, plan.variants, plan.vantage


def to_reuse(plan: Plan, judged: EndpointReport) -> tuple[Attempt, ...]:
    """Return the answers of a conversation that speak for other domains as well.

    Returns:
        ``foreign`` and ``null``, both of them; nothing where either was put off, blocked, cut off
        or reused itself, where the conversation came to no verdict, or where variants were asked:
        they follow from the answer to ``foreign``, so all of it is asked.
    """
    if judged.age_s or plan.variants:
        return ()
    if judged.judgement is None or judged.judgement.verdict not in _SETTLED:
        return ()
    found = tuple(attempt for attempt in judged.attempts if attempt.kind in REUSED)
    return found if len(found) == len(REUSED) and all(map(_is_answer, found)) else ()


def read(plan: Plan, exchanges: tuple[Exchange, ...], *, is_over: bool = False) -> Record:
    """Match a conversation to its plan, with what is reused of others as long as it holds.

    Args:
        plan: what is asked of whom.
        exchanges: what was said so far.
        is_over: nothing more will be said; then what is reused must have been borne out.
    """
    known = _brought(plan)
    if not known:
        return evidence.read(plan, exchanges)
    record = evidence.read(plan, exchanges, known)
    return evidence.read(plan, exchanges) if _is_void(record, is_over=is_over) else record


def age_s(record: Record) -> int:
    """Return how old the answers are that a conversation was judged by, in seconds; 0: its own."""
    reused, foreign = record.plan.reused, record.tries.get(FOREIGN, ())
    return reused.age_s if reused and any(asked.session == BEFORE for asked in foreign) else 0


def _brought(plan: Plan) -> dict[str, tuple[Asked, ...]]:
    """Return what is reused as if it had been asked before the conversation; all of it or none."""
    if plan.reused is None or plan.variants:
        return {}
    read_anew = (_read_anew(plan, attempt) for attempt in plan.reused.attempts)
    answers = {attempt.kind: attempt for attempt in read_anew if _is_answer(attempt)}
    if not all(kind in answers for kind in REUSED):
        return {}
    return {t.kind: (_asked(t, answers[t.kind]),) for t in transactions(plan) if t.kind in REUSED}


def _read_anew(plan: Plan, attempt: Attempt) -> Attempt:
    """Let today's rules say what an answer means; in TLS, a demand for it was read already."""
    if attempt.reply is None:
        return attempt
    outcome = classify(attempt.reply, attempt.stage, echoes(plan, Session(())))
    return attempt if outcome is Outcome.TLS_REQUIRED else replace(attempt, outcome=outcome)


def _asked(transaction: Transaction, answer: Attempt) -> Asked:
    return Asked(
        transaction=transaction,
        stage=answer.stage,
        reply=answer.reply,
        outcome=answer.outcome,
        tls=answer.tls,
        session=BEFORE,
        cut_off=False,
        alone=False,
        pipelined=False,
    )


def _is_answer(attempt: Attempt) -> bool:
    """Whether an attempt was answered for good; refused in relay words, at whatever reply code."""
    if attempt.reply is None or attempt.outcome not in _ANSWERS.get(attempt.kind, _DEFINITE):
        return False
    return attempt.outcome in RELAY_WORDS or not attempt.reply.is_transient


def _is_void(record: Record, *, is_over: bool) -> bool:
    """Whether what this conversation was told itself forbids to reuse what another was told.

    The server must take our own question as far as it took the foreign one, in TLS or not as then,
    and answer it and the own-domain one for good. While they are still to be asked, nothing is
    known.
    """
    foreign = record.tries[FOREIGN][0]
    for kind in (CONTROL, OWN_DOMAIN):
        told = _told(record, kind)
        if (is_over and not told) or any(t.cut_off or not _is_answer(t.attempt) for t in told):
            return True
    far = {(asked.stage, asked.tls) for asked in _told(record, CONTROL)}
    return not far <= {(foreign.stage, foreign.tls)} or _has_changed(record)


def _has_changed(record: Record) -> bool:
    """Whether the server now lets through what it did not, or no longer what it did.

    Somebody may have closed it a minute ago, or opened it. One that trusts its own domain's senders
    alone looks the same, and is asked all of it each time.
    """
    was_open = record.tries[FOREIGN][0].outcome is Outcome.ACCEPTED
    own = {asked.outcome is Outcome.ACCEPTED for asked in _told(record, OWN_DOMAIN)}
    denied = any(asked.outcome in RELAY_WORDS for asked in _told(record, ANY_DOMAIN))
    return not own <= {was_open} or (was_open and denied)


def _told(record: Record, kind: str) -> list[Asked]:
    """Return the tries of an attempt, but for those that were told to begin TLS first."""
    tries = record.tries.get(kind, ())
    return [asked for asked in tries if asked.outcome is not Outcome.TLS_REQUIRED]
