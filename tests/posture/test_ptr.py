"""Reverse DNS and its confirmation: one line a case."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

import pytest

from bot.model.report import Fcrdns, HostnameClass
from bot.posture.limits import Limits
from bot.posture.walk import Walk
from tests.posture.zone import Zone

IP = "203.0.113.7"
R = "7.113.0.203.in-addr.arpa"
V6 = "2001:db8::7"
R6 = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
M = "mx.example.com"
DSL = "pool-203-0-113-7.dsl.isp.example"

CASES: list[tuple[str, dict[str, str | list[str]], str, str, list[str]]] = [
    # address, zone, fcrdns, class, tags
    (IP, {f"{R} PTR": M, f"{M} A": IP}, "pass", "mail", []),
    (IP, {f"{R} PTR": M, f"{M} A": ["192.0.2.1", IP]}, "pass", "mail", []),
    (V6, {f"{R6} PTR": M, f"{M} AAAA": "2001:DB8:0::7"}, "pass", "mail", []),
    (V6, {f"{R6} PTR": M, f"{M} A": IP}, "fail", "unknown", ["FCRDNS_MISMATCH"]),
    (IP, {f"{R} CNAME": "7.0-15.113.0.203.in-addr.arpa", "7.0-15.113.0.203.in-addr.arpa PTR": M, f"{M} A": IP}, "pass", "mail", []),
    (IP, {f"{R} PTR": M, f"{M} CNAME": "real.example", "real.example A": IP}, "pass", "mail", []),
    (IP, {f"{R} PTR": DSL, f"{DSL} A": IP}, "pass", "dynamic", ["PTR_DYNAMIC"]),
    (IP, {f"{R} PTR": "203-0-113-7.isp.example", "203-0-113-7.isp.example A": IP}, "pass", "generic", ["PTR_GENERIC"]),
    (IP, {f"{R} PTR": "ec2-203-0-113-7.amazonaws.com", "ec2-203-0-113-7.amazonaws.com A": IP}, "pass", "cloud", ["PTR_CLOUD_DEFAULT"]),
    (IP, {}, "none", "none", ["PTR_MISSING"]),
    (IP, {f"{R} TXT": "x"}, "none", "none", ["PTR_MISSING"]),
    (IP, {f"{R} PTR": "!timeout"}, "temperror", "unknown", ["DNS_TIMEOUT"]),
    (IP, {f"{R} PTR": "!servfail"}, "temperror", "unknown", ["DNS_SERVFAIL"]),
    (IP, {f"{R} PTR": M, f"{M} A": "192.0.2.1"}, "fail", "unknown", ["FCRDNS_MISMATCH"]),
    (IP, {f"{R} PTR": M}, "fail", "unknown", ["FCRDNS_MISMATCH"]),
    (IP, {f"{R} PTR": M, f"{M} A": "!servfail"}, "temperror", "unknown", ["DNS_SERVFAIL"]),
    (IP, {f"{R} PTR": ["a.example", M], f"{M} A": IP}, "pass", "mail", ["PTR_MULTIPLE"]),
    (IP, {f"{R} PTR": ["a.example", M], "a.example A": "!timeout", f"{M} A": IP}, "pass", "mail", ["DNS_TIMEOUT", "PTR_MULTIPLE"]),
    (IP, {f"{R} PTR": ["a.example", M], "a.example A": "!timeout"}, "temperror", "unknown", ["DNS_TIMEOUT", "PTR_MULTIPLE"]),
    (IP, {f"{R} PTR": [DSL, M], f"{M} A": IP, f"{DSL} A": IP}, "pass", "dynamic", ["PTR_MULTIPLE", "PTR_DYNAMIC"]),
    (IP, {f"{R} PTR": [DSL, M], f"{M} A": IP}, "pass", "mail", ["PTR_MULTIPLE"]),
    (IP, {f"{R} PTR": "<!channel>.example"}, "fail", "unknown", ["FCRDNS_MISMATCH"]),
    (IP, {f"{R} PTR": IP}, "fail", "generic", ["FCRDNS_MISMATCH", "PTR_GENERIC"]),
    (IP, {f"{R} PTR": ""}, "fail", "unknown", ["FCRDNS_MISMATCH"]),
]  # fmt: skip


@pytest.mark.parametrize(("ip", "zone", "fcrdns", "kind", "tags"), CASES)
async def test_posture(
    ip: str, zone: dict[str, str | list[str]], fcrdns: str, kind: str, tags: list[str]
) -> None:
    """Any PTR name that has the address confirms it; a failed look-up is temperror, not fail."""
    posture = await Walk(Zone(zone).ask).address(ip)

    assert (Fcrdns(fcrdns), HostnameClass(kind)) == (posture.fcrdns, posture.hostname_class)
    assert tags == [finding.tag for finding in posture.findings]


@pytest.mark.parametrize(
    ("names", "fcrdns", "tags"),
    [
        (["c.example", "b.example", "a.example"], Fcrdns.TEMPERROR, ["PTR_MULTIPLE"]),
        (["c.example", "b.example", M, "a.example"], Fcrdns.TEMPERROR, ["PTR_MULTIPLE"]),
        (["z.example", M, "a.example"], Fcrdns.PASS, ["PTR_MULTIPLE"]),
        (["{z}.example", "b.example", "a.example"], Fcrdns.FAIL, ["PTR_MULTIPLE", "FCRDNS_MISMATCH"]),
        (["b.example", "a.example"], Fcrdns.FAIL, ["PTR_MULTIPLE", "FCRDNS_MISMATCH"]),
    ],
)  # fmt: skip
async def test_names_beyond_the_limit_are_shown_and_not_asked(
    names: list[str], fcrdns: Fcrdns, tags: list[str]
) -> None:
    """Names beyond the limit may confirm the address: without them it is neither pass nor fail."""
    zone = Zone({f"{R} PTR": names, "c.example A": IP, f"{M} A": IP})

    posture = await Walk(zone.ask, Limits(ptr_names=2)).address(IP)

    assert tuple(sorted(names)) == posture.ptr
    assert fcrdns is posture.fcrdns
    assert tags == [finding.tag for finding in posture.findings]
    assert 3 == len(zone.asked)


async def test_a_mismatch_names_what_was_found() -> None:
    """The finding says which addresses the name has instead, or that it does not exist."""
    other = await Walk(Zone({f"{R} PTR": M, f"{M} A": "192.0.2.1"}).ask).address(IP)
    none = await Walk(Zone({f"{R} PTR": M}).ask).address(IP)
    nodata = await Walk(Zone({f"{R} PTR": M, f"{M} TXT": "x"}).ask).address(IP)

    expected = {"ip": IP, "ptr": M, "addresses": "192.0.2.1", "status": "records"}
    assert expected == other.findings[0].args
    assert ("", "nxdomain") == (none.findings[0].args["addresses"], none.findings[0].args["status"])
    assert "nodata" == nodata.findings[0].args["status"]
