"""Any report at all, for properties: hostile text, no host or fifty, every verdict and word."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.finding import Finding, Tag
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.model.report import (
    AddressReport,
    Attempt,
    Awaited,
    EndpointReport,
    Fcrdns,
    HostnameClass,
    Listing,
    ListingStatus,
    MailService,
    Mta,
    MxReport,
    Outcome,
    Progress,
    Report,
    Timing,
    Vantage,
    Waiting,
)
from bot.model.verdict import Judgement, Reason, Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_BAIT = (
    *("<!channel>", "<@U024BE7LH>", "<https://evil.example|x>", "*b*", "`c`", ":boom:", "& < >"),
    *(
        "{ip}",
        "\u202e",
        "\u200b",
        "\x00",
        "\x1b[2J",
        "\r\n",
        "\udce9",
        "\ud800",
        "\u3164",
        "漢" * 9,
    ),
    *("Z" + "\u0301" * 99, "\U0001f6a8", '"' * 40, "\\" * 40, "$(x)", "x" * 900),
)
_ALPHABET = st.characters(codec=None)
anything = st.one_of(
    st.sampled_from(_BAIT),
    st.text(_ALPHABET, max_size=30),
    st.lists(st.sampled_from(_BAIT), max_size=6).map("".join),
)
texts = st.lists(anything, max_size=3).map(tuple)
paths = st.one_of(st.just(""), st.just("probe@probe.example.net"), anything)
ips = st.ip_addresses().map(str)  # of RDATA: dnspython let nothing else through
millis = st.integers(0, 10**6)

replies = st.builds(
    Reply, st.integers(200, 599), st.lists(anything, min_size=1, max_size=8).map(tuple)
)
judgements = st.builds(Judgement, st.sampled_from(Verdict), st.sampled_from(Reason))
findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from(Tag),
        st.dictionaries(
            st.sampled_from(["ip", "ptr", "host", "name", "error", "list", "codes"]), anything
        ),
    ),
    max_size=6,
).map(tuple)
kinds = st.one_of(
    st.sampled_from(["control", "foreign", "own_domain", "null", "any_domain", "proof:foreign"]),
    st.builds("variant:{}".format, anything),
)
attempts = st.builds(
    Attempt,
    kind=kinds,
    reverse_path=paths,
    forward_path=paths,
    tls=st.booleans(),
    stage=st.sampled_from(Stage),
    reply=st.none() | replies,
    outcome=st.sampled_from(Outcome),
)
exchanges = st.builds(
    Exchange,
    stage=st.sampled_from(Stage),
    command=st.none() | st.builds("MAIL FROM:<{}>".format, paths) | anything,
    reply=st.none() | replies,
    trouble=st.none() | st.sampled_from(Trouble),
    detail=anything,
    certificate_error=anything,
    tls=st.booleans(),
    at_ms=millis,
    took_ms=millis,
)
endpoints = st.builds(
    EndpointReport,
    port=st.sampled_from([25, 465, 587]),
    tls=st.sampled_from(TlsMode),
    judgement=st.none() | judgements,
    age_s=st.integers(0, 900),
    mta=st.none()
    | st.builds(
        Mta,
        st.sampled_from(["Postfix", "Exim", "Mailpit"]) | anything,
        st.none() | anything,
        anything,
    ),
    attempts=st.lists(attempts, max_size=7).map(tuple),
    findings=findings,
    exchanges=st.lists(exchanges, max_size=7).map(tuple),
    timing=st.none() | st.builds(Timing, st.none() | millis, st.none() | millis, millis),
)
addresses = st.builds(
    AddressReport,
    ip=ips,
    ptr=texts,
    fcrdns=st.none() | st.sampled_from(Fcrdns),
    hostname_class=st.none() | st.sampled_from(HostnameClass),
    findings=findings,
    listings=st.lists(
        st.builds(Listing, anything, st.sampled_from(ListingStatus), texts, anything), max_size=4
    ).map(tuple),
    endpoints=st.lists(endpoints, max_size=2).map(tuple),
    skipped=st.none() | judgements,
)
hosts = st.builds(
    MxReport,
    preference=st.none() | st.integers(0, 65535),
    host=st.sampled_from(["mx1.example.com", "mx2.example.com"]) | anything,
    resolved=st.booleans(),
    addresses=st.lists(addresses, max_size=2).map(tuple),
    findings=findings,
    skipped=st.none() | judgements,
)
domains = st.builds(DomainName, st.just("xn--bcher-kva.example") | anything, anything)
vantages = st.builds(Vantage, name=anything, ehlo=anything, reverse_path=paths, forward_path=paths)
# RDATA in the forms that an Answer has them; names are as hostile as a zone can make them.
_mx_records = st.lists(
    st.builds("{} {}".format, st.integers(0, 65535), st.from_regex(r"[!-~]{0,40}", fullmatch=True)),
    max_size=3,
).map(tuple)
_questions = st.builds(Question, anything, st.sampled_from(QType))
answers = _questions.flatmap(
    lambda question: st.builds(
        Answer,
        question=st.just(question),
        status=st.sampled_from(AnswerStatus),
        records=_mx_records if question.qtype is QType.MX else texts,
        aliases=texts,
        ttl_s=st.integers(0, 10**6),
        took_ms=millis,
        detail=anything,
    )
)


few = st.lists(hosts, max_size=2).map(tuple)
many = st.builds(lambda pair, n: pair * n, st.tuples(hosts, hosts), st.integers(2, 25))


def reports_of(mx: SearchStrategy[tuple[MxReport, ...]]) -> SearchStrategy[Report]:
    """Return any report with these hosts."""
    return st.builds(
        Report,
        id=anything,
        domain=domains,
        started_at=st.datetimes(timezones=st.just(UTC)),
        vantage=vantages,
        duration_ms=millis,
        mail_service=st.none() | st.sampled_from(MailService),
        judgement=st.none() | judgements,
        findings=findings,
        mx=mx,
        answers=st.lists(answers, max_size=2).map(tuple),
        finished=st.booleans(),
        error_id=st.just("") | anything,
    )


reports = reports_of(few)
progresses = st.builds(
    Progress,
    reports | reports_of(many),
    st.lists(
        st.builds(Waiting, st.just("mx1.example.com") | anything, st.sampled_from(Awaited)),
        max_size=5,
    ).map(tuple),
)
