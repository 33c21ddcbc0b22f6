"""Which addresses are taken for neighbours."""

from __future__ import annotations

import pytest

from bot.model.neighbours import network_of


@pytest.mark.parametrize(
    ("ip", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48")],
)
def test_the_network_of_an_address(ip: str, network: str) -> None:
    """A /24 of IPv4, a /48 of IPv6."""
    assert network == network_of(ip)
