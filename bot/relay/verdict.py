"""What a conversation proves about an endpoint: its report, by the rules of the contract.

The exchanges are read as evidence (``evidence``), and the rules judge it (``rules``). A
conversation may be finished or cut short, live or stored: nothing else is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.exchange import Stage, TlsMode, Trouble
from bot.model.finding import Finding, Tag
from bot.model.ports import SUBMISSION, SUBMISSIONS
from bot.model.report import Attempt, EndpointReport, Outcome, Timing
from bot.relay.attempts import CONTROL, FOREIGN, NULL, OWN_DOMAIN, VARIANT
from bot.relay.evidence import TROUBLES, Record, echoes, outcome_of
from bot.relay.findings import findings
from bot.relay.fingerprint import fingerprint
from bot.relay.proof import attempt_of
from bot.relay.reuse import age_s, read
from bot.relay.rules import RULES, Evidence

if TYPE_CHECKING:
    from bot.model.exchange import Exchange
    from bot.model.proof import Proof
    from bot.relay.attempts import Plan


_OF_ATTEMPTS = (Stage.MAIL, Stage.RCPT, Stage.RSET)
# What can be said of a question that was not asked; everything else would answer it.
_KEEPS_FROM_ASKING = {
    *TROUBLES.values(),
    Outcome.CLIENT_BLOCKED,
    Outcome.GREYLISTED,
    Outcome.NEVER_ACCEPTS_MAIL,
    Outcome.RATE_LIMITED,
    Outcome.TEMPORARY_FAILURE,
    Outcome.TLS_REQUIRED,
}


def judge(
    plan: Plan, exchanges: tuple[Exchange, ...], proofs: tuple[Proof, ...] = ()
) -> EndpointReport:
    """Judge a conversation, finished or cut short, by today's rules.

    Nothing else is looked at: a stored conversation is judged anew by calling this again.

    Args:
        plan: what was asked of whom.
        exchanges: what was said.
        proofs: the messages that were handed over afterwards, with what came of them.
    """
    record = read(plan, exchanges, is_over=True)
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
        is_shut=_is_shut(plan, exchanges),
        proofs=_proved(record, proofs),
    )
    judgement = next(found for rule in RULES if (found := rule(evidence)) is not None)
    if evidence.foreign is not None:
        attempts = {**attempts, FOREIGN: evidence.foreign}
    asked = tuple(attempts[t.kind] for t in record.transactions if t.kind in attempts)
    made = (*asked, *evidence.proofs)
    return EndpointReport(
        port=plan.port,
        host=plan.mx_host,
        tls=_tls_mode(plan, evidence),
        judgement=judgement,
        age_s=age_s(record),
        mta=mta.mta if mta else None,
        attempts=made,
        findings=(*findings(plan, record.sessions, made, judgement), *_of_proofs(plan, proofs)),
        exchanges=exchanges,
        proofs=proofs,
        timing=_timing(exchanges),
    )


def _proved(record: Record, proofs: tuple[Proof, ...]) -> tuple[Attempt, ...]:
    """Return each message that was handed over as the attempt that it repeats."""
    repeated = {t.kind: t for t in record.transactions}
    return tuple(
        attempt
        for proof in proofs
        if proof.kind in repeated and (attempt := attempt_of(proof, repeated[proof.kind]))
    )


def _of_proofs(plan: Plan, proofs: tuple[Proof, ...]) -> tuple[Finding, ...]:
    """Say where a server took a message and then sent word that it did not pass it on."""
    return (Finding(Tag.PROOF_BOUNCED, {"ip": plan.ip}),) if any(p.bounced for p in proofs) else ()


def _is_shut(plan: Plan, exchanges: tuple[Exchange, ...]) -> bool:
    """Whether a submission port refused the connection."""
    return plan.port in (SUBMISSION, SUBMISSIONS) and any(
        e.stage is Stage.CONNECT and e.trouble is Trouble.REFUSED for e in exchanges[-1:]
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
    """Return the foreign attempt as what kept it from being made, where something did.

    That is the end of the conversation: a trouble, a refusal before the first MAIL, a 421, or a
    reply out of step. What another attempt was told is never taken for the answer to this one.
    """
    foreign = next(t for t in record.transactions if t.kind == FOREIGN)
    for session in reversed(record.sessions):
        ends = filter(_ends_it, reversed(session.exchanges))
        for exchange in ends if session.kept_step else (session.last,):
            outcome = outcome_of(exchange, echoes(record.plan, session))
            if outcome not in _KEEPS_FROM_ASKING:
                outcome = Outcome.DROPPED
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


def _ends_it(exchange: Exchange) -> bool:
    """Whether a conversation can have ended with this exchange, against our will."""
    if exchange.stage is Stage.QUIT:
        return False
    refused = exchange.reply is not None and (
        exchange.reply.code == 421
        or (exchange.reply.code >= 400 and exchange.stage not in _OF_ATTEMPTS)
    )
    return refused or exchange.trouble is not None


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
