"""What else a conversation shows about an endpoint, as tags with arguments.

The wording, the severity and the advice for each tag stand in ``bot/render/catalogue.toml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.exchange import CertificateFault, Stage, TlsMode
from bot.model.finding import Finding, Tag
from bot.model.report import Outcome
from bot.model.verdict import Reason, Verdict
from bot.relay.attempts import ANY_DOMAIN, VARIANT
from bot.relay.session import sessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.model.exchange import Exchange
    from bot.model.report import Attempt
    from bot.model.verdict import Judgement
    from bot.relay.attempts import Plan
    from bot.relay.session import Session

# postscreen waits 6 s on purpose (postscreen_greet_wait); what is slower than this seems not meant.
SLOW_GREETING_MS = 8_000
_FAULTS = frozenset(CertificateFault)


def findings(
    plan: Plan, held: tuple[Session, ...], attempts: tuple[Attempt, ...], judgement: Judgement
) -> tuple[Finding, ...]:
    """Return the findings of one endpoint, the weightiest first."""
    return tuple(
        Finding(tag, {"ip": plan.ip, **args})
        for tag, args in (
            *_of_acceptance(attempts, judgement),
            *_of_tls(plan, held),
            *_of_greeting(held),
        )
    )


def greeting_name(
    exchanges: tuple[Exchange, ...], mx_hosts: Sequence[str], ptr: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Return a finding where a server greets with a name that is neither an MX name nor a PTR.

    ``mx_hosts`` are all that have its address, one at least. Apart from ``findings``, since the
    PTR names come from DNS at their own time.
    """
    names = {session.server_name for session in sessions(exchanges)} - {None}
    known = {name.lower().rstrip(".") for name in (*mx_hosts, *ptr)}
    return tuple(
        Finding(Tag.GREETING_NAME_MISMATCH, {"name": name, "host": mx_hosts[0]})
        for name in sorted(filter(None, names))
        if name not in known
    )


def _of_acceptance(
    attempts: tuple[Attempt, ...], judgement: Judgement
) -> Iterator[tuple[Tag, dict[str, str]]]:
    if judgement.verdict is Verdict.OPEN:
        yield Tag.OPEN_RELAY_PROVED, {}
    if judgement.verdict is Verdict.LIKELY_OPEN:
        yield Tag.OPEN_RELAY_LIKELY, {}
    accepted = [attempt for attempt in attempts if attempt.outcome is Outcome.ACCEPTED]
    if judgement.reason is Reason.POSSIBLE_BYPASS:
        for attempt in accepted:
            if attempt.kind.startswith(VARIANT):
                yield Tag.POSSIBLE_BYPASS, {"form": attempt.forward_path}
    if any(attempt.kind == ANY_DOMAIN for attempt in accepted):
        yield Tag.ACCEPTS_ANY_DOMAIN, {}


def _of_tls(plan: Plan, held: tuple[Session, ...]) -> Iterator[tuple[Tag, dict[str, str]]]:
    exchanges = [exchange for session in held for exchange in session.exchanges]
    hello = next((e for e in exchanges if e.stage is Stage.EHLO and not e.tls), None)
    offered = hello is not None and hello.reply is not None and hello.reply.is_positive
    if (
        plan.tls is TlsMode.NONE
        and offered
        and not any("STARTTLS" in session.clear_keywords for session in held)
    ):
        yield Tag.STARTTLS_MISSING, {}
    errors = (e.certificate_error for e in exchanges if e.certificate_error)
    if error := next(errors, ""):
        yield Tag.TLS_CERTIFICATE_INVALID, _certificate(error)


def _certificate(error: str) -> dict[str, str]:
    """Return a fault, and its date where it has one; an earlier version told both in words."""
    fault, _, date = error.partition(" ")
    if fault not in _FAULTS:
        return {"error": error}
    return {"error": fault, "date": date} if date else {"error": fault}


def _of_greeting(held: tuple[Session, ...]) -> Iterator[tuple[Tag, dict[str, str]]]:
    waits = (
        e.took_ms
        for session in held
        for e in session.exchanges
        if e.stage is Stage.GREETING and e.reply is not None
    )
    if (wait := next(waits, 0)) >= SLOW_GREETING_MS:
        yield Tag.SLOW_GREETING, {"seconds": f"{wait / 1000:.0f}"}
