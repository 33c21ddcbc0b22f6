"""Two network namespaces joined by one cable: who asks is outside, the mail server inside.

A mail server trusts loopback, and a remedy leaves it that trust. So whoever proves a remedy has to
come from another address, as a stranger does. Neither namespace has a name or a route beyond the
cable: nothing can leave it, runs side by side never meet, and the kernel takes both away with the
last process in them.
"""

from __future__ import annotations

import asyncio
import ctypes
import ipaddress
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.servers.requirements import require, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")
_CLONE_NEWNET = 0x40000000  # sched.h; os.unshare is there from Python 3.12 on
# TEST-NET-2 (RFC 5737) and the documentation prefix (RFC 3849).
_OUTSIDE, _INSIDE = ("198.51.100.10/24", "2001:db8::10/64"), ("198.51.100.25/24", "2001:db8::25/64")


@dataclass(frozen=True, slots=True)
class Cable:
    """The addresses of its two ends, IPv4 and IPv6, and the IPv4 network that both are in.

    ``enter`` stands before the arguments of a program that shall run inside.
    """

    outside: str
    outside6: str
    inside: str
    inside6: str
    network: str
    enter: tuple[str, ...]


def beside_a_cable(scenario: Callable[[Cable], Coroutine[Any, Any, T]]) -> T:
    """Run a scenario at the outer end of a new cable, and return what it returns.

    It runs in a thread and an event loop of its own: a network namespace belongs to a thread, and
    to all sockets, threads and processes that the thread makes.
    """
    require_root("network namespaces are made by root")
    ip = require("ip", "iproute2")
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(_at_the_outer_end, scenario, ip).result()


def _at_the_outer_end(scenario: Callable[[Cable], Coroutine[Any, Any, T]], ip: str) -> T:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    with _inner_namespace() as pid:
        enter = ("nsenter", f"--target={pid}", "--net", "--")
        _run(ip, f"link add outside type veth peer name inside netns {pid}")
        ends = (("outside", _OUTSIDE, ()), ("inside", _INSIDE, enter))
        for end, _, entering in ends:
            _run(*entering, ip, "link set lo up")
            _run(*entering, ip, f"link set {end} up")
        # Addresses come to a cable that is up, and IPv6 ones without duplicate address detection:
        # else the first packet waits a second for its neighbour.
        for end, addresses, entering in ends:
            for address in addresses:
                at_once = "nodad" if ":" in address else ""
                _run(*entering, ip, f"address add {address} dev {end} {at_once}")
        cable = Cable(
            outside=_bare(_OUTSIDE[0]),
            outside6=_bare(_OUTSIDE[1]),
            inside=_bare(_INSIDE[0]),
            inside6=_bare(_INSIDE[1]),
            network=str(ipaddress.ip_interface(_OUTSIDE[0]).network),
            enter=enter,
        )
        return asyncio.run(scenario(cable))


@contextmanager
def _inner_namespace() -> Iterator[int]:
    """Keep a namespace while the block runs; yield the process that is in it.

    It waits for the end of its input, which comes when we end, however we end.
    """
    argv = ("unshare", "--net", "sh", "-c", "echo; exec cat")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        keeper.stdout.readline()
        yield keeper.pid


def _bare(address: str) -> str:
    return address.partition("/")[0]


def _run(*argv: str) -> None:
    """Run a command, the last argument split into words."""
    subprocess.run((*argv[:-1], *argv[-1].split()), check=True)
