"""A Report as the public JSON, ``relaycheck/1``: what scripts and other programs read.

The contract names the keys; keys are only added within a major version. Beyond it stand what a
stored report needs to be judged anew: ``exchanges`` of each endpoint, ``answers`` of DNS, ``lines``
of a reply. Every foreign string is inert, so that the text is valid Unicode without controls
wherever it is stored or printed. ``stored_report.from_json`` is the way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.model.exchange import transcript
from bot.render.catalogue import severity, title
from bot.render.inert import inert
from bot.render.remedies import remediation
from bot.render.telnet import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.model.exchange import Exchange, Reply
    from bot.model.finding import Finding
    from bot.model.question import Answer
    from bot.model.report import (
        AddressReport,
        Attempt,
        EndpointReport,
        Listing,
        Mta,
        MxReport,
        Report,
        Timing,
        Vantage,
    )
    from bot.model.verdict import Judgement
    from bot.render.remedies import Remedy
    from bot.render.telnet import ByHand

SCHEMA = "relaycheck/1"
# A reply is kept to 8 KiB; a character of it becomes at most ten.
_LONGEST = 100_000

Json: TypeAlias = dict[str, object]


def to_json(report: Report) -> Json:
    """Return the report as plain JSON values; a part that is still being asked is null."""
    told = [by_hand(report, mx) for mx in report.mx]
    return {
        "schema": SCHEMA,
        "id": _text(report.id),
        "domain": _text(report.domain.ascii),
        "domain_unicode": _text(report.domain.unicode),
        "started_at": _time(report.started_at),
        "duration_ms": report.duration_ms,
        "finished": report.finished,
        "error_id": _text(report.error_id),
        "vantage": _vantage(report.vantage),
        "mail_service": report.mail_service,
        **_verdict(report.judgement),
        "findings": _findings(report.findings),
        "mx": [_mx(mx) for mx in report.mx],
        "remediation": [_remedy(remedy, hosts) for remedy, hosts in remediation(report)],
        "telnet": [_telnet(typed) for typed in told if typed.lines],
        "answers": [_answer(answer) for answer in report.answers],
    }


def _text(text: str) -> str:
    return inert(text, _LONGEST)


def _texts(texts: Iterable[str]) -> list[str]:
    return [_text(text) for text in texts]


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _vantage(vantage: Vantage) -> Json:
    return {
        "name": _text(vantage.name),
        "ehlo": _text(vantage.ehlo),
        "reverse_path": _text(vantage.reverse_path),
        "forward_path": _text(vantage.forward_path),
    }


def _verdict(judgement: Judgement | None) -> Json:
    if judgement is None:
        return {"verdict": None, "reason": None}
    return {"verdict": judgement.verdict, "reason": judgement.reason}


def _skipped(judgement: Judgement | None) -> Json | None:
    return None if judgement is None else _verdict(judgement)


def _findings(findings: Iterable[Finding]) -> list[Json]:
    return [
        {
            "tag": finding.tag,
            "severity": severity(finding),
            "title": title(finding),
            "args": {name: _text(value) for name, value in finding.args.items()},
        }
        for finding in findings
    ]


def _mx(mx: MxReport) -> Json:
    return {
        "preference": mx.preference,
        "host": _text(mx.host),
        **_verdict(mx.judgement),
        "resolved": mx.resolved,
        "skipped": _skipped(mx.skipped),
        "findings": _findings(mx.findings),
        "addresses": [_address(address) for address in mx.addresses],
    }


def _address(address: AddressReport) -> Json:
    return {
        "ip": _text(address.ip),
        "ptr": _texts(address.ptr),
        "fcrdns": address.fcrdns,
        "hostname_class": address.hostname_class,
        **_verdict(address.judgement),
        "skipped": _skipped(address.skipped),
        "findings": _findings(address.findings),
        "listings": [_listing(listing) for listing in address.listings],
        "endpoints": [_endpoint(endpoint) for endpoint in address.endpoints],
    }


def _listing(listing: Listing) -> Json:
    return {
        "list": _text(listing.list),
        "status": listing.status,
        "codes": _texts(listing.codes),
        "detail": _text(listing.detail),
    }


def _endpoint(endpoint: EndpointReport) -> Json:
    return {
        "port": endpoint.port,
        "tls": endpoint.tls,
        **_verdict(endpoint.judgement),
        "age_s": endpoint.age_s,
        "mta": None if endpoint.mta is None else _mta(endpoint.mta),
        "findings": _findings(endpoint.findings),
        "attempts": [_attempt(attempt) for attempt in endpoint.attempts],
        "transcript": _texts(transcript(endpoint.exchanges)),
        "exchanges": [_exchange(exchange) for exchange in endpoint.exchanges],
        "timing_ms": None if endpoint.timing is None else _timing(endpoint.timing),
    }


def _mta(mta: Mta) -> Json:
    return {
        "product": _text(mta.product),
        "version": None if mta.version is None else _text(mta.version),
        "confidence": _text(mta.confidence),
    }


def _timing(timing: Timing) -> Json:
    return {
        "connect": timing.connect_ms,
        "greeting": timing.greeting_ms,
        "total": timing.total_ms,
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "kind": _text(attempt.kind),
        "reverse_path": _text(attempt.reverse_path),
        "forward_path": _text(attempt.forward_path),
        "tls": attempt.tls,
        "stage": attempt.stage,
        "reply": _reply(attempt.reply),
        "outcome": attempt.outcome,
    }


def _reply(reply: Reply | None) -> Json | None:
    if reply is None:
        return None
    return {
        "code": reply.code,
        "enhanced": reply.enhanced,
        "text": _text(reply.text),
        "lines": _texts(reply.lines),
    }


def _exchange(exchange: Exchange) -> Json:
    return {
        "stage": exchange.stage,
        "command": None if exchange.command is None else _text(exchange.command),
        "reply": _reply(exchange.reply),
        "trouble": exchange.trouble,
        "detail": _text(exchange.detail),
        "certificate_error": _text(exchange.certificate_error),
        "tls": exchange.tls,
        "at_ms": exchange.at_ms,
        "took_ms": exchange.took_ms,
    }


def _answer(answer: Answer) -> Json:
    return {
        "name": _text(answer.question.qname),
        "type": answer.question.qtype,
        "status": answer.status,
        "records": _texts(answer.records),
        "aliases": _texts(answer.aliases),
        "ttl_s": answer.ttl_s,
        "took_ms": answer.took_ms,
        "detail": _text(answer.detail),
    }


def _remedy(remedy: Remedy, hosts: Iterable[str]) -> Json:
    return {
        "id": remedy.id,
        "applies_to": _texts(hosts),
        "title": remedy.title,
        "cause": remedy.cause,
        "steps": list(remedy.steps),
        "config": remedy.config,
        "check": remedy.check,
        "after": remedy.after,
        "undo": remedy.undo,
        "reference": remedy.reference,
    }


def _telnet(typed: ByHand) -> Json:
    return {"host": typed.host, "lines": list(typed.lines), "reading": list(typed.reading)}
