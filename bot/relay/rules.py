"""The contract's rules for the verdict of an endpoint, in their order.

``RULES`` is the contract's list, one small function for each: it looks at the Evidence and returns
a Judgement, or None where it does not hold. The first that holds is the verdict. Silence never
counts as safety: what was not answered can only make a verdict ``inconclusive``.

This module knows outcomes. It knows no reply texts (``reply``), no exchanges (``evidence``), and no
wording (``bot.render``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Stage
from bot.model.report import Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.evidence import RELAY_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.report import Attempt


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
    is_shut: bool = False
    proofs: tuple[Attempt, ...] = ()

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


def delivered(evidence: Evidence) -> Judgement | None:
    """Rule 1: a proof message arrived at the canary."""
    if any(_is(proof, Outcome.DELIVERED) for proof in evidence.proofs):
        return Judgement(Verdict.OPEN, Reason.DELIVERED)
    return None


def not_delivered(evidence: Evidence) -> Judgement | None:
    """Rule 2: every proof message was refused at its end, or one was taken and did not arrive.

    A message that could not be offered at all (its RCPT was refused now, the connection broke)
    proves nothing: then the attempts speak for themselves.
    """
    if any(_is(proof, Outcome.MESSAGE_ACCEPTED) for proof in evidence.proofs):
        return Judgement(Verdict.INCONCLUSIVE, Reason.ACCEPTED_NOT_DELIVERED)
    if evidence.proofs and all(_is(p, Outcome.MESSAGE_REJECTED) for p in evidence.proofs):
        return Judgement(Verdict.CLOSED, Reason.REJECTED_AFTER_DATA)
    return None


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
    """Rule 7: the host says that it never accepts mail (RFC 7504), or has no service there.

    A refused connection is an answer, and at a submission port the usual one: who offers no
    submission listens at neither (RFC 6409, 8314). An MX host that refuses port 25 is another
    matter: it should listen, so nothing is known of it.
    """
    if evidence.is_shut:
        return Judgement(Verdict.NO_MAIL, Reason.NOT_LISTENING)
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


# The contract's list, in its order.
RULES: tuple[Callable[[Evidence], Judgement | None], ...] = (
    delivered,  # 1
    not_delivered,  # 2
    accepted,  # 3
    possible_bypass,  # 4
    refused_to_relay,  # 5
    refused_the_recipient,  # 6
    takes_no_mail,  # 7
    unanswered,  # 8
)


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
