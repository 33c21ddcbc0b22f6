"""Judging again, with today's rules, what was asked before: a stored report, or a transcript.

Nothing is asked: a report keeps every answer of DNS and every exchange, a transcript is exchanges
alone. A question that today's rules would ask and that nobody asked then stays unanswered.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.finding import Tag
from bot.model.question import Answer, AnswerStatus, Question
from bot.model.report import AddressReport, MailService, MxReport, Report
from bot.model.verdict import Reason, worst
from bot.posture import blocklist
from bot.posture.ptr import reverse_question
from bot.posture.walk import Walk
from bot.relay.attempts import ANY_DOMAIN, VARIANT, Plan, Reused
from bot.relay.findings import greeting_name
from bot.relay.reuse import REUSED
from bot.relay.subject import find_called, find_subject, normalise
from bot.relay.transcript import parse_transcript
from bot.relay.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.model.domain_name import DomainName
    from bot.model.report import EndpointReport
    from bot.relay.subject import Subject

# What was so when it was asked, and no exchange tells.
_OF_THE_MOMENT = (
    Tag.ADDRESS_FORBIDDEN,
    Tag.PROBE_WITHHELD,
    Tag.PROOF_TOO_SOON,
    Tag.VANTAGE_INSIDE,
)


class UnknownDomainError(ValueError):
    """A transcript would be judged as open, but does not say whose mail server it is."""


async def judge_report(report: Report) -> Report:
    """Return a stored report as today's rules judge what is in it."""
    stored = {answer.question: answer for answer in report.answers}

    async def ask(question: Question) -> Answer:
        return stored.get(question) or Answer(question=question, status=AnswerStatus.NOT_ASKED)

    walk = Walk(ask)
    own = report.judgement if not report.mx else None
    if stored:
        routing = await walk.mail_service(report.domain)
        own = routing.judgement
        report = replace(report, mail_service=routing.service, findings=routing.findings)
    addresses = await _addresses(report, walk, stored)
    hosts = [await _host(host, addresses, walk, stored) for host in report.mx]
    parts = [host.judgement for host in hosts]
    known = worst(part for part in (own, *parts) if part is not None)
    # A host that was never asked to the end (the report of a fault) leaves the whole unknown.
    return replace(report, mx=tuple(hosts), judgement=known if all(parts) else None)


async def _addresses(
    report: Report, walk: Walk, stored: dict[Question, Answer]
) -> dict[str, AddressReport]:
    """Judge each address once, as a check asks it, whichever hosts have it."""
    hosts: dict[str, list[str]] = {}
    known: dict[str, AddressReport] = {}
    for mx in report.mx:
        for address in mx.addresses:
            hosts.setdefault(address.ip, []).append(mx.host)
            known.setdefault(address.ip, address)
    return {
        ip: await _address(report, hosts[ip], address, walk, stored)
        for ip, address in known.items()
    }


async def _host(
    mx: MxReport, judged: dict[str, AddressReport], walk: Walk, stored: dict[Question, Answer]
) -> MxReport:
    mx = replace(mx, addresses=tuple(judged[address.ip] for address in mx.addresses))
    if not stored:
        return mx
    found = await walk.host(mx.host)
    return replace(mx, findings=found.findings, skipped=found.skipped)


async def _address(
    report: Report,
    hosts: Sequence[str],
    address: AddressReport,
    walk: Walk,
    stored: dict[Question, Answer],
) -> AddressReport:
    if address.ip and reverse_question(address.ip) in stored:
        found = await walk.address(address.ip)
        kept = (finding for finding in address.findings if finding.tag in _OF_THE_MOMENT)
        listed = blocklist.findings(address.ip, address.listings)
        address = replace(
            address,
            ptr=found.ptr,
            fcrdns=found.fcrdns,
            hostname_class=found.hostname_class,
            findings=(*kept, *found.findings, *listed),
        )
    endpoints = tuple(_endpoint(report, hosts, address, part) for part in address.endpoints)
    return replace(address, endpoints=endpoints)


def _endpoint(
    report: Report, hosts: Sequence[str], address: AddressReport, endpoint: EndpointReport
) -> EndpointReport:
    if not endpoint.exchanges:
        return endpoint
    plan = Plan(
        vantage=report.vantage,
        domain=report.domain,
        mx_host=endpoint.host or hosts[0],
        ip=address.ip,
        port=endpoint.port,
        tls=endpoint.tls,
        variants=any(attempt.kind.startswith(VARIANT) for attempt in endpoint.attempts),
    )
    if endpoint.age_s:
        lent = tuple(attempt for attempt in endpoint.attempts if attempt.kind in REUSED)
        plan = replace(plan, reused=Reused(lent, endpoint.age_s))
    nowhere = next((a.forward_path for a in endpoint.attempts if a.kind == ANY_DOMAIN), "")
    if nowhere:
        plan = replace(plan, nonce=nowhere.partition("@")[0])
    judged = _as_seen_from_there(endpoint, judge(plan, endpoint.exchanges, endpoint.proofs))
    named = greeting_name(endpoint.exchanges, hosts, address.ptr)
    return replace(judged, findings=(*judged.findings, *named))


def _as_seen_from_there(stored: EndpointReport, judged: EndpointReport) -> EndpointReport:
    """Keep what was known of the place that was asked from; no exchange shows it."""
    kept = tuple(finding for finding in stored.findings if finding.tag in _OF_THE_MOMENT)
    judgement = judged.judgement
    if stored.judgement and stored.judgement.reason is Reason.EGRESS_BLOCKED:
        judgement = stored.judgement
    return replace(judged, judgement=judgement, findings=(*judged.findings, *kept))


def judge_transcript(text: str, at: datetime, domain: DomainName | None = None) -> Report:
    """Return a report of a conversation that somebody had by hand.

    Args:
        text: The transcript, in any form that ``bot.relay.transcript`` reads.
        at: When it is judged.
        domain: Whose mail server it is; None: as the transcript says.

    Raises:
        TranscriptError: There is no conversation in it that can be judged.
        UnknownDomainError: It would be open, if only the recipient was not the server's own.
    """
    called = find_called(text)
    exchanges = normalise(parse_transcript(text, implicit_tls=called.implicit_tls))
    subject = find_subject(exchanges, called, domain)
    endpoint = judge(subject.plan, exchanges)
    if endpoint.judgement and endpoint.judgement.verdict.is_open and not subject.domain_is_known:
        raise UnknownDomainError(subject.plan.vantage.forward_path)
    return _report_of(subject, endpoint, hashlib.sha256(text.encode()).hexdigest()[:8].upper(), at)


def _report_of(subject: Subject, endpoint: EndpointReport, name: str, at: datetime) -> Report:
    plan = subject.plan
    address = AddressReport(ip=plan.ip, endpoints=(endpoint,))
    host = MxReport(preference=None, host=plan.mx_host, resolved=True, addresses=(address,))
    return Report(
        id=name,
        domain=plan.domain,
        started_at=at,
        vantage=plan.vantage,
        mail_service=MailService.MX,
        judgement=endpoint.judgement,
        mx=(host,),
        finished=True,
    )
