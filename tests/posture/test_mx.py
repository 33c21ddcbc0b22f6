"""Where a domain's mail goes: a zone in, hosts and tags out, one line a case."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.model.finding import Tag
from bot.model.report import MailService
from bot.model.verdict import Judgement, Reason, Verdict
from bot.posture.limits import Limits
from bot.posture.walk import Walk
from tests.posture.zone import Zone, domain

if TYPE_CHECKING:
    from bot.posture.mx import MailRouting

D = "example.com"
MX = MailService.MX
NULL = MailService.NULL_MX
NONE = MailService.NONE
IMPLICIT = MailService.IMPLICIT_MX
FAILED = MailService.DNS_FAILED
A = {f"{D} A": "192.0.2.1"}

CASES: list[tuple[dict[str, str | list[str]], MailService, list[str], list[str]]] = [
    # zone, service, hosts, tags
    ({f"{D} MX": "10 mx.example.com"}, MX, ["mx.example.com"], ["MX_SINGLE_HOST"]),
    ({f"{D} MX": ["20 b.example", "10 c.example"]}, MX, ["c.example", "b.example"], []),
    ({f"{D} MX": ["10 b.example", "10 a.example"]}, MX, ["a.example", "b.example"], []),
    ({f"{D} MX": ["9 b.example", "10 a.example"]}, MX, ["b.example", "a.example"], []),
    ({f"{D} MX": "0 "}, NULL, [], ["MX_NULL"]),
    ({f"{D} MX": "10 "}, NULL, [], ["MX_NULL"]),
    ({f"{D} MX": "0 ", **A}, NULL, [], ["MX_NULL"]),
    (
        {f"{D} MX": ["0 ", "10 mx.example"]},
        MX,
        ["mx.example"],
        ["MX_NULL_WITH_OTHERS", "MX_SINGLE_HOST"],
    ),
    (
        {f"{D} MX": ["10 a.example", "20 a.example", "30 b.example"]},
        MX,
        ["a.example", "b.example"],
        ["MX_DUPLICATE"],
    ),
    ({f"{D} TXT": "x", **A}, IMPLICIT, [D], ["MX_IMPLICIT"]),
    ({f"{D} AAAA": "2001:db8::1"}, IMPLICIT, [D], ["MX_IMPLICIT"]),
    ({**A, f"{D} AAAA": "!servfail"}, IMPLICIT, [D], ["MX_IMPLICIT"]),
    ({f"{D} TXT": "x"}, NONE, [], ["MX_NONE"]),
    ({}, NONE, [], ["NXDOMAIN"]),
    ({f"{D} A": "!timeout", f"{D} AAAA": "2001:db8::1"}, IMPLICIT, [D], ["MX_IMPLICIT"]),
    ({f"{D} A": "!timeout", f"{D} TXT": "x"}, FAILED, [], ["DNS_TIMEOUT"]),
    ({f"{D} MX": "!servfail"}, FAILED, [], ["DNS_SERVFAIL"]),
    ({f"{D} MX": "!refused"}, FAILED, [], ["DNS_SERVFAIL"]),
    ({f"{D} MX": "!truncated"}, FAILED, [], ["DNS_SERVFAIL"]),
    ({f"{D} MX": "!malformed"}, FAILED, [], ["DNS_SERVFAIL"]),
    ({f"{D} MX": "!timeout", **A}, FAILED, [], ["DNS_TIMEOUT"]),
    ({f"{D} MX": "!unreachable"}, FAILED, [], ["DNS_TIMEOUT"]),
    ({f"{D} CNAME": "other.example", "other.example MX": "10 mx.example"}, MX, ["mx.example"], ["MX_SINGLE_HOST"]),
    ({f"{D} CNAME": "other.example", "other.example A": "192.0.2.1"}, IMPLICIT, [D], ["MX_IMPLICIT"]),
    ({f"{D} CNAME": "other.example", "other.example MX": "0 "}, NULL, [], ["MX_NULL"]),
    ({f"{D} CNAME": "gone.example"}, NONE, [], ["NXDOMAIN"]),
]  # fmt: skip


async def route(zone: dict[str, str | list[str]], limits: Limits | None = None) -> MailRouting:
    """Walk a zone as far as the mail routing."""
    return await Walk(Zone(zone).ask, limits or Limits()).mail_service(domain(D))


@pytest.mark.parametrize(("zone", "service", "hosts", "tags"), CASES)
async def test_routing(
    zone: dict[str, str | list[str]], service: MailService, hosts: list[str], tags: list[str]
) -> None:
    """The MX RRset, or the lack of one, says where mail goes (RFC 5321 §5.1, RFC 7505)."""
    routing = await route(zone)

    assert service == routing.service
    assert hosts == [host.host for host in routing.hosts]
    assert tags == [finding.tag for finding in routing.findings]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ({f"{D} MX": "0 "}, Judgement(Verdict.NO_MAIL, Reason.NULL_MX)),
        ({}, Judgement(Verdict.NO_MAIL, Reason.NXDOMAIN)),
        ({f"{D} TXT": "x"}, Judgement(Verdict.NO_MAIL, Reason.NO_MAIL_SERVICE)),
        ({f"{D} MX": "!timeout"}, Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED)),
        ({f"{D} MX": "10 mx.example"}, None),
        (A, None),
    ],
)
async def test_judgement_where_no_host_decides(
    zone: dict[str, str | list[str]], expected: Judgement | None
) -> None:
    """A domain without hosts is judged by its routing; a failed look-up is never no_mail."""
    assert expected == (await route(zone)).judgement


@pytest.mark.parametrize(
    ("host", "tag"),
    [
        ("203.0.113.7", Tag.MX_IS_ADDRESS),
        ("127.1", Tag.MX_IS_ADDRESS),
        ("0x7f.1", Tag.MX_IS_ADDRESS),
        ("0177.0.0.1", Tag.MX_IS_ADDRESS),
        ("2130706433", Tag.MX_IS_ADDRESS),
        ("0", Tag.MX_IS_ADDRESS),
        ("2001:db8::7", Tag.MX_IS_ADDRESS),
        ("[192.0.2.1]", Tag.MX_IS_ADDRESS),
        ("::ffff:127.0.0.1", Tag.MX_IS_ADDRESS),
        ("mail.1", Tag.MX_UNRESOLVABLE),
        ("<!channel>.example", Tag.MX_UNRESOLVABLE),
        ("http://mx.example", Tag.MX_UNRESOLVABLE),
        ("a\\032b.example", Tag.MX_UNRESOLVABLE),
        ("-mx.example", Tag.MX_UNRESOLVABLE),
    ],
)
async def test_what_is_no_host_name_is_never_asked_for(host: str, tag: Tag) -> None:
    """An exchange that is no host name is named, unusable, and never looked up (RFC 1123 §2.1)."""
    zone = Zone({f"{D} MX": f"10 {host}"})
    walk = Walk(zone.ask)

    routing = await walk.mail_service(domain(D))
    addresses = await walk.host(host)

    unusable = Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)
    assert (host, unusable) == (routing.hosts[0].host, routing.hosts[0].skipped)
    assert [tag] == [finding.tag for finding in addresses.findings]
    assert ((), unusable) == (addresses.addresses, addresses.skipped)
    assert [D] == [question.qname for question in zone.asked]


async def test_hosts_over_the_limit_are_named() -> None:
    """The hosts of worst preference beyond the limit are named, and skipped as over_limit."""
    zone: dict[str, str | list[str]] = {f"{D} MX": [f"{n} mx{n}.example" for n in range(4)]}

    routing = await route(zone, Limits(hosts=2))

    over = Judgement(Verdict.NOT_PROBED, Reason.OVER_LIMIT)
    assert [None, None, over, over] == [host.skipped for host in routing.hosts]
    assert {"count": "4", "limit": "2"} == routing.findings[0].args
    assert Tag.MX_TOO_MANY == routing.findings[0].tag
