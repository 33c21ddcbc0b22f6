"""Host-name classes: one line a name."""

from __future__ import annotations

import pytest

from bot.model.report import Fcrdns, HostnameClass
from bot.posture.hostname import classify

NAMES = [
    # name, address, FCrDNS, class
    ("1-2-3-4.dynamic.cox.net", "1.2.3.4", None, "dynamic"),
    ("pool-72-x.dsl.example.net", None, None, "dynamic"),
    ("pool-203-0-113-7.dsl.isp.example", "203.0.113.7", Fcrdns.PASS, "dynamic"),
    ("203-0-113-7.dynamic.cox.example", "203.0.113.7", Fcrdns.PASS, "dynamic"),
    ("203-0-113-7.isp.example", "203.0.113.7", None, "generic"),
    ("7.113.0.203.isp.example", "203.0.113.7", None, "generic"),
    ("203000113007.isp.example", "203.0.113.7", None, "generic"),
    ("host-cb007107.isp.example", "203.0.113.7", None, "generic"),
    ("203-0-113-7.isp.co.uk", None, None, "generic"),
    ("300-0-113-7.isp.example", None, None, "unknown"),
    ("20010db8000000000000000000000007.isp.example", "2001:db8::7", None, "generic"),
    ("2001-db8--7.isp.example", "2001:db8::8", None, "unknown"),
    ("203-0-113-7.static.isp.example", "203.0.113.7", None, "static"),
    ("ec2-203-0-113-7.compute-1.amazonaws.com", "203.0.113.7", None, "cloud"),
    ("203.0.113.7.vultr.com", "203.0.113.7", None, "cloud"),
    ("www.vultr.com", None, None, "unknown"),
    ("mail42.example.com", "203.0.113.7", Fcrdns.PASS, "mail"),
    ("mail42.example.com", "203.0.113.7", None, "mail"),
    ("mail42.example.com", "203.0.113.7", Fcrdns.FAIL, "unknown"),
    ("mail-203-0-113-7.isp.example", "203.0.113.7", Fcrdns.PASS, "generic"),
    ("MX1.Example.COM.", None, None, "mail"),
    ("www.example.com", "203.0.113.7", Fcrdns.PASS, "unknown"),
    ("example.com", None, None, "unknown"),
]


@pytest.mark.parametrize(("name", "ip", "fcrdns", "expected"), NAMES)
def test_class(name: str, ip: str | None, fcrdns: Fcrdns | None, expected: str) -> None:
    """A name has the class that its words, its numbers and its provider give it."""
    assert HostnameClass(expected) == classify(name, ip, fcrdns).hostname_class


def test_the_rule_is_named() -> None:
    """A class comes with the rule that gave it, so that a person can dispute it."""
    assert (HostnameClass.DYNAMIC, "word:dsl") == classify("a-1.dsl.isp.example")
    assert "provider:amazonaws.com" == classify("ec2-1-2-3-4.amazonaws.com").rule
    assert "address-in-name" == classify("1-2-3-4.isp.example").rule
    assert "no-rule" == classify("www.example.com").rule
