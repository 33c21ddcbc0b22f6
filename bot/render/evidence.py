"""Which endpoint, attempt and exchanges carry a verdict, and how they read as words.

The verdict itself is ``bot.relay``'s; this module finds in a report what to show for it: the worst
endpoint of a host, the attempt that decided, the part of the conversation around it. All words
that leave it are inert.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.exchange import Stage, transcript
from bot.model.finding import Tag
from bot.model.report import Outcome
from bot.model.verdict import Reason
from bot.relay.reuse import REUSED
from bot.render.catalogue import CATALOGUE, fill
from bot.render.inert import ELLIPSIS, inert, inert_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.exchange import Exchange, Reply
    from bot.model.report import AddressReport, Attempt, EndpointReport, MxReport, Report
    from bot.model.verdict import Judgement

REPLY_SHOWN = 160
LINES_SHOWN = 24
CHARACTERS_SHOWN = 1500
# Of a long multi-line reply (EHLO) the first lines and the last one are shown.
_REPLY_LINES = 4
_QUESTIONS = ("foreign", "own_domain", "null")
_KIND_ACCEPTED = {
    Reason.FOREIGN_ACCEPTED: "foreign",
    Reason.NULL_ACCEPTED: "null",
    Reason.OWN_DOMAIN_ACCEPTED: "own_domain",
    Reason.VARIANT_ACCEPTED: "variant:",
    Reason.POSSIBLE_BYPASS: "variant:",
    Reason.MAIL_SINK: "",
}
_OUTCOME_OF_PROOF = {
    Reason.DELIVERED: Outcome.DELIVERED,
    Reason.ACCEPTED_NOT_DELIVERED: Outcome.MESSAGE_ACCEPTED,
    Reason.REJECTED_AFTER_DATA: Outcome.MESSAGE_REJECTED,
}
_ECHO = re.compile(r"<[^<>\s]*@[^<>\s]*>(?::|\.{3})?\s*")
_STEPS = {
    Stage.CONNECT: "the connection",
    Stage.GREETING: "the greeting",
    Stage.TLS: "the TLS handshake",
    Stage.END_OF_DATA: "the end of the message",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint that was judged, with the address that it belongs to."""

    address: AddressReport
    endpoint: EndpointReport
    judgement: Judgement

    @property
    def at(self) -> str:
        """Address and port: ``192.0.2.1:25``, ``[2001:db8::1]:25``, or ``port 25`` alone."""
        ip = self.address.ip
        if not ip:  # of a transcript that does not name it
            return f"port {self.endpoint.port}"
        return f"[{ip}]:{self.endpoint.port}" if ":" in ip else f"{ip}:{self.endpoint.port}"


def places(mx: MxReport) -> tuple[Place, ...]:
    """Return every judged endpoint of a host, the worst first, else in the order asked."""
    judged = [
        Place(address, endpoint, endpoint.judgement)
        for address in mx.addresses
        for endpoint in address.endpoints
        if endpoint.judgement is not None
    ]
    return tuple(sorted(judged, key=lambda place: place.judgement.rank))


def worst_place(mx: MxReport) -> Place | None:
    """Return the endpoint that the host's verdict rests on; None where none was judged."""
    return next(iter(places(mx)), None)


def deciding_attempt(endpoint: EndpointReport) -> Attempt | None:
    """Return the attempt whose reply decided the endpoint's verdict; None: no attempt did."""
    return next(_candidates(endpoint), None)


def _candidates(endpoint: EndpointReport) -> Iterator[Attempt]:
    """Yield the attempts that may have decided, the likeliest first."""
    if endpoint.judgement is None:
        return
    reason, attempts = endpoint.judgement.reason, endpoint.attempts
    if reason in _KIND_ACCEPTED:
        kind = _KIND_ACCEPTED[reason]
        accepted = (a for a in attempts if a.outcome is Outcome.ACCEPTED and a.kind != "control")
        yield from (a for a in accepted if a.kind.startswith(kind))
    if reason in _OUTCOME_OF_PROOF:
        yield from (a for a in attempts if a.outcome is _OUTCOME_OF_PROOF[reason])
    asked = [a for kind in _QUESTIONS for a in attempts if a.kind == kind]
    yield from (a for a in (*asked, *attempts) if a.outcome.value == reason.value)
    yield from (a for a in (*asked, *attempts) if a.outcome is not Outcome.ACCEPTED)


def quoted(reply: Reply | None) -> str:
    """Return a reply on one line, ``550 5.7.1 Relaying denied``; "" for none."""
    if reply is None:
        return ""
    return inert(" ".join(filter(None, (str(reply.code), reply.enhanced, reply.text))), REPLY_SHOWN)


def gist(reply: Reply | None) -> str:
    """Return a reply for a short line: as ``quoted``, without the addresses that it echoes."""
    return _ECHO.sub("", quoted(reply))


def step(stage: Stage) -> str:
    """Return a stage in words: ``the greeting``, ``RCPT``."""
    return _STEPS.get(stage, stage.value.upper())


def sentence(report: Report, mx: MxReport, *, as_mrkdwn: bool = False) -> str:
    """Return what happened at a host and how far to trust it; "" while it is being asked."""
    if mx.judgement is None:
        return ""
    words = CATALOGUE.reasons[mx.judgement.reason].sentence
    return fill(words, facts(report, mx), as_mrkdwn=as_mrkdwn)


def facts(report: Report, mx: MxReport) -> dict[str, str]:
    """Return what the texts of a reason may name, for a host whose verdict is known."""
    skipped = next((a for a in mx.addresses if a.skipped and a.skipped == mx.judgement), None)
    address = skipped or next(iter(mx.addresses), None)
    place = None if skipped else worst_place(mx)
    ip = place.address.ip if place else address.ip if address else ""
    return {
        "domain": report.domain.unicode,
        "host": mx.host,
        "ip": ip or mx.host,
        "class": _forbidden_class(mx),
        **(_facts_of(place) if place else {}),
    }


def _facts_of(place: Place) -> dict[str, str]:
    endpoint, attempt = place.endpoint, deciding_attempt(place.endpoint)
    trouble = next((e for e in reversed(endpoint.exchanges) if e.trouble), None)
    stage = trouble.stage if trouble else attempt.stage if attempt else Stage.CONNECT
    reply = quoted(attempt.reply) if attempt else ""
    return {
        "port": str(endpoint.port),
        "product": endpoint.mta.product if endpoint.mta else "an unknown server",
        "stage": step(stage),
        "detail": (trouble.detail if trouble else "") or "no reason was given",
        "reply": reply or _last_refusal(endpoint) or "no reply",
        "reverse_path": attempt.reverse_path if attempt else "",
        "form": attempt.kind.removeprefix("variant:") if attempt else "",
    }


def decisive_lines(endpoint: EndpointReport) -> tuple[str, ...]:
    """Return the conversation that decided, cut to what matters; gaps are marked."""
    attempt = deciding_attempt(endpoint)
    is_reused = bool(endpoint.age_s and attempt and attempt.kind in REUSED)
    if is_reused or not endpoint.exchanges:
        age = (f"*: asked {minutes_old(endpoint)} min ago, in another check",) if is_reused else ()
        told = (*age, *_remembered(attempt))
        return inert_lines(told, height=LINES_SHOWN, total=CHARACTERS_SHOWN)
    kept = _decisive(endpoint.exchanges, attempt)
    lines: list[str] = []
    for index, exchange in enumerate(endpoint.exchanges):
        if index in kept:
            lines += _abridged(exchange)
        elif exchange.command and lines[-1:] != [ELLIPSIS]:
            lines.append(ELLIPSIS)
    lines += _outcome_of_proof(endpoint)
    return inert_lines(lines, height=LINES_SHOWN, total=CHARACTERS_SHOWN)


def _outcome_of_proof(endpoint: EndpointReport) -> tuple[str, ...]:
    """Return the path of the first message that arrived, else the first bounce."""
    told = sorted(endpoint.proofs, key=lambda proof: proof.delivery is None)
    return next((proof.lines for proof in told if proof.lines), ())


def _decisive(exchanges: tuple[Exchange, ...], attempt: Attempt | None) -> set[int]:
    """Return the indexes of the greeting, the deciding transaction, and every trouble."""
    kept = {i for i, e in enumerate(exchanges) if e.trouble or e.stage is Stage.GREETING}
    mail = -1
    for index, exchange in enumerate(exchanges):
        if exchange.stage is Stage.MAIL:
            mail = index
            if attempt and attempt.stage is Stage.MAIL and _names(exchange, attempt.reverse_path):
                kept.add(index)
        if attempt and exchange.stage is Stage.RCPT and mail >= 0:
            said = exchanges[mail], exchange
            if _names(said[0], attempt.reverse_path) and _names(said[1], attempt.forward_path):
                kept |= {mail, index}
        if attempt and exchange.stage is attempt.stage and exchange.stage in _AFTER_RCPT:
            kept.add(index)
    return kept


_AFTER_RCPT = (Stage.EHLO, Stage.HELO, Stage.STARTTLS, Stage.DATA, Stage.END_OF_DATA)


def _names(exchange: Exchange, path: str) -> bool:
    return f"<{path}>" in (exchange.command or "")


def _abridged(exchange: Exchange) -> tuple[str, ...]:
    lines = transcript((exchange,))
    if len(lines) <= _REPLY_LINES + 1:
        return lines
    return (*lines[:_REPLY_LINES], ELLIPSIS, lines[-1])


def minutes_old(endpoint: EndpointReport) -> int:
    """Return how old reused answers are at most, in whole minutes; 0: none was reused."""
    return -(-endpoint.age_s // 60)


def _remembered(attempt: Attempt | None) -> tuple[str, ...]:
    """Return the deciding attempt alone, where the conversation itself was not kept."""
    if attempt is None:
        return ()
    said = (f"C: MAIL FROM:<{attempt.reverse_path}>", f"C: RCPT TO:<{attempt.forward_path}>")
    heard = attempt.reply.wire() if attempt.reply else ()
    return (*said, *(f"S: {line}" for line in heard))


def _last_refusal(endpoint: EndpointReport) -> str:
    refusals = [e.reply for e in endpoint.exchanges if e.reply and not e.reply.is_positive]
    return quoted(refusals[-1]) if refusals else ""


def _forbidden_class(mx: MxReport) -> str:
    findings = (f for a in mx.addresses for f in a.findings if f.tag is Tag.ADDRESS_FORBIDDEN)
    forbidden = next(findings, None)
    return (forbidden.args.get("class", "") if forbidden else "") or "an address of special use"
