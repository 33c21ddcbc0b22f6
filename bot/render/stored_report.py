"""A Report read back from its public JSON, so that it can be shown or judged once more.

The file may come from anywhere, so each value is checked as it is read; what is wrong is said with
its place in the document (``mx[0].addresses[1].ip``). Keys that this version does not know are
passed over, keys that the contract does not name may be missing.
"""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.finding import Finding, Tag
from bot.model.proof import Arrival, Proof
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import (
    AddressReport,
    Attempt,
    EndpointReport,
    Fcrdns,
    HostnameClass,
    Listing,
    ListingStatus,
    MailService,
    Mta,
    MxReport,
    Outcome,
    Report,
    Timing,
    Vantage,
)
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.json_object import ReportError, read_object
from bot.render.report_json import SCHEMA

if TYPE_CHECKING:
    from bot.render.json_object import Object

_MX = re.compile(r"\d{1,5}(?: \S*)?", re.ASCII)
# The public JSON leaves the tokens of proof messages out.
UNTOLD = ""

__all__ = ["ReportError", "from_json"]


def from_json(document: object) -> Report:
    """Read a report.

    Args:
        document: What ``json.loads`` made of it.

    Raises:
        ReportError: It is not a ``relaycheck/1`` report.
    """
    top = read_object(document, "")
    if top.text("schema") != SCHEMA:
        raise ReportError(f"schema is not {SCHEMA}: a report made by `relaycheck check --json`?")
    return Report(
        id=top.text("id"),
        domain=DomainName(top.text("domain"), top.text("domain_unicode")),
        started_at=_time(top, "started_at"),
        vantage=_vantage(top.inner("vantage")),
        duration_ms=top.number("duration_ms"),
        mail_service=top.word("mail_service", MailService),
        judgement=_judgement(top),
        findings=_findings(top),
        mx=tuple(_mx(item) for item in top.objects("mx")),
        answers=tuple(_answer(item) for item in top.objects("answers")),
        finished=top.flag("finished", default=True),
        error_id=top.text("error_id", ""),
    )


def _time(item: Object, key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(item.text(key))
    except ValueError:
        raise ReportError(f"{key}: not a time of ISO 8601") from None
    if moment.tzinfo is None:
        raise ReportError(f"{key}: a time without its zone")
    return moment


def _vantage(item: Object) -> Vantage:
    return Vantage(
        name=item.text("name"),
        ehlo=item.text("ehlo"),
        reverse_path=item.text("reverse_path", ""),
        forward_path=item.text("forward_path", ""),
    )


def _judgement(item: Object | None) -> Judgement | None:
    if item is None or item.word("verdict", Verdict) is None:
        return None
    return Judgement(item.named("verdict", Verdict), item.named("reason", Reason))


def _skipped(item: Object, parts: str) -> Judgement | None:
    """Return why it was not asked; without the key, a part without parts was not."""
    if "skipped" in item.data:
        return _judgement(item.maybe_inner("skipped"))
    return None if item.objects(parts) else _judgement(item)


def _findings(item: Object) -> tuple[Finding, ...]:
    return tuple(
        Finding(found.named("tag", Tag), {key: args.text(key) for key in args.data})
        for found in item.objects("findings")
        for args in (found.inner("args"),)
    )


def _mx(item: Object) -> MxReport:
    return MxReport(
        preference=item.maybe("preference", int),
        host=item.text("host"),
        resolved=item.flag("resolved", default=True),
        addresses=tuple(_address(part) for part in item.objects("addresses")),
        findings=_findings(item),
        skipped=_skipped(item, "addresses"),
    )


def _address(item: Object) -> AddressReport:
    return AddressReport(
        ip=_ip(item),
        ptr=item.texts("ptr"),
        fcrdns=item.word("fcrdns", Fcrdns),
        hostname_class=item.word("hostname_class", HostnameClass),
        findings=_findings(item),
        listings=tuple(
            Listing(
                part.text("list"),
                part.named("status", ListingStatus),
                part.texts("codes"),
                part.text("detail", ""),
            )
            for part in item.objects("listings")
        ),
        endpoints=tuple(_endpoint(part) for part in item.objects("endpoints")),
        skipped=_skipped(item, "endpoints"),
    )


def _ip(item: Object) -> str:
    """Return an address; a transcript's report may have none."""
    text = item.text("ip")
    try:
        if text:
            ip_address(text)
    except ValueError:
        raise ReportError(f"{item.at}ip: no address is written {text[:40]!r}") from None
    return text


def _endpoint(item: Object) -> EndpointReport:
    return EndpointReport(
        port=item.number("port"),
        tls=item.named("tls", TlsMode),
        host=item.text("host", ""),
        judgement=_judgement(item),
        age_s=item.number("age_s", 0),
        mta=_mta(item.maybe_inner("mta")),
        attempts=tuple(_attempt(part) for part in item.objects("attempts")),
        findings=_findings(item),
        exchanges=tuple(_exchange(part) for part in item.objects("exchanges")),
        proofs=tuple(_proof(part) for part in item.objects("proofs")),
        timing=_timing(item.maybe_inner("timing_ms")),
    )


def _proof(item: Object) -> Proof:
    return Proof(
        kind=item.text("kind"),
        token=UNTOLD,
        exchanges=tuple(_exchange(part) for part in item.objects("exchanges")),
        arrivals=tuple(
            Arrival(
                token=UNTOLD,
                at=_time(part, "at"),
                is_bounce=part.flag("is_bounce"),
                peer=part.text("peer"),
                received=part.texts("received"),
            )
            for part in item.objects("arrivals")
        ),
    )


def _mta(item: Object | None) -> Mta | None:
    if item is None:
        return None
    return Mta(item.text("product"), item.maybe("version", str), item.text("confidence"))


def _timing(item: Object | None) -> Timing | None:
    if item is None:
        return None
    return Timing(item.maybe("connect", int), item.maybe("greeting", int), item.number("total"))


def _attempt(item: Object) -> Attempt:
    return Attempt(
        kind=item.text("kind"),
        reverse_path=item.text("reverse_path"),
        forward_path=item.text("forward_path"),
        tls=item.flag("tls"),
        stage=item.named("stage", Stage),
        reply=_reply(item.maybe_inner("reply")),
        outcome=item.named("outcome", Outcome),
    )


def _reply(item: Object | None) -> Reply | None:
    if item is None:
        return None
    enhanced = item.maybe("enhanced", str)
    said = " ".join(filter(None, (enhanced, item.text("text", ""))))
    return Reply(item.number("code"), item.texts("lines") or (said,))


def _exchange(item: Object) -> Exchange:
    return Exchange(
        stage=item.named("stage", Stage),
        command=item.maybe("command", str),
        reply=_reply(item.maybe_inner("reply")),
        trouble=item.word("trouble", Trouble),
        detail=item.text("detail", ""),
        certificate_error=item.text("certificate_error", ""),
        tls=item.flag("tls", default=False),
        at_ms=item.number("at_ms", 0),
        took_ms=item.number("took_ms", 0),
    )


def _answer(item: Object) -> Answer:
    return Answer(
        question=Question(item.text("name"), item.named("type", QType)),
        status=item.named("status", AnswerStatus),
        records=_records(item),
        aliases=item.texts("aliases"),
        ttl_s=item.number("ttl_s", 0),
        took_ms=item.number("took_ms", 0),
        detail=item.text("detail", ""),
    )


def _records(item: Object) -> tuple[str, ...]:
    """Return RDATA; that of MX begins with its preference (RFC 1035 §3.3.9)."""
    records = item.texts("records")
    if item.text("type") == QType.MX and not all(map(_MX.fullmatch, records)):
        raise ReportError(f"{item.at}records: an MX record is a number and a name")
    return records
