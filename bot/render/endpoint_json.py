"""One endpoint in the public JSON: verdict, attempts, and the conversation itself.

What is derived (enhanced status code, transcript) is derived from the text as it stands in the
document, so that a report read back and written again is the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.exchange import Exchange, Reply, transcript
from bot.render.json_parts import Json, findings, moment, text, texts, verdict

if TYPE_CHECKING:
    from bot.model.proof import Arrival, Proof
    from bot.model.report import Attempt, EndpointReport, Mta, Timing


def endpoint_json(endpoint: EndpointReport) -> Json:
    """Return an endpoint as JSON values."""
    exchanges = tuple(_harmless(exchange) for exchange in endpoint.exchanges)
    return {
        "port": endpoint.port,
        "tls": endpoint.tls,
        "host": text(endpoint.host),
        **verdict(endpoint.judgement),
        "age_s": endpoint.age_s,
        "mta": None if endpoint.mta is None else _mta(endpoint.mta),
        "findings": findings(endpoint.findings),
        "attempts": [_attempt(attempt) for attempt in endpoint.attempts],
        "transcript": list(transcript(exchanges)),
        "exchanges": [_exchange(exchange) for exchange in exchanges],
        "proofs": [_proof(proof) for proof in endpoint.proofs],
        "timing_ms": None if endpoint.timing is None else _timing(endpoint.timing),
    }


def _proof(proof: Proof) -> Json:
    """Return a proof without its token: who knows that could forge an arrival."""
    return {
        "kind": text(proof.kind),
        "exchanges": [_exchange(_harmless(exchange)) for exchange in proof.exchanges],
        "arrivals": [_arrival(arrival) for arrival in proof.arrivals],
    }


def _arrival(arrival: Arrival) -> Json:
    return {
        "at": moment(arrival.at),
        "is_bounce": arrival.is_bounce,
        "peer": text(arrival.peer),
        "received": texts(arrival.received),
    }


def _mta(mta: Mta) -> Json:
    return {
        "product": text(mta.product),
        "version": None if mta.version is None else text(mta.version),
        "confidence": text(mta.confidence),
    }


def _timing(timing: Timing) -> Json:
    return {
        "connect": timing.connect_ms,
        "greeting": timing.greeting_ms,
        "total": timing.total_ms,
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "kind": text(attempt.kind),
        "reverse_path": text(attempt.reverse_path),
        "forward_path": text(attempt.forward_path),
        "tls": attempt.tls,
        "stage": attempt.stage,
        "reply": _reply(attempt.reply),
        "outcome": attempt.outcome,
    }


def _reply(reply: Reply | None) -> Json | None:
    if reply is None:
        return None
    harmless = _harmless_reply(reply)
    return {
        "code": harmless.code,
        "enhanced": harmless.enhanced,
        "text": harmless.text,
        "lines": list(harmless.lines),
    }


def _harmless_reply(reply: Reply) -> Reply:
    return Reply(reply.code, tuple(texts(reply.lines)))


def _harmless(exchange: Exchange) -> Exchange:
    return replace(
        exchange,
        command=None if exchange.command is None else text(exchange.command),
        reply=None if exchange.reply is None else _harmless_reply(exchange.reply),
        detail=text(exchange.detail),
        certificate_error=text(exchange.certificate_error),
    )


def _exchange(exchange: Exchange) -> Json:
    return {
        "stage": exchange.stage,
        "command": exchange.command,
        "reply": _reply(exchange.reply),
        "trouble": exchange.trouble,
        "detail": exchange.detail,
        "certificate_error": exchange.certificate_error,
        "tls": exchange.tls,
        "at_ms": exchange.at_ms,
        "took_ms": exchange.took_ms,
    }
