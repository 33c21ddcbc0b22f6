"""The sandbox's zones: forward, reverse and blocklist, made from the samples."""

from __future__ import annotations

import dns.message
import dns.rcode
import pytest

from bot.sandbox.hosts.name_server import answer
from bot.sandbox.hosts.samples import load_samples
from bot.sandbox.hosts.zones import make_zones

SAMPLES = load_samples("sandbox.test")
ZONES = make_zones(SAMPLES, "sandbox.test")
ADDRESS = {host.name: host.address for sample in SAMPLES for host in sample.hosts}


def ask(qname: str, qtype: str) -> list[str]:
    """Return the records that the zones hold; else the name of the RCODE, or NODATA."""
    response = answer(ZONES, dns.message.make_query(qname, qtype))
    if response.rcode() != dns.rcode.NOERROR:
        return [dns.rcode.to_text(response.rcode())]
    return sorted(str(record) for rrset in response.answer for record in rrset) or ["NODATA"]


def reverse(address: str) -> str:
    """Return the owner name of an IPv4 address's PTR record."""
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


@pytest.mark.parametrize(
    ("qname", "qtype", "expected"),
    [
        ("closed.sandbox.test", "MX", ["10 mx1.closed.sandbox.test."]),
        ("null-mx.sandbox.test", "MX", ["0 ."]),
        ("null-mx.sandbox.test", "A", ["NODATA"]),
        ("missing.sandbox.test", "MX", ["NXDOMAIN"]),
        ("mx1.ipv6.sandbox.test", "AAAA", ["::1"]),
        ("mx1.closed.sandbox.test", "AAAA", ["NODATA"]),
        ("probe.sandbox.test", "A", ["127.0.0.1"]),
        ("probe.sandbox.test", "MX", ["10 canary.sandbox.test."]),
        ("canary.sandbox.test", "A", ["127.0.10.2"]),
        ("1.0.0.127.in-addr.arpa", "PTR", ["probe.sandbox.test."]),
        ("example.com", "MX", ["REFUSED"]),
    ],
)
def test_records(qname: str, qtype: str, expected: list[str]) -> None:
    """The zones hold what the samples say, and the prober's own identity."""
    assert expected == ask(qname, qtype)


def test_every_backup_has_its_preference() -> None:
    """A sample's hosts keep the preferences that the data gives them."""
    assert [
        "10 mx1.backup.sandbox.test.",
        "20 mx2.backup.sandbox.test.",
        "50 backup.backup.sandbox.test.",
    ] == ask("backup.sandbox.test", "MX")


def test_reverse_names_lead_back_or_astray_as_the_sample_says() -> None:
    """PTR and forward records agree, except where the sample shows that they do not."""
    confirmed = ADDRESS["mx1.residential.sandbox.test"]
    astray = ADDRESS["mx1.fcrdns.sandbox.test"]
    (name,) = ask(reverse(confirmed), "PTR")

    assert [confirmed] == ask(name, "A")
    assert ["mail.moved.sandbox.test."] == ask(reverse(astray), "PTR")
    assert ["127.0.10.254"] == ask("mail.moved.sandbox.test", "A")
    assert ["NXDOMAIN"] == ask(reverse(ADDRESS["mx1.no-ptr.sandbox.test"]), "PTR")


def test_the_blocklist_passes_its_self_test() -> None:
    """127.0.0.2 is listed and 127.0.0.1 is not, over IPv4 and IPv6 spelling (RFC 5782 §5)."""
    mapped = "0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20

    assert ["127.0.0.2"] == ask("2.0.0.127.dnsbl.sandbox.test", "A")
    assert ["NXDOMAIN"] == ask("1.0.0.127.dnsbl.sandbox.test", "A")
    assert ["127.0.0.2"] == ask(f"2.{mapped}.dnsbl.sandbox.test", "A")
    assert ["NXDOMAIN"] == ask(f"1.{mapped}.dnsbl.sandbox.test", "A")


def test_a_listed_host_has_a_code_and_a_reason() -> None:
    """The listed sample, and no other host, has an A and a TXT record (RFC 5782 §2.1)."""
    listed = {
        name
        for name, address in ADDRESS.items()
        if ask(reverse(address).replace("in-addr.arpa", "dnsbl.sandbox.test"), "A") != ["NXDOMAIN"]
    }
    owner = reverse(ADDRESS["mx1.blocklisted.sandbox.test"])

    assert {"mx1.blocklisted.sandbox.test"} == listed
    assert ["NODATA"] != ask(owner.replace("in-addr.arpa", "dnsbl.sandbox.test"), "TXT")
