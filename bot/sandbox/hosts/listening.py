"""Sockets for many loopback addresses on one port."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRIALS = 20
_BACKLOG = 200


def listen_everywhere(addresses: Sequence[str], port: int = 0) -> dict[str, socket.socket]:
    """Listen at every address on one port.

    Args:
        addresses: of this machine, IPv4 and IPv6.
        port: 0: any that is free at all of them.

    Returns:
        A listening socket for each address.

    Raises:
        OSError: an address is not this machine's, or no port is free at all of them.
    """
    for _ in range(_TRIALS):
        with contextlib.ExitStack() as undo:
            sockets: dict[str, socket.socket] = {}
            chosen = port
            try:
                for address in addresses:
                    sockets[address] = undo.enter_context(_listen(address, chosen))
                    chosen = sockets[address].getsockname()[1]
            except OSError as error:
                if error.errno != errno.EADDRINUSE or port:
                    raise
                continue
            undo.pop_all()
            return sockets
    raise OSError(errno.EADDRINUSE, f"no port is free at all of {', '.join(addresses)}")


def has_ipv6_loopback() -> bool:
    """Whether this machine has the address ::1."""
    try:
        _listen("::1", 0).close()
    except OSError:
        return False
    return True


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: replies
    # to a pipelined batch would else wait for the client's delayed acknowledgement, some 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
