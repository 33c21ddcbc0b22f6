"""What a finished dialogue proves about an endpoint: the contract's rules, in their order.

``RULES`` is the contract's list, one small function for each: it looks at the Evidence and returns
a Judgement, or None where it does not hold. The first that holds is the verdict. Silence never
counts as safety: what was not answered can only make a verdict ``inconclusive``.

This module knows no reply texts (``reply``), no commands (``dialogue``) and no wording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Stage, TlsMode
from bot.model.report import Attempt, EndpointReport, Outcome, Timing
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import CONTROL, FOREIGN, NULL, OWN_DOMAIN, VARIANT
from bot.relay.evidence import RELAY_WORDS, Record, echoes, outcome_of, read
from bot.relay.findings import findings
from bot.relay.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.exchange import Exchange
    from bot.relay.attempts import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The outcome of each attempt, None where it was not made, and what else a rule looks at."""

    control: Attempt | None
    foreign: Attempt | None
    own_domain: Attempt | None
    null: Attempt | None
    variants: tuple[Attempt, ...]
    external_domain: str
    is_sink: bool

    @property
    def questions(self) -> tuple[Attempt | None, ...]:
        """The three attempts that ask whether a stranger's mail goes outside."""
        return self.foreign, self.own_domain, self.null


_SENDER_REFUSED = (Outcome.SENDER_REJECTED, Outcome.SENDER_UNUSABLE)
# Rule 8: what keeps a question unanswered, by the outcome that says so.
_UNANSWERED = {
    Outcome.CLIENT_BLOCKED: Reason.CLIENT_BLOCKED,
    Outcome.GREYLISTED: Reason.GREYLISTED,
    Outcome.RATE_LIMITED: Reason.RATE_LIMITED,
    Outcome.SENDER_REJECTED: Reason.SENDER_REJECTED,
    Outcome.SENDER_UNUSABLE: Reason.SENDER_UNUSABLE,
    Outcome.RECIPIENT_UNUSABLE: Reason.RECIPIENT_UNUSABLE,
    Outcome.TLS_REQUIRED: Reason.TLS_FAILED,
    Outcome.TLS_FAILED: Reason.TLS_FAILED,
    Outcome.UNREACHABLE: Reason.UNREACHABLE,
    Outcome.TIMEOUT: Reason.TIMEOUT,
    Outcome.DROPPED: Reason.DROPPED,
    Outcome.PROTOCOL_ERROR: Reason.PROTOCOL_ERROR,
    Outcome.BAD_SEQUENCE: Reason.PROTOCOL_ERROR,
    Outcome.TEMPORARY_FAILURE: Reason.TEMPORARY_FAILURE,
}


def accepted(evidence: Evidence) -> Judgement | None:
    """Rule 3: a stranger's mail to a stranger was accepted at RCPT, in order and asked for.

    So was a variant's whose forward-path ends in our external domain, however it is spelt.
    """
    relayed = (v for v in evidence.variants if ends_in(v.forward_path, evidence.external_domain))
    for attempt, reason in (
        (evidence.foreign, Reason.FOREIGN_ACCEPTED),
        (evidence.null, Reason.NULL_ACCEPTED),
        (evidence.own_domain, Reason.OWN_DOMAIN_ACCEPTED),
        *((variant, Reason.VARIANT_ACCEPTED) for variant in relayed),
    ):
        if _is(attempt, Outcome.ACCEPTED):
            if evidence.is_sink:
                return Judgement(Verdict.INCONCLUSIVE, Reason.MAIL_SINK)
            return Judgement(Verdict.LIKELY_OPEN, reason)
    return None


def possible_bypass(evidence: Evidence) -> Judgement | None:
    """Rule 4: a form was accepted that the server may have taken for a mailbox of its own."""
    if any(_is(variant, Outcome.ACCEPTED) for variant in evidence.variants):
        return Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS)
    return None


def refused_to_relay(evidence: Evidence) -> Judgement | None:
    """Rule 5: refused in words of relaying or authentication, and nothing deferred in others.

    Where our own sender was refused, the own-domain and the null reverse-path have asked instead.
    """
    if any(_is_deferred(attempt) for attempt in evidence.questions):
        return None
    asked = [evidence.foreign]
    if _is_sender_refused(evidence.foreign):
        asked += [evidence.own_domain, evidence.null]
    for outcome, reason in (
        (Outcome.RELAY_DENIED, Reason.RELAY_DENIED),
        (Outcome.AUTH_REQUIRED, Reason.AUTH_REQUIRED),
    ):
        if any(_is(attempt, outcome) for attempt in asked):
            return Judgement(Verdict.CLOSED, reason)
    return None


def refused_the_recipient(evidence: Evidence) -> Judgement | None:
    """Rule 6: refused for good in words about the recipient, or without a why beside a control."""
    by_recipient = _is(evidence.foreign, Outcome.RECIPIENT_REJECTED)
    without_why = _is(evidence.foreign, Outcome.REJECTED) and _is(
        evidence.control, Outcome.ACCEPTED
    )
    if (by_recipient or without_why) and all(map(_is_refused, evidence.questions)):
        return Judgement(Verdict.CLOSED, Reason.RECIPIENT_REJECTED)
    return None


def takes_no_mail(evidence: Evidence) -> Judgement | None:
    """Rule 7: the host says that it never accepts mail (RFC 7504)."""
    if _is(evidence.foreign, Outcome.NEVER_ACCEPTS_MAIL):
        return Judgement(Verdict.NO_MAIL, Reason.NEVER_ACCEPTS_MAIL)
    return None


def unanswered(evidence: Evidence) -> Judgement:
    """Rule 8: the worst reason why a question has no answer; refused alike means that it is us."""
    reasons = _reasons(*evidence.questions) or _reasons(evidence.control)
    if all(map(_is_sender_refused, evidence.questions)):
        reasons.append(Reason.SENDER_REJECTED)  # every honest reverse-path
    alike = _is(evidence.control, Outcome.REJECTED) and _is(evidence.foreign, Outcome.REJECTED)
    if evidence.foreign is None:
        reasons.append(Reason.DROPPED)  # it ended before the question was asked
    elif alike or not reasons:
        reasons.append(Reason.CLIENT_BLOCKED)
    return min(
        (Judgement(Verdict.INCONCLUSIVE, reason) for reason in reasons), key=lambda j: j.rank
    )


# The contract's list, in its order; rules 1 and 2 are of proof by delivery.
RULES: tuple[Callable[[Evidence], Judgement | None], ...] = (
    accepted,  # 3
    possible_bypass,  # 4
    refused_to_relay,  # 5
    refused_the_recipient,  # 6
    takes_no_mail,  # 7
    unanswered,  # 8
)


def judge(plan: Plan, exchanges: tuple[Exchange, ...]) -> EndpointReport:
    """Judge a conversation, finished or cut short, by today's rules.

    Nothing else is looked at: a stored conversation is judged anew by calling this again.
    """
    record = read(plan, exchanges)
    attempts = _attempts(record)
    mta = fingerprint(record.sessions)
    evidence = Evidence(
        control=attempts.get(CONTROL),
        foreign=attempts.get(FOREIGN) or _cut_short(record),
        own_domain=attempts.get(OWN_DOMAIN),
        null=attempts.get(NULL),
        variants=tuple(made for kind, made in attempts.items() if kind.startswith(VARIANT)),
        external_domain=plan.external_domain,
        is_sink=mta is not None and mta.is_sink,
    )
    judgement = next(found for rule in RULES if (found := rule(evidence)) is not None)
    if evidence.foreign is not None:
        attempts = {**attempts, FOREIGN: evidence.foreign}
    made = tuple(attempts[t.kind] for t in record.transactions if t.kind in attempts)
    return EndpointReport(
        port=plan.port,
        tls=_tls_mode(plan, evidence),
        judgement=judgement,
        mta=mta.mta if mta else None,
        attempts=made,
        findings=findings(plan, record.sessions, made, judgement),
        exchanges=exchanges,
        timing=_timing(exchanges),
    )


def _attempts(record: Record) -> dict[str, Attempt]:
    """Return the try of each attempt that says most: accepted, else answered, else the latest."""
    return {
        kind: max(
            enumerate(tries),
            key=lambda numbered: (
                numbered[1].outcome is Outcome.ACCEPTED,
                not numbered[1].cut_off and numbered[1].outcome is not Outcome.TLS_REQUIRED,
                numbered[1].reply is not None,
                numbered[0],
            ),
        )[1].attempt
        for kind, tries in record.tries.items()
    }


def _cut_short(record: Record) -> Attempt | None:
    """Return the foreign attempt as what kept it from being made: the latest refusal or trouble."""
    foreign = next(t for t in record.transactions if t.kind == FOREIGN)
    for session in reversed(record.sessions):
        for exchange in reversed(session.exchanges):
            outcome = outcome_of(exchange, echoes(record.plan, session))
            if exchange.stage is Stage.QUIT or outcome in (None, Outcome.ACCEPTED):
                continue
            return Attempt(
                kind=FOREIGN,
                reverse_path=foreign.reverse_path,
                forward_path=foreign.forward_path,
                tls=exchange.tls,
                stage=exchange.stage,
                reply=exchange.reply,
                outcome=outcome if session.kept_step else Outcome.PROTOCOL_ERROR,
            )
    return None


def ends_in(forward_path: str, domain: str) -> bool:
    """Whether a forward-path ends in a domain, whatever stands before its last at sign."""
    return forward_path.lower().removesuffix(".").endswith(f"@{domain}")


def _is(attempt: Attempt | None, outcome: Outcome) -> bool:
    return attempt is not None and attempt.outcome is outcome


def _is_deferred(attempt: Attempt | None) -> bool:
    """Whether it was put off (4yz) in words that are not about relaying or authentication."""
    return (
        attempt is not None
        and attempt.reply is not None
        and attempt.reply.is_transient
        and attempt.outcome not in RELAY_WORDS
    )


def _is_refused(attempt: Attempt | None) -> bool:
    return attempt is not None and attempt.reply is not None and attempt.reply.is_permanent


def _is_sender_refused(attempt: Attempt | None) -> bool:
    return attempt is not None and (
        attempt.outcome in _SENDER_REFUSED
        or (attempt.outcome is Outcome.REJECTED and attempt.stage is Stage.MAIL)
    )


def _reasons(*attempts: Attempt | None) -> list[Reason]:
    return [_UNANSWERED[a.outcome] for a in attempts if a and a.outcome in _UNANSWERED]


def _tls_mode(plan: Plan, evidence: Evidence) -> TlsMode:
    """How the question was asked: RFC 3207's mode only where the server demanded it."""
    if plan.tls is TlsMode.NONE and evidence.foreign is not None and evidence.foreign.tls:
        return TlsMode.STARTTLS
    return plan.tls


def _timing(exchanges: tuple[Exchange, ...]) -> Timing | None:
    if not exchanges:
        return None
    ends = {e.stage: e.at_ms + e.took_ms for e in reversed(exchanges) if e.trouble is None}
    last = exchanges[-1]
    return Timing(ends.get(Stage.CONNECT), ends.get(Stage.GREETING), last.at_ms + last.took_ms)
