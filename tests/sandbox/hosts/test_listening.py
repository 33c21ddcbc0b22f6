"""Many loopback addresses share one port."""

from __future__ import annotations

import socket

import pytest

from bot.sandbox.hosts.listening import has_ipv6_loopback, listen_everywhere

ADDRESSES = ["127.0.10.201", "127.0.10.202", "127.0.10.203"]


def close(sockets: dict[str, socket.socket]) -> None:
    """Close them all."""
    for each in sockets.values():
        each.close()


def test_every_address_has_the_same_port() -> None:
    """A free port is found that all addresses share, and every one accepts a connection."""
    sockets = listen_everywhere(ADDRESSES)
    ports = {each.getsockname()[1] for each in sockets.values()}
    (port,) = ports
    for address in ADDRESSES:
        socket.create_connection((address, port)).close()
    close(sockets)

    assert ADDRESSES == list(sockets)


def test_a_wanted_port_is_used() -> None:
    """A port that was asked for is used at every address."""
    free = listen_everywhere(ADDRESSES)
    port = free[ADDRESSES[0]].getsockname()[1]
    close(free)
    sockets = listen_everywhere(ADDRESSES, port)
    ports = [each.getsockname()[1] for each in sockets.values()]
    close(sockets)

    assert [port] * 3 == ports


def test_a_wanted_port_that_is_taken_is_an_error() -> None:
    """A port that was asked for and is not free everywhere is refused, and nothing stays open."""
    taken = listen_everywhere(ADDRESSES[-1:])
    port = taken[ADDRESSES[-1]].getsockname()[1]

    with pytest.raises(OSError, match="in use"):
        listen_everywhere(ADDRESSES, port)
    close(taken)
    close(listen_everywhere(ADDRESSES, port))


def test_no_port_for_all_is_an_error() -> None:
    """Where no port is free at all the addresses the search ends."""
    with pytest.raises(OSError, match="no port is free at all"):
        listen_everywhere([ADDRESSES[0], ADDRESSES[0]])


def test_an_address_of_another_machine_is_an_error() -> None:
    """An address that is not ours is not searched for ports."""
    with pytest.raises(OSError, match="assign"):
        listen_everywhere(["192.0.2.1"])


def test_ipv6_loopback_is_found_out_by_trying() -> None:
    """What the machine has is what a socket can be bound to."""
    try:
        listen_everywhere(["::1"])["::1"].close()
    except OSError:
        bound = False
    else:
        bound = True

    assert bound == has_ipv6_loopback()
