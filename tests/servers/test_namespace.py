"""Who asks over the cable is a stranger to the server, and neither meets anybody else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.namespace import beside_a_cable
from tests.servers.sink import mail_sink

if TYPE_CHECKING:
    from tests.servers.namespace import Cable

_OWN_NAMESPACE = "/proc/self/ns/net"
_CALL = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
    print(connection.getsockname()[0], connection.recv(3).decode())
"""


async def _output(*argv: str) -> str:
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return output.decode()


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_the_ends_reach_each_other(family: str) -> None:
    """A program inside reaches what listens outside, from the inner end's own address."""

    async def scenario(cable: Cable) -> tuple[str, str]:
        v4 = family == "IPv4"
        inside, outside = (cable.inside, cable.outside) if v4 else (cable.inside6, cable.outside6)
        async with mail_sink(outside) as sink:
            where = outside, str(sink.endpoint.port)
            return f"{inside} 220\n", await _output(*cable.enter, "python3", "-c", _CALL, *where)

    expected, said = beside_a_cable(scenario)

    assert expected == said


def test_nothing_leaves_the_cable() -> None:
    """Neither end has a route to anywhere else."""

    async def scenario(cable: Cable) -> tuple[str, list[str]]:
        ends = (), cable.enter
        return cable.network, [await _output(*end, "ip", "route") for end in ends]

    network, ends = beside_a_cable(scenario)

    for routes in ends:
        assert [network] == [line.split()[0] for line in routes.splitlines()]


def test_the_ends_are_apart() -> None:
    """Each end is a network namespace of its own, and this process stays in a third."""

    async def scenario(cable: Cable) -> set[str]:
        ends = (), cable.enter
        return {await _output(*end, "readlink", _OWN_NAMESPACE) for end in ends}

    names = {f"{Path(_OWN_NAMESPACE).readlink()}\n", *beside_a_cable(scenario)}

    assert 3 == len(names)


def test_what_goes_wrong_at_the_cable_is_told() -> None:
    """An exception of the scenario, a skip among them, comes out as it is."""

    async def scenario(_cable: Cable) -> None:
        pytest.skip("not here")

    with pytest.raises(pytest.skip.Exception, match="not here"):
        beside_a_cable(scenario)
