"""Reports as checks really end, for every test that shows one; judged by the real rules.

Names and addresses are those of documentation (RFC 2606, 5737, 3849).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.model.domain_name import DomainName
from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.finding import Finding, Tag
from bot.model.report import (
    AddressReport,
    Awaited,
    EndpointReport,
    Fcrdns,
    HostnameClass,
    Listing,
    ListingStatus,
    MailService,
    MxReport,
    Progress,
    Report,
    Vantage,
    Waiting,
)
from bot.model.verdict import Judgement, Reason, Verdict, worst
from bot.relay.attempts import Plan, transactions
from bot.relay.verdict import judge

NOW = datetime(2026, 11, 23, 12, 3, 4, tzinfo=UTC)
VANTAGE = Vantage(
    name="default",
    ehlo="probe.example.net",
    reverse_path="probe@probe.example.net",
    forward_path="canary@probe.example.net",
)
EXAMPLE = DomainName("example.com", "example.com")

POSTFIX_EHLO = (
    "PIPELINING",
    "SIZE 10240000",
    "ETRN",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
)
ACCEPTED = Reply(250, ("2.1.5 Ok",))
DENIED = Reply(454, ("4.7.1 <canary@probe.example.net>: Relay access denied",))
GREYLISTED = Reply(
    450, ("4.2.0 <canary@probe.example.net>: Recipient address rejected: Greylisted",)
)


def exchanges(
    host: str,
    rcpt: dict[str, Reply],
    *,
    domain: DomainName = EXAMPLE,
    greeting: tuple[str, ...] = (),
    kinds: tuple[str, ...] = ("control", "foreign", "own_domain", "null"),
) -> tuple[Exchange, ...]:
    """Return a conversation in which each attempt's RCPT is answered as told, else refused."""
    plan = Plan(vantage=VANTAGE, domain=domain, mx_host=host, ip="203.0.113.26")
    ehlo = Reply(250, (host, *POSTFIX_EHLO))
    said = [
        Exchange(stage=Stage.CONNECT, at_ms=0, took_ms=20),
        Exchange(
            stage=Stage.GREETING,
            reply=Reply(220, greeting or (f"{host} ESMTP Postfix",)),
            at_ms=20,
            took_ms=21,
        ),
        Exchange(
            stage=Stage.EHLO, command=f"EHLO {VANTAGE.ehlo}", reply=ehlo, at_ms=41, took_ms=20
        ),
    ]
    at_ms = 61
    asked = [t for t in transactions(plan) if t.kind in kinds]
    for number, transaction in enumerate(asked):
        steps = [
            (Stage.RSET, "RSET", Reply(250, ("2.0.0 Ok",))),
            (Stage.MAIL, transaction.mail, Reply(250, ("2.1.0 Ok",))),
            (Stage.RCPT, transaction.rcpt, rcpt.get(transaction.kind, DENIED)),
        ]
        for stage, command, reply in steps[0 if number else 1 :]:
            said.append(
                Exchange(stage=stage, command=command, reply=reply, at_ms=at_ms, took_ms=20)
            )
            at_ms += 20
    said.append(
        Exchange(
            stage=Stage.QUIT,
            command="QUIT",
            reply=Reply(221, ("2.0.0 Bye",)),
            at_ms=at_ms,
            took_ms=20,
        )
    )
    return tuple(said)


def endpoint(
    host: str, said: tuple[Exchange, ...], *, ip: str = "203.0.113.26", port: int = 25
) -> EndpointReport:
    """Return an endpoint as the rules judge this conversation."""
    plan = Plan(vantage=VANTAGE, domain=EXAMPLE, mx_host=host, ip=ip, port=port)
    return judge(plan, said)


def address(ip: str, *endpoints: EndpointReport, ptr: str = "") -> AddressReport:
    """Return an address whose reverse DNS is in order, where ``ptr`` is given."""
    if not ptr:
        return AddressReport(
            ip=ip,
            fcrdns=Fcrdns.NONE,
            hostname_class=HostnameClass.NONE,
            findings=(Finding(Tag.PTR_MISSING, {"ip": ip}),),
            endpoints=endpoints,
        )
    return AddressReport(
        ip=ip,
        ptr=(ptr,),
        fcrdns=Fcrdns.PASS,
        hostname_class=HostnameClass.MAIL,
        listings=(
            Listing("zen.spamhaus.org", ListingStatus.CLEAN),
            Listing("bl.spamcop.net", ListingStatus.UNKNOWN, detail="REFUSED"),
        ),
        endpoints=endpoints,
    )


def host(name: str, *addresses: AddressReport, preference: int | None = 10) -> MxReport:
    """Return an MX host that was resolved."""
    return MxReport(preference=preference, host=name, resolved=True, addresses=addresses)


def finished(*mx: MxReport, domain: DomainName = EXAMPLE, **facts: object) -> Report:
    """Return a finished report of these hosts; ``facts`` are more fields of it."""
    report = Report(
        id="7F3A9C21",
        domain=domain,
        started_at=NOW,
        vantage=VANTAGE,
        duration_ms=812,
        mail_service=MailService.MX,
        judgement=worst(part.judgement for part in mx if part.judgement),
        mx=mx,
        finished=True,
    )
    return replace(report, **facts)  # type: ignore[arg-type]


def _plain(name: str, ip: str, rcpt: dict[str, Reply], preference: int = 10) -> MxReport:
    told = endpoint(name, exchanges(name, {"control": ACCEPTED, **rcpt}), ip=ip)
    return host(name, address(ip, told, ptr=name), preference=preference)


def open_postfix() -> Report:
    """Return one Postfix that accepts everybody's mail, on an address that looks residential."""
    every = dict.fromkeys(("control", "foreign", "own_domain", "null", "any_domain"), ACCEPTED)
    said = exchanges("mx2.example.com", every, kinds=tuple(every))
    ptr = "203-0-113-26.dsl.isp.example"
    at = AddressReport(
        ip="203.0.113.26",
        ptr=(ptr,),
        fcrdns=Fcrdns.PASS,
        hostname_class=HostnameClass.DYNAMIC,
        findings=(
            Finding(Tag.PTR_DYNAMIC, {"ip": "203.0.113.26", "ptr": ptr}),
            Finding(
                Tag.BLOCKLISTED,
                {"ip": "203.0.113.26", "list": "zen.spamhaus.org", "codes": "127.0.0.3"},
            ),
        ),
        listings=(
            Listing(
                "zen.spamhaus.org",
                ListingStatus.LISTED,
                ("127.0.0.3",),
                "CSS: spam seen from it, or a compromised sender",
            ),
        ),
        endpoints=(endpoint("mx2.example.com", said),),
    )
    single = Finding(Tag.MX_SINGLE_HOST, {"host": "mx2.example.com"})
    return finished(host("mx2.example.com", at), findings=(single,))


def own_domain_exim() -> Report:
    """Return one Exim that refuses strangers and trusts whoever claims its own domain."""
    denied = Reply(550, ("relay not permitted",))
    rcpt = {"control": Reply(250, ("Accepted",)), "foreign": denied, "null": denied}
    rcpt["own_domain"] = Reply(250, ("Accepted",))
    greeting = ("mx1.example.com ESMTP Exim 4.96 Mon, 23 Nov 2026 12:03:04 +0000",)
    said = exchanges("mx1.example.com", rcpt, greeting=greeting)
    at = address(
        "192.0.2.25", endpoint("mx1.example.com", said, ip="192.0.2.25"), ptr="mx1.example.com"
    )
    return finished(host("mx1.example.com", at))


def closed() -> Report:
    """Return two hosts in order, one of them with two addresses."""
    first = _plain("mx1.example.com", "192.0.2.25", {})
    said = exchanges("mx2.example.com", {"control": ACCEPTED})
    second = host(
        "mx2.example.com",
        address(
            "192.0.2.26", endpoint("mx2.example.com", said, ip="192.0.2.26"), ptr="mx2.example.com"
        ),
        address("2001:db8::26", endpoint("mx2.example.com", said, ip="2001:db8::26")),
        preference=20,
    )
    return finished(first, second)


def greylisted() -> Report:
    """Return one host that puts strangers off."""
    said = exchanges(
        "mx1.example.com", dict.fromkeys(("control", "foreign", "own_domain", "null"), GREYLISTED)
    )
    at = address(
        "192.0.2.25", endpoint("mx1.example.com", said, ip="192.0.2.25"), ptr="mx1.example.com"
    )
    return finished(host("mx1.example.com", at))


def silent() -> Report:
    """Return one host that does not answer."""
    said = (Exchange(stage=Stage.CONNECT, trouble=Trouble.TIMEOUT, detail="10 s", took_ms=10_000),)
    at = address("192.0.2.25", endpoint("mx1.example.com", said, ip="192.0.2.25"))
    return finished(host("mx1.example.com", at))


def three_hosts() -> Report:
    """Return the mixed case: one host open, one greylisting, one closed."""
    grey = dict.fromkeys(("control", "foreign", "own_domain", "null"), GREYLISTED)
    return finished(
        _plain("mx1.example.com", "192.0.2.25", {}),
        replace(open_postfix().mx[0], preference=20),
        _plain("mx3.example.com", "198.51.100.27", grey, preference=30),
    )


def thirty_hosts() -> Report:
    """Return thirty hosts: two open, three greylisting, the others closed."""
    hosts = []
    for number in range(1, 31):
        name, ip = f"mx{number:02}.example.com", f"192.0.2.{number}"
        replies = {}
        if number in (7, 21):
            replies = dict.fromkeys(("foreign", "own_domain", "null"), ACCEPTED)
        elif number in (3, 4, 5):
            replies = dict.fromkeys(("control", "foreign", "own_domain", "null"), GREYLISTED)
        hosts.append(_plain(name, ip, replies, preference=number))
    return finished(*hosts)


def null_mx() -> Report:
    """Return a domain that takes no mail."""
    return finished(
        mail_service=MailService.NULL_MX,
        judgement=Judgement(Verdict.NO_MAIL, Reason.NULL_MX),
        findings=(Finding(Tag.MX_NULL),),
    )


def hostile() -> Report:
    """Return an IDN whose server and zone try to mention, link, hide, reorder and flood."""
    domain = DomainName("xn--bcher-kva.example", "bücher.example")
    bait = "<!channel> <@U024BE7LH> <https://evil.example|click> *bold* :boom:"
    bait += " \u202eevil\u202c a\u200bb"
    flood = "Z" + "\u0301" * 500
    denied = Reply(554, ("5.7.1 " + bait, "5.7.1 " + flood + "x" * 4000))
    said = exchanges(
        "mx.xn--bcher-kva.example",
        {"control": ACCEPTED, "foreign": denied, "own_domain": denied, "null": denied},
        domain=domain,
        greeting=(bait, "\udce9\x00\x1b[31mred\x1b[0m", "mx ESMTP"),
    )
    told = endpoint("mx.xn--bcher-kva.example", said)
    at = AddressReport(
        ip="203.0.113.26",
        ptr=("<!here>.example", "`x`.example"),
        fcrdns=Fcrdns.FAIL,
        hostname_class=HostnameClass.UNKNOWN,
        findings=(Finding(Tag.FCRDNS_MISMATCH, {"ip": "203.0.113.26", "ptr": "<!here>.example"}),),
        endpoints=(told,),
    )
    return finished(host("mx.xn--bcher-kva.example", at), domain=domain)


def fault() -> Report:
    """Return a check that ended by a fault of ours, with one host still unanswered."""
    waiting = MxReport(preference=20, host="mx2.example.com", resolved=True)
    first = _plain("mx1.example.com", "192.0.2.25", {})
    return replace(
        finished(first, waiting, judgement=None),
        error_id="b41d99e0",
        mx=(first, replace(waiting, addresses=(_asked("192.0.2.26"),))),
    )


def _asked(ip: str) -> AddressReport:
    return AddressReport(ip=ip, endpoints=(EndpointReport(port=25, tls=TlsMode.NONE),))


def running() -> Progress:
    """Return a check under way: one host open already, one greeting late, one in DNS."""
    ready = replace(open_postfix().mx[0], preference=20)
    slow = host("mx1.example.com", _asked("192.0.2.25"))
    unknown = MxReport(preference=30, host="mx3.example.com")
    report = replace(finished(slow, ready, unknown), finished=False, judgement=None, duration_ms=0)
    return Progress(
        report,
        (
            Waiting("mx1.example.com", Awaited.GREETING, "192.0.2.25", NOW),
            Waiting("mx3.example.com", Awaited.DNS, "", NOW),
        ),
    )


REPORTS = {
    "open_postfix": open_postfix,
    "own_domain_exim": own_domain_exim,
    "closed": closed,
    "greylisted": greylisted,
    "silent": silent,
    "three_hosts": three_hosts,
    "thirty_hosts": thirty_hosts,
    "null_mx": null_mx,
    "hostile": hostile,
    "fault": fault,
}
