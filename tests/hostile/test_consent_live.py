"""Who may be asked what, on real sockets: whoever may not hears nothing at all.

A name server and a mail host on loopback; the rules are those of Slack, by the settings of a
workspace that does not own this loopback.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import dns.message
import dns.rdatatype
import pytest

from bot.check import check
from bot.deliver import Destination
from bot.jobs import Job
from bot.model.domain_name import DomainName
from bot.model.finding import Tag
from bot.model.glass import Glass
from bot.model.verdict import Reason, Verdict
from bot.policy import Rule
from bot.request import Request
from bot.settings import Named, ProbePolicy, Rate, Settings
from bot.slack.permissions import Permissions
from bot.world import open_world
from tests.hostile.behaviours import Points, behave
from tests.network.mail_host import host
from tests.servers.stub_dns import reply, serve
from tests.slack.kept import NOW, nodata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.report import Report

SECRET = "0123456789abcdef"
GLASS = Glass(by="U1", reason="an incident", at=NOW)
LISTED: Points = {"RCPT": b"554 5.7.1 Client host blocked using zen.spamhaus.org\r\n"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, and every line that the mail host heard."""

    report: Report
    heard: list[str]

    @property
    def rules(self) -> set[str]:
        """The rules that kept something from being asked."""
        findings = [f for mx in self.report.mx for a in mx.addresses for f in a.findings]
        return {f.args["rule"] for f in findings if f.tag is Tag.PROBE_WITHHELD}


def permissions(**named: object) -> Permissions:
    """Return what a workspace may do by these settings."""
    named = {"verify_secret": SECRET, **named}
    return Permissions(Settings(**named), lambda: 0.0, nodata)  # type: ignore[arg-type] # any


def token(name: str) -> str:
    """Return the TXT record that verifies a name for the workspace."""
    return f'_relaycheck.{name}. 60 TXT "{permissions().consent("T1").token(name)}"'


async def found(
    may: Permissions,
    *records: str,
    name: str = "d.test",
    mx: str = "",
    ip: str = "127.0.9.1",
    glass: Glass | None = None,
    points: Points | None = None,
    **options: bool,
) -> Found:
    """Check a domain whose one mail host listens, by the rules of a workspace."""
    mx = mx or f"mx.{name}"
    zone = (f"{name}. 60 MX 10 {mx}.", f"{mx}. 60 A {ip}", *records)

    def answer(query: dns.message.Message, _way: str) -> Iterable[bytes]:
        asked = query.question[0]
        kind = dns.rdatatype.to_text(asked.rdtype)
        here = [r for r in zone if r.split()[0] == asked.name.to_text() and r.split()[2] == kind]
        yield reply(query, *(here or ["test. 60 SOA ns. root. 1 2 3 4 5"]))

    async with serve(answer) as dns_server, host(behave(points or {}), ip=ip) as listening:
        settings = Settings(
            resolver=f"udp://{dns_server.ip}:{dns_server.port}",
            blocklists="off",
            ehlo_name="probe.example.net",
            allow_networks=(ipaddress.ip_network("127.0.0.0/8"),),
        )
        request = Request(DomainName(name, name), name, ports=(listening.port,), **options)
        place = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)
        job = Job(key=f"{name} {id(request)}", request=request, destination=place, glass=glass)
        async with open_world(settings) as opened:
            world = may.apply(replace(opened, now=lambda: NOW), job)
            report = [progress.report async for progress in check(request, world)][-1]
        heard = [line for lines in listening.heard for line in lines]
    return Found(report, heard)


@pytest.mark.parametrize(
    ("named", "records", "mx", "glass", "rule"),
    [
        ({}, ['_relaycheck-optout.d.test. 60 TXT "no"'], "", None, Rule.OPT_OUT),
        ({}, ['_relaycheck-optout.mx.d.test. 60 TXT "no"'], "", None, Rule.OPT_OUT),
        ({}, ['_relaycheck-optout.d.test. 60 TXT "no"'], "", GLASS, Rule.OPT_OUT),
        ({"opted_out": Named(domains=("d.test",))}, [], "", GLASS, Rule.OPT_OUT),
        (
            {"opted_out": Named(networks=(ipaddress.ip_network("127.0.9.0/24"),))},
            [],
            "",
            None,
            Rule.OPT_OUT,
        ),
        ({"probe_policy": ProbePolicy.OFF}, [], "", GLASS, Rule.OFF),
        ({"probe_policy": ProbePolicy.VERIFIED}, [], "", None, Rule.VERIFICATION),
        (
            {"probe_policy": ProbePolicy.VERIFIED},
            [token("d.test")],
            "mx.host.test",
            None,
            Rule.VERIFICATION,
        ),
        (
            {"probe_policy": ProbePolicy.VERIFIED},
            [token("d.test")],
            "aspmx.l.google.com",
            GLASS,
            Rule.SHARED,
        ),
    ],
    ids=[
        *("opted out at the domain", "opted out at the host", "opted out, glass broken"),
        *("the operator's list", "the operator's networks", "off", "not verified"),
        *("the host not verified", "a shared provider, glass broken"),
    ],
)
async def test_who_may_not_be_asked_hears_nothing(
    named: dict[str, object], records: list[str], mx: str, glass: Glass | None, rule: Rule
) -> None:
    """No connection is made; DNS is looked at, and the report says which rule it was."""
    what = await found(permissions(**named), *records, mx=mx, glass=glass)

    assert [] == what.heard
    assert {rule} == what.rules
    assert what.report.judgement is not None
    assert Verdict.NOT_PROBED is what.report.judgement.verdict
    assert what.report.mx[0].addresses[0].ip == "127.0.9.1"


@pytest.mark.parametrize(
    ("named", "records", "mx", "glass"),
    [
        ({}, [], "", None),
        ({"probe_policy": ProbePolicy.VERIFIED}, [token("d.test")], "", None),
        (
            {"probe_policy": ProbePolicy.VERIFIED},
            [token("d.test"), token("mx.host.test")],
            "mx.host.test",
            None,
        ),
        (
            {
                "probe_policy": ProbePolicy.VERIFIED,
                "verified": Named(networks=(ipaddress.ip_network("127.0.9.0/24"),)),
            },
            [],
            "",
            None,
        ),
        ({"probe_policy": ProbePolicy.VERIFIED}, [], "", GLASS),
        ({"opted_out": Named(domains=("other.test",))}, [], "", None),
    ],
    ids=[
        *("anyone", "a host in a verified domain", "a host with its own record"),
        *("the operator vouches", "glass broken", "another opted out"),
    ],
)
async def test_who_may_be_asked_is(
    named: dict[str, object], records: list[str], mx: str, glass: Glass | None
) -> None:
    """The question is asked, and the answer counts."""
    what = await found(permissions(**named), *records, mx=mx, glass=glass)

    assert "QUIT" in what.heard
    assert what.report.judgement is not None
    assert Reason.RELAY_DENIED is what.report.judgement.reason
    assert set() == what.rules


@pytest.mark.parametrize(
    ("records", "glass", "plainly"),
    [([], None, True), ([token("d.test")], None, False), ([], GLASS, False)],
    ids=["not verified", "verified", "glass broken"],
)
async def test_more_than_the_plain_question_needs_verification(
    records: list[str], glass: Glass | None, plainly: bool
) -> None:
    """Without it ``--variants`` is asked plainly: none of its forms goes out."""
    what = await found(permissions(), *records, glass=glass, variants=True)

    rcpts = [line for line in what.heard if line.startswith("RCPT")]
    assert plainly == (len(rcpts) == 4)
    assert ({Rule.VERIFICATION} if plainly else set()) == what.rules


async def test_no_proxy_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is Slack's affair: mail servers and DNS are asked directly."""
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert "QUIT" in (await found(permissions())).heard


async def test_an_address_is_asked_at_its_rate() -> None:
    """The second check within a minute connects no more, and says when to come again."""
    may = permissions(rate_address=Rate(1, 60, "minute"))

    assert [] != (await found(may)).heard
    again = await found(may)
    assert [] == again.heard
    assert {Rule.RATE} == again.rules


async def test_servers_that_call_us_listed_stop_the_probes() -> None:
    """Three strangers say so; the fourth hears nothing, and its card says until when."""
    may = permissions()
    for number in (1, 2, 3):
        what = await found(may, name=f"d{number}.test", ip=f"127.{number}.0.1", points=LISTED)
        assert [] != what.heard
        may.note(what.report, NOW)

    fourth = await found(may, name="d4.test", ip="127.4.0.1")

    assert [] == fourth.heard
    assert {Rule.BREAKER} == fourth.rules
    whys = [f.args.get("why", "") for f in fourth.report.mx[0].addresses[0].findings]
    assert any("no mail server is asked until 2026-11-23 18:03 UTC" in why for why in whys)
