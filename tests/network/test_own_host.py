"""The machine's own name and address are learnt without a packet."""

import ipaddress
import socket

import pytest

from bot.network import own_host
from bot.network.own_host import (
    is_own_address,
    outgoing_address,
    own_host_name,
    source_address,
)


def test_the_name_is_the_kernel_s() -> None:
    """No look-up: what the administrator set is what is said."""
    assert socket.gethostname() == own_host_name()


def test_the_outgoing_address_is_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is what the routing table chooses for the first target that has a route."""
    monkeypatch.setattr(own_host, "_TARGETS", ("255.255.255.255", "127.0.0.1"))

    assert outgoing_address() == "127.0.0.1"


@pytest.mark.parametrize("target", ["255.255.255.255", "not:an:address"])
def test_without_a_route_there_is_no_address(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a route says None, having tried every target."""
    monkeypatch.setattr(own_host, "_TARGETS", (target,))

    assert source_address(target) is None
    assert outgoing_address() is None


def test_the_source_is_the_address_next_to_the_target() -> None:
    """A target on this machine is reached from this machine."""
    assert source_address("127.0.10.10") == "127.0.0.1"


@pytest.mark.parametrize(
    ("ip", "own"), [("127.0.0.1", True), ("::1", True), ("127.0.10.10", False)]
)
def test_an_own_address_is_its_own_source(ip: str, own: bool) -> None:
    """What is sent to an address of this machine leaves from that very address."""
    assert own == is_own_address(ip)


def test_the_real_targets_are_for_documentation() -> None:
    """Nobody is behind the addresses that the routing table is asked about."""
    documentation = {
        4: ipaddress.ip_network("192.0.2.0/24"),
        6: ipaddress.ip_network("2001:db8::/32"),
    }

    for target in own_host._TARGETS:
        address = ipaddress.ip_address(target)
        assert address in documentation[address.version]
