"""Addresses spelled in names: one line a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.posture.spelled_address import Spelling, spelling

if TYPE_CHECKING:
    import ipaddress

CASES = [
    # host part, address, how much
    ("203-0-113-7", None, "WHOLE"),
    ("7.113.0.203", None, "WHOLE"),
    ("host203x0x113x7", None, "WHOLE"),
    ("pool-024-171-058-032", None, "WHOLE"),
    ("118.red-80-35-201", None, "WHOLE"),
    ("host25-99-dynamic.20-79-r", None, "WHOLE"),
    ("modemcable090.28-201-24.mc", "24.201.28.90", "WHOLE"),
    ("031011218106.poznan", None, "WHOLE"),
    ("pd9e4f89f.dip", None, "WHOLE"),
    ("d54c15d55.access", None, "WHOLE"),
    ("0xd5aaf40b.dhcp", None, "WHOLE"),
    ("57657817.catv", "87.101.120.23", "WHOLE"),
    ("17786557.catv", "87.101.120.23", "WHOLE"),
    ("57657817.catv", None, "NOTHING"),
    ("deadbeef.catv", None, "NOTHING"),
    ("s01068c763f81ca4b.cg", None, "WHOLE"),
    ("h0002a5d76857.ne", None, "WHOLE"),
    ("2001-14ba-a0c3-3a00--7a1.rev", "2001:14ba:a0c3:3a00::7a1", "WHOLE"),
    ("p200300cbc709620016baaf70999d6a1a.dip0", "2003:cb:c709:6200:16ba:af70:999d:6a1a", "WHOLE"),
    ("d79-196", "77.65.79.196", "PART"),
    ("d196-79", "77.65.79.196", "PART"),
    ("d79-197", "77.65.79.196", "NOTHING"),
    ("d1-79-196", "77.65.79.196", "PART"),
    ("mta-70-1-1", None, "PART"),
    ("300-0-113-7", None, "NOTHING"),
    ("mail-yw1-f169", "209.85.161.169", "NOTHING"),
    ("sonic301-20.consmr.mail.ne1", "66.163.184.146", "NOTHING"),
    ("", "203.0.113.7", "NOTHING"),
    ("www", "2001:db8::7", "NOTHING"),
]


@pytest.mark.parametrize(("host", "ip", "expected"), CASES)
def test_spelling(host: str, ip: str | None, expected: str) -> None:
    """A name spells the whole of an address, a part of it, or nothing."""
    assert Spelling[expected] == spelling(host, ip)


@given(st.ip_addresses(v=4), st.sampled_from("-._x"), st.booleans(), st.booleans())
def test_every_decimal_spelling(
    ip: ipaddress.IPv4Address, separator: str, backwards: bool, padded: bool
) -> None:
    """Every address is found, forwards and backwards, padded or not, with each separator."""
    octets = [f"{octet:03}" if padded else str(octet) for octet in ip.packed]
    host = separator.join(octets[::-1] if backwards else octets)

    assert Spelling.WHOLE == spelling(f"host-{host}.isp", None)


@given(st.ip_addresses(v=4), st.booleans())
def test_every_hexadecimal_spelling(ip: ipaddress.IPv4Address, backwards: bool) -> None:
    """Every address that is known is found in eight hexadecimal digits."""
    packed = ip.packed[::-1] if backwards else ip.packed

    assert Spelling.WHOLE == spelling(f"c{packed.hex()}.isp", str(ip))


@given(st.text(max_size=80), st.none() | st.ip_addresses().map(str))
def test_any_text(host: str, ip: str | None) -> None:
    """No text raises."""
    assert spelling(host, ip) in Spelling
