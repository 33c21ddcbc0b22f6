"""Whether the target may take us for one of its own."""

from __future__ import annotations

import pytest

from bot.model.domain_name import DomainName
from bot.model.report import Vantage
from bot.relay.attempts import Plan
from bot.relay.inside import is_inside


@pytest.mark.parametrize(
    ("ehlo", "ip", "source", "inside"),
    [
        ("probe.example.net", "203.0.113.5", "198.51.100.1", False),
        ("probe.example.net", "203.0.113.5", "203.0.113.200", True),
        ("probe.example.net", "203.0.113.5", "203.0.114.5", False),
        ("probe.example.net", "2001:db8:1::5", "2001:db8:1:2::9", True),
        ("probe.example.net", "2001:db8:1::5", "2001:db8:2::9", False),
        ("probe.example.net", "203.0.113.5", "2001:db8:1::5", False),
        ("probe.example.net", "203.0.113.5", None, False),
        ("probe.example.net", "127.0.0.1", "127.0.0.1", False),
        ("probe.example.net", "::1", "::1", False),
        ("Probe.Example.com", "203.0.113.5", "198.51.100.1", True),
        ("example.com", "203.0.113.5", None, True),
        ("notexample.com", "203.0.113.5", None, False),
    ],
)
def test_by_network_or_by_name(ehlo: str, ip: str, source: str | None, inside: bool) -> None:
    """The same /24 or /48, or an EHLO name in the target's own domain, is inside."""
    vantage = Vantage(name="default", ehlo=ehlo, reverse_path="a@b", forward_path="c@d")
    plan = Plan(
        vantage=vantage, domain=DomainName("example.com", "example.com"), mx_host="mx", ip=ip
    )

    assert is_inside(plan, source) is inside
