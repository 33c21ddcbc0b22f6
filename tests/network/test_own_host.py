"""The machine's own name and address are learnt without a packet."""

import ipaddress
import socket

import pytest

from bot.network import own_host
from bot.network.own_host import outgoing_address, own_host_name


def test_the_name_is_the_kernel_s() -> None:
    """No look-up: what the administrator set is what is said."""
    assert socket.gethostname() == own_host_name()


def test_the_outgoing_address_is_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is what the routing table chooses for the first target that has a route."""
    monkeypatch.setattr(own_host, "_TARGETS", ((socket.AF_INET, "127.0.0.1"),))

    assert "127.0.0.1" == outgoing_address()


def test_without_a_route_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a route says None, having tried every family."""
    unreachable = ((socket.AF_INET, "255.255.255.255"), (socket.AF_INET6, "not an address"))
    monkeypatch.setattr(own_host, "_TARGETS", unreachable)

    assert outgoing_address() is None


def test_the_real_targets_are_for_documentation() -> None:
    """Nobody is behind the addresses that the routing table is asked about."""
    documentation = {
        4: ipaddress.ip_network("192.0.2.0/24"),
        6: ipaddress.ip_network("2001:db8::/32"),
    }

    for _, target in own_host._TARGETS:
        address = ipaddress.ip_address(target)
        assert address in documentation[address.version]
