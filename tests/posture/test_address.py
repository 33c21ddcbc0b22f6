"""The addresses of an MX host: one line a case."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

import pytest

from bot.model.report import Listing, ListingStatus
from bot.model.verdict import Reason
from bot.posture.limits import Limits
from bot.posture.ptr import NOT_ASKED
from bot.posture.walk import Walk
from tests.posture.zone import Zone, domain

H = "mx.example.com"
V4 = "192.0.2.1"
V6 = "2001:db8::1"

CASES: list[tuple[dict[str, str | list[str]], list[str], Reason | None, list[str]]] = [
    # zone, addresses, why something was not asked, tags
    ({f"{H} A": V4}, [V4], None, []),
    ({f"{H} AAAA": V6}, [V6], None, []),
    ({f"{H} AAAA": V6, f"{H} A": V4}, [V4, V6], None, []),
    ({f"{H} A": ["192.0.2.10", "192.0.2.9"]}, ["192.0.2.9", "192.0.2.10"], None, []),
    ({f"{H} AAAA": "2001:0DB8:0::0001"}, [V6], None, []),
    ({f"{H} CNAME": "b.example", "b.example A": V4}, [V4], None, ["MX_IS_ALIAS"]),
    ({f"{H} CNAME": "b.example"}, [], Reason.MX_UNUSABLE, ["MX_IS_ALIAS", "MX_UNRESOLVABLE"]),
    ({}, [], Reason.MX_UNUSABLE, ["MX_UNRESOLVABLE"]),
    ({f"{H} TXT": "x"}, [], Reason.MX_UNUSABLE, ["MX_UNRESOLVABLE"]),
    ({f"{H} A": V4, f"{H} AAAA": "!servfail"}, [V4], Reason.DNS_FAILED, ["DNS_SERVFAIL"]),
    ({f"{H} A": "!timeout", f"{H} AAAA": V6}, [V6], Reason.DNS_FAILED, ["DNS_TIMEOUT"]),
    ({f"{H} A": V4, f"{H} AAAA": "!nxdomain"}, [V4], None, []),
    ({f"{H} A": "!servfail"}, [], Reason.DNS_FAILED, ["DNS_SERVFAIL"]),
    ({f"{H} A": "!servfail", f"{H} AAAA": "!nxdomain"}, [], Reason.MX_UNUSABLE, ["DNS_SERVFAIL", "MX_UNRESOLVABLE"]),
    ({f"{H} A": "!refused", f"{H} AAAA": "!timeout"}, [], Reason.DNS_FAILED, ["DNS_SERVFAIL", "DNS_TIMEOUT"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "addresses", "reason", "tags"), CASES)
async def test_host(
    zone: dict[str, str | list[str]], addresses: list[str], reason: Reason | None, tags: list[str]
) -> None:
    """A family that fails hides nothing: the other's addresses stand, and the host is half seen."""
    found = await Walk(Zone(zone).ask).host(H)

    assert addresses == list(found.addresses)
    assert reason == (found.skipped.reason if found.skipped else None)
    assert tags == [finding.tag for finding in found.findings]


async def test_both_families_share_the_limit() -> None:
    """Many addresses of one family never hide the other; what is beyond is named."""
    v4 = [f"192.0.2.{n}" for n in range(1, 6)]
    found = await Walk(
        Zone({f"{H} A": v4, f"{H} AAAA": V6}).ask, Limits(addresses_per_host=3)
    ).host(H)

    assert ("192.0.2.1", "192.0.2.2", V6) == found.addresses
    assert ("192.0.2.3", "192.0.2.4", "192.0.2.5") == found.over_limit
    assert found.skipped is not None
    assert Reason.OVER_LIMIT == found.skipped.reason


async def test_a_check_takes_no_more_addresses_than_its_limit() -> None:
    """Distinct addresses beyond the check's limit are named; a shared one counts once."""
    zone = Zone(
        {
            "example.com MX": ["1 a.example", "2 b.example", "3 c.example"],
            "a.example A": ["192.0.2.1", "192.0.2.2"],
            "b.example A": ["192.0.2.2", "192.0.2.3", "192.0.2.4"],
            "c.example A": "192.0.2.1",
        }
    )
    walk = Walk(zone.ask, Limits(addresses=3))

    a, b, c = [await walk.host(f"{name}.example") for name in "abc"]

    assert ("192.0.2.1", "192.0.2.2") == a.addresses
    assert (("192.0.2.2", "192.0.2.3"), ("192.0.2.4",)) == (b.addresses, b.over_limit)
    assert b.skipped is not None
    assert Reason.OVER_LIMIT == b.skipped.reason
    assert (("192.0.2.1",), None) == (c.addresses, c.skipped)


async def test_nothing_is_asked_about_addresses_over_the_limit() -> None:
    """Whatever is over a limit costs no further look-up, and nothing is claimed of it."""
    zone = Zone({f"{H} A": ["192.0.2.1", "192.0.2.2"], "2.2.0.192.in-addr.arpa PTR": H})

    async def ask_lists(ip: str) -> tuple[Listing, ...]:
        return (Listing(ip, ListingStatus.CLEAN),)

    walk = Walk(zone.ask, Limits(addresses_per_host=1), ask_lists)
    await walk.host(H)
    asked = len(zone.asked)

    assert NOT_ASKED == await walk.address("192.0.2.2")
    assert () == await walk.listings("192.0.2.2")
    assert asked == len(zone.asked)
    assert 1 == len(await walk.listings("192.0.2.1"))


async def test_an_implicit_mx_may_be_an_alias() -> None:
    """The domain itself may be a CNAME (RFC 5321 §5.1); only a name in an MX RR may not."""
    walk = Walk(Zone({f"{H} CNAME": "b.example", "b.example A": V4}).ask)
    await walk.mail_service(domain(H))

    assert () == (await walk.host(H)).findings


async def test_what_the_finding_says() -> None:
    """A finding's arguments name the host and the reason; prose stands in the catalogue."""
    alias = await Walk(Zone({f"{H} CNAME": "b.example"}).ask).host(H)
    failed = await Walk(Zone({f"{H} A": "!refused"}).ask).host(H)

    assert {"host": H, "target": "b.example"} == alias.findings[0].args
    assert {"host": H, "status": "nxdomain"} == alias.findings[1].args
    assert {"name": H, "type": "A", "status": "refused", "detail": ""} == failed.findings[0].args
