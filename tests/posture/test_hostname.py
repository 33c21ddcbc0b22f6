"""Host-name classes: one line a name."""

from __future__ import annotations

import pytest

from bot.model.report import Fcrdns, HostnameClass
from bot.posture.hostname import classify
from tests.bench.hostnames import load, measure

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
    ("2001-db8--7.isp.example", "2001:db8::8", None, "generic"),
    ("203.0.113.7", "203.0.113.7", None, "generic"),
    ("server7.203-0-113.hoster.example", None, None, "generic"),
    ("203-0-113-7.contaboserver.net", "203.0.113.7", None, "cloud"),
    ("203-0-113-7.bluehost.com", "203.0.113.7", None, "cloud"),
    ("ns3123456.ip-203-0-113.eu", None, None, "cloud"),
    ("vps-12345.hoster.example", None, None, "cloud"),
    ("vps2.example.com", None, None, "unknown"),
    ("cs181234567.pp.isp.example", None, None, "generic"),
    ("cm-12-34.isp.example", None, None, "dynamic"),
    ("cm1.example.com", None, None, "unknown"),
    ("cust-123.isp.example", None, None, "generic"),
    ("adsl.isp.example", None, None, "dynamic"),
    ("mail.adsl.example.com", None, None, "mail"),
    ("mail-203-0-113-7.adsl.isp.example", "203.0.113.7", Fcrdns.PASS, "dynamic"),
    ("o167-89-97-77.outbound-mail.sendgrid.net", "167.89.97.77", Fcrdns.PASS, "mail"),
    ("o167-89-97-77.outbound-mail.sendgrid.net", "167.89.97.77", Fcrdns.FAIL, "generic"),
    ("mta-203-0-113-7.new.res.isp.example", "203.0.113.7", Fcrdns.PASS, "dynamic"),
    ("wsip-203-0-113-7.oc.oc.cox.net", "203.0.113.7", None, "static"),
    ("h234n2fls32o895.telia.com", None, None, "dynamic"),
    ("net", None, None, "unknown"),
    ("203-0-113-7.static.isp.example", "203.0.113.7", None, "static"),
    ("ec2-203-0-113-7.compute-1.amazonaws.com", "203.0.113.7", None, "cloud"),
    ("203.0.113.7.vultr.com", "203.0.113.7", None, "cloud"),
    ("www.vultr.com", None, None, "unknown"),
    ("mail42.example.com", "203.0.113.7", Fcrdns.PASS, "mail"),
    ("mail42.example.com", "203.0.113.7", None, "mail"),
    ("mail42.example.com", "203.0.113.7", Fcrdns.FAIL, "unknown"),
    ("mail-203-0-113-7.isp.example", "203.0.113.7", Fcrdns.PASS, "mail"),
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
    assert "provider:amazonaws.com" == classify("ec2-1-2-3-4.compute.amazonaws.com").rule
    assert "sender:sendgrid.net" == classify("o1.sendgrid.net").rule
    assert "scheme:ovh" == classify("ip7.ip-203-0-113.eu").rule
    assert "hoster:bluehost.com" == classify("1-2-3-4.bluehost.com").rule
    assert "address:whole" == classify("1-2-3-4.isp.example").rule
    assert "address:part" == classify("1-2-3.isp.example").rule
    assert "serial-number" == classify("cs181234567.isp.example").rule
    assert "no-rule" == classify("www.example.com").rule


def test_figures_on_held_back_names() -> None:
    """On names that no rule was written for, the classes are told apart as well as promised."""
    figures = measure(load(held_back=True))

    assert figures.names > 400
    assert figures.recall_dynamic >= 0.95
    assert figures.flagged_mail <= 0.004
    assert figures.flagged_static <= 0.10
    assert figures.macro_f1 >= 0.90
