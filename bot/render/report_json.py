"""A Report as the public JSON, ``relaycheck/1``: what scripts and other programs read.

The contract names the keys; keys are only added within a major version. Beyond it stand what a
stored report needs to be judged anew: ``exchanges`` of each endpoint, ``answers`` of DNS, ``lines``
of a reply. Every foreign string is inert, so that the text is valid Unicode without controls
wherever it is stored or printed. ``stored_report.from_json`` is the way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.render.endpoint_json import endpoint_json
from bot.render.json_parts import Json, findings, moment, text, texts, verdict
from bot.render.remedies import remediation
from bot.render.telnet import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.question import Answer
    from bot.model.report import (
        AddressReport,
        Listing,
        MxReport,
        Report,
        Vantage,
    )
    from bot.model.verdict import Judgement
    from bot.render.remedies import Remedy
    from bot.render.telnet import ByHand

SCHEMA = "relaycheck/1"


def to_json(report: Report) -> Json:
    """Return the report as plain JSON values; a part that is still being asked is null."""
    told = [by_hand(report, mx) for mx in report.mx]
    return {
        "schema": SCHEMA,
        "id": text(report.id),
        "domain": text(report.domain.ascii),
        "domain_unicode": text(report.domain.unicode),
        "started_at": moment(report.started_at),
        "duration_ms": report.duration_ms,
        "finished": report.finished,
        "error_id": text(report.error_id),
        "vantage": _vantage(report.vantage),
        "mail_service": report.mail_service,
        **verdict(report.judgement),
        "findings": findings(report.findings),
        "mx": [_mx(mx) for mx in report.mx],
        "remediation": [_remedy(remedy, hosts) for remedy, hosts in remediation(report)],
        "telnet": [_telnet(typed) for typed in told if typed.lines],
        "answers": [_answer(answer) for answer in report.answers],
    }


def _vantage(vantage: Vantage) -> Json:
    return {
        "name": text(vantage.name),
        "ehlo": text(vantage.ehlo),
        "reverse_path": text(vantage.reverse_path),
        "forward_path": text(vantage.forward_path),
    }


def _skipped(judgement: Judgement | None) -> Json | None:
    return None if judgement is None else verdict(judgement)


def _mx(mx: MxReport) -> Json:
    return {
        "preference": mx.preference,
        "host": text(mx.host),
        **verdict(mx.judgement),
        "resolved": mx.resolved,
        "skipped": _skipped(mx.skipped),
        "findings": findings(mx.findings),
        "addresses": [_address(address) for address in mx.addresses],
    }


def _address(address: AddressReport) -> Json:
    return {
        "ip": text(address.ip),
        "ptr": texts(address.ptr),
        "fcrdns": address.fcrdns,
        "hostname_class": address.hostname_class,
        **verdict(address.judgement),
        "skipped": _skipped(address.skipped),
        "findings": findings(address.findings),
        "listings": [_listing(listing) for listing in address.listings],
        "endpoints": [endpoint_json(endpoint) for endpoint in address.endpoints],
    }


def _listing(listing: Listing) -> Json:
    return {
        "list": text(listing.list),
        "status": listing.status,
        "codes": texts(listing.codes),
        "detail": text(listing.detail),
    }


def _answer(answer: Answer) -> Json:
    return {
        "name": text(answer.question.qname),
        "type": answer.question.qtype,
        "status": answer.status,
        "records": texts(answer.records),
        "aliases": texts(answer.aliases),
        "ttl_s": answer.ttl_s,
        "took_ms": answer.took_ms,
        "detail": text(answer.detail),
    }


def _remedy(remedy: Remedy, hosts: Iterable[str]) -> Json:
    return {
        "id": remedy.id,
        "applies_to": texts(hosts),
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
