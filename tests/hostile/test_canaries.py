"""No domain can make a check knock inside: real checks, among listeners where none may knock."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from bot.model.finding import Tag
from bot.model.verdict import Judgement, Reason, Verdict
from tests.hostile.canaries import OWN, PORTS, STRANGER, checks

if TYPE_CHECKING:
    from bot.model.report import Report
    from tests.hostile.canaries import Seen

FORBIDDEN = Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
UNUSABLE = Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)
# Where an MX host's A or AAAA leads, and a word of what the finding calls it.
ADDRESSES = {
    "169.254.169.254": "metadata", "100.100.100.200": "metadata", "168.63.129.16": "Azure",
    "10.0.0.5": "private", "172.17.0.1": "private", "192.168.1.1": "private",
    "100.64.0.1": "shared", "127.0.0.1": "loopback", "127.255.0.9": "loopback",
    "0.0.0.0": "unspecified", "0.0.0.1": "this network", "192.0.0.8": "dummy",
    "198.18.0.1": "benchmark", "198.51.100.25": "documentation", "224.0.0.1": "multicast",
    "240.0.0.1": "future", "255.255.255.255": "broadcast", "192.88.99.1": "6to4",
    "::": "unspecified", "::1": "loopback", "::127.0.0.1": "IPv4-compatible",
    "::ffff:10.0.0.5": "mapped", "::ffff:127.0.0.1": "mapped",
    "::ffff:169.254.169.254": "mapped", "64:ff9b::a00:5": "NAT64",
    "64:ff9b::a9fe:a9fe": "NAT64", "64:ff9b:1::a00:5": "NAT64", "2002:a00:5::1": "6to4",
    "2002:7f00:1::1": "6to4", "2001:0:a00:5::": "Teredo", "2001:db8::25": "documentation",
    "fd00::5": "private", "fd00:ec2::254": "metadata", "fe80::1": "link-local",
    "fec0::5": "site-local", "ff02::1": "multicast",
    OWN[0]: "of this machine", OWN[1]: "of this machine",
}  # fmt: skip
# Names that a C library takes for addresses, and names that are none of a host.
NAMES = (
    *("127.1", "0x7f.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0", "10.5"),
    *("127.0.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "10.0.0.5", "0x7f.0x0.0x0.0x1"),
    *("a\\032b.example", "-a.example", "mx.127", "\\@.example", "a\\000b.example", "*.example"),
)


def _domain(number: int) -> str:
    return f"d{number}.example"


def _zones() -> dict[str, tuple[str, ...]]:
    """Each way to lead a check astray, as a domain of its own."""
    zones = dict[str, tuple[str, ...]]()
    for number, ip in enumerate(ADDRESSES):
        name, kind = _domain(number), "AAAA" if ":" in ip else "A"
        zones[name] = f"{name}. 60 MX 10 mx.{name}.", f"mx.{name}. 60 {kind} {ip}"
    for number, host in enumerate(NAMES, 100):
        name = _domain(number)
        zones[name] = f"{name}. 60 MX 10 {host}.", f"{host}. 60 A 10.0.0.5"
    zones["alias.example"] = (
        "alias.example. 60 MX 10 mx.alias.example.",
        "mx.alias.example. 60 CNAME inside.alias.example.",
        "inside.alias.example. 60 A 169.254.169.254",
    )
    zones["implicit.example"] = ("implicit.example. 60 A 10.0.0.5",)
    zones["half.example"] = (
        "half.example. 60 MX 10 mx.half.example.",
        *("mx.half.example. 60 A 10.0.0.5", f"mx.half.example. 60 A {STRANGER}"),
    )
    return zones


@pytest.fixture(scope="module", params=[False, True], ids=["here", "apart"])
def checked(request: pytest.FixtureRequest) -> tuple[dict[str, Report], Seen]:
    """All those domains, checked side by side at three ports; from here, and from a child."""
    return checks(_zones(), apart=request.param)


@pytest.fixture(scope="module")
def reports(checked: tuple[dict[str, Report], Seen]) -> dict[str, Report]:
    """The report of each domain."""
    return checked[0]


def classes(report: Report) -> list[str]:
    """What the report calls the addresses that it must not ask."""
    findings = [f for mx in report.mx for address in mx.addresses for f in address.findings]
    return [f.args["class"] for f in findings if f.tag is Tag.ADDRESS_FORBIDDEN]


@pytest.mark.parametrize(("number", "ip"), list(enumerate(ADDRESSES)), ids=str)
def test_a_forbidden_address_is_not_probed(
    reports: dict[str, Report], number: int, ip: str
) -> None:
    """Whatever an MX host's address is, the report says its class, and judges nothing more."""
    report = reports[_domain(number)]

    assert FORBIDDEN == report.judgement
    (found,) = classes(report)
    assert ADDRESSES[ip] in found


@pytest.mark.parametrize(("number", "host"), list(enumerate(NAMES, 100)), ids=str)
def test_an_address_in_disguise_is_no_host(
    reports: dict[str, Report], number: int, host: str
) -> None:
    """A name that a C library would take for an address is never looked up, let alone asked."""
    report = reports[_domain(number)]

    assert UNUSABLE == report.judgement
    assert () == report.mx[0].addresses
    assert all(answer.question.qtype.value == "MX" for answer in report.answers), host


@pytest.mark.parametrize(
    ("name", "word"), [("alias.example", "metadata"), ("implicit.example", "private")]
)
def test_no_detour_leads_inside(reports: dict[str, Report], name: str, word: str) -> None:
    """An alias is followed to an address and no further; a domain's own address is one as well."""
    assert FORBIDDEN == reports[name].judgement
    assert word in classes(reports[name])[0]


def test_a_forbidden_address_does_not_hide_behind_an_allowed_one(
    reports: dict[str, Report],
) -> None:
    """Beside a public address the forbidden one is still refused, and the host is asked."""
    (mx,) = reports["half.example"].mx
    inside, stranger = mx.addresses

    assert FORBIDDEN == inside.skipped
    assert stranger.skipped is None


def test_the_canaries_saw_nothing(checked: tuple[dict[str, Report], Seen]) -> None:
    """Of all these checks not one packet knocked anywhere but at the public address."""
    _, seen = checked

    assert {(STRANGER, port) for port in PORTS} == seen.syns
    assert 0 == seen.taken


def test_the_canaries_do_see() -> None:
    """What the operator allows is knocked at, and the canaries notice."""
    zones = _zones()
    astray = {name: zones[name] for name in ("implicit.example", "half.example")}

    _, seen = checks(astray, [ip_network("10.0.0.5/32")])

    assert {(ip, port) for ip in ("10.0.0.5", STRANGER) for port in PORTS} == seen.syns
    assert seen.taken
