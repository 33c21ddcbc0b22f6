"""The address filter: a table of what is refused, and of its neighbours that are not."""

# ruff: noqa: E501 - a table
from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.network.address_filter import forbidden_class

REFUSED = {
    # address: a word of its class
    "0.0.0.0": "unspecified", "0.0.0.1": "this network", "0.255.255.255": "this network",
    "10.0.0.0": "private", "10.0.0.5": "private", "10.255.255.255": "private",
    "100.64.0.0": "shared", "100.127.255.255": "shared", "100.100.100.200": "metadata",
    "127.0.0.1": "loopback", "127.0.0.0": "loopback", "127.255.255.255": "loopback",
    "168.63.129.16": "Azure",
    "169.254.0.0": "link-local", "169.254.169.254": "metadata", "169.254.170.2": "link-local",
    "169.254.255.255": "link-local",
    "172.16.0.0": "private", "172.17.0.1": "private", "172.31.255.255": "private",
    "192.0.0.0": "service continuity", "192.0.0.7": "service continuity", "192.0.0.8": "dummy",
    "192.0.0.9": "Port Control", "192.0.0.10": "TURN", "192.0.0.170": "NAT64", "192.0.0.171": "NAT64",
    "192.0.0.255": "IETF", "192.0.2.0": "documentation", "192.0.2.255": "documentation",
    "192.31.196.1": "AS112", "192.52.193.1": "multicast", "192.88.99.1": "6to4", "192.88.99.2": "6to4",
    "192.168.0.0": "private", "192.168.1.1": "private", "192.168.255.255": "private",
    "192.175.48.1": "AS112", "198.18.0.0": "benchmark", "198.19.255.255": "benchmark",
    "198.51.100.1": "documentation", "203.0.113.0": "documentation", "203.0.113.255": "documentation",
    "224.0.0.0": "multicast", "224.0.0.1": "multicast", "239.255.255.255": "multicast",
    "240.0.0.0": "future", "255.255.255.254": "future", "255.255.255.255": "broadcast",
    "::": "unspecified", "::1": "loopback", "::2": "IPv4-compatible", "::127.0.0.1": "IPv4-compatible",
    "::8.8.8.8": "IPv4-compatible", "::ffff:10.0.0.5": "mapped", "::ffff:8.8.8.8": "mapped",
    "::ffff:127.0.0.1": "mapped", "::fffe:7f00:1": "outside", "::1:0:0": "outside",
    "64:ff9b::": "NAT64", "64:ff9b::a9fe:a9fe": "NAT64", "64:ff9b::808:808": "NAT64",
    "64:ff9b:1::1": "NAT64", "64:ff9b:2::1": "outside", "100::1": "discard", "100:0:0:1::1": "dummy",
    "100:0:0:2::1": "outside", "200::1": "outside", "1fff:ffff::1": "outside", "4000::": "outside",
    "2001::": "Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo", "2001:1::": "IETF",
    "2001:1::1": "Port Control", "2001:1::2": "TURN", "2001:1::3": "DNS-SD", "2001:2::1": "benchmark",
    "2001:3::1": "multicast", "2001:4:112::1": "AS112", "2001:5::1": "IETF", "2001:10::1": "ORCHID",
    "2001:20::1": "ORCHIDv2", "2001:2f:ffff::1": "ORCHIDv2", "2001:30::1": "drone",
    "2001:1ff:ffff::1": "IETF", "2001:db8::": "documentation", "2001:db8:ffff::1": "documentation",
    "2002::1": "6to4", "2002:7f00:1::1": "6to4", "2002:808:808::1": "6to4", "2002:ffff::1": "6to4",
    "2620:4f:8000::1": "AS112", "3fff::1": "documentation", "3fff:fff::1": "documentation",
    "5f00::1": "segment", "fc00::1": "private", "fd00::1": "private", "fd00:ec2::254": "metadata",
    "fdff:ffff::1": "private", "fe00::1": "outside", "fe80::1": "link-local", "febf::1": "link-local",
    "fe80::1%eth0": "scope", "2a00:1450::1%1": "scope", "fec0::1": "site-local", "feff::1": "site-local",
    "ff00::1": "multicast", "ff02::1": "multicast", "ff0e::1": "multicast",
    "127.1": "not an IP", "0x7f.1": "not an IP", "2130706433": "not an IP", "0177.0.0.1": "not an IP",
    "10.0.0.05": "not an IP", "": "not an IP", "localhost": "not an IP", "[::1]": "not an IP",
    "8.8.8.8 ": "not an IP", "8.8.8.8/32": "not an IP",
}  # fmt: skip
# The neighbours of the ranges above, and ordinary mail servers.
CONTACTED = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
    "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0",
    "192.31.195.255", "192.31.197.0", "192.52.192.255", "192.52.194.0", "192.88.98.255",
    "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.47.255", "192.175.49.0",
    "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "8.8.8.8", "2000::1", "2001:200::", "2001:4860:4860::8888", "2001:db7:ffff::1",
    "2001:db9::1", "2001:ffff::1", "2003::1", "2620:4f:7fff::1", "2620:4f:8001::1", "2a00:1450::1",
    "3ffe:ffff::1", "3fff:1000::1", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]  # fmt: skip


@pytest.mark.parametrize(("ip", "word"), REFUSED.items())
def test_refused(ip: str, word: str) -> None:
    """A special-purpose address is refused, and its class says what it is."""
    assert word in (forbidden_class(ip) or "")


@pytest.mark.parametrize("ip", CONTACTED)
def test_contacted(ip: str) -> None:
    """A public unicast address just outside a refused range may be contacted."""
    assert forbidden_class(ip) is None


def test_the_class_is_a_phrase() -> None:
    """The class reads on from "10.0.0.5 is"."""
    assert "in a private network (RFC 1918)" == forbidden_class("10.0.0.5")


@pytest.mark.parametrize(
    ("ip", "allowed", "refused"),
    [
        ("203.0.113.7", ["203.0.113.0/24"], False),
        ("203.0.114.7", ["203.0.113.0/24"], False),
        ("10.0.0.5", ["203.0.113.0/24"], True),
        ("2001:db8::7", ["203.0.113.0/24", "2001:db8::/64"], False),
        ("::ffff:203.0.113.7", ["203.0.113.0/24"], True),
        ("127.0.0.1", ["127.0.0.0/8"], False),
        ("fe80::1%eth0", ["fe80::/10"], True),
    ],
)
def test_the_operators_networks(ip: str, allowed: list[str], refused: bool) -> None:
    """What the operator allows is allowed in that spelling alone: nothing is unwrapped."""
    networks = [ipaddress.ip_network(network) for network in allowed]

    assert refused == (forbidden_class(ip, networks) is not None)


def test_our_own_addresses() -> None:
    """This machine's public addresses are refused, unless the operator allows them."""
    own = {"8.8.8.8", "2a00:1450::1"}.__contains__

    assert "an address of this machine" == forbidden_class("8.8.8.8", is_own=own)
    assert "an address of this machine" == forbidden_class("2a00:1450:0::1", is_own=own)
    assert forbidden_class("8.8.4.4", is_own=own) is None
    assert forbidden_class("8.8.8.8", [ipaddress.ip_network("8.8.8.0/24")], own) is None


def test_what_is_special_is_no_question_of_whose_it_is() -> None:
    """The machine is not asked about what is refused anyway, nor about what is no address."""

    def never(ip: str) -> bool:
        pytest.fail(f"asked about {ip}")

    assert "in a private network (RFC 1918)" == forbidden_class("10.0.0.5", is_own=never)
    assert forbidden_class("127.1", is_own=never)


@given(st.ip_addresses(v=6))
def test_ipv6_outside_global_unicast_is_refused(ip: ipaddress.IPv6Address) -> None:
    """For every IPv6 address outside 2000::/3 there is a class."""
    if ip not in ipaddress.IPv6Network("2000::/3"):
        assert forbidden_class(str(ip))


@given(st.ip_addresses(v=4))
def test_ipv4_that_is_not_global_is_refused(ip: ipaddress.IPv4Address) -> None:
    """The filter is never wider than Python's own notion of a global address."""
    if not ip.is_global:
        assert forbidden_class(str(ip))


@given(st.text(max_size=50))
def test_any_text_is_judged(text: str) -> None:
    """No text raises; what is not an address is refused."""
    forbidden_class(text)
