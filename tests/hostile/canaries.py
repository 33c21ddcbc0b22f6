"""Canaries: listeners where no check may knock, and an eye on every packet that would knock there.

In a network namespace of their own, where the addresses of metadata services, private networks and
loopback can be had, and where every other route leads into a cable that we watch.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.check import check
from bot.model.domain_name import DomainName
from bot.request import Request
from bot.settings import Settings
from bot.world import open_world
from tests.servers.namespace import beside_a_cable
from tests.servers.stub_dns import reply, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    import dns.message

    from bot.model.report import Report
    from bot.settings import IPNetwork
    from tests.servers.namespace import Cable

PORTS = (25, 465, 587)
LISTENING = (
    *("169.254.169.254/32", "100.100.100.200/32", "168.63.129.16/32", "10.0.0.5/32"),
    *("172.17.0.1/32", "192.168.1.1/32", "100.64.0.1/32", "192.0.0.8/32", "198.18.0.1/32"),
    *("fd00::5/128", "fd00:ec2::254/128", "fec0::5/128", "64:ff9b::a00:5/128", "2002:a00:5::1/128"),
)
OWN = "198.17.0.8", "2a00:1450::8"
STRANGER = "198.17.0.7"  # an ordinary public address, which the far end of the cable plays
_ETH_P_ALL = 0x0003  # linux/if_ether.h
_TCP, _SYN, _ACK = 6, 0x02, 0x10


@dataclass(slots=True)
class Seen:
    """Whom packets tried to open a TCP connection with, and how many connections were taken."""

    syns: set[tuple[str, int]] = field(default_factory=set)
    taken: int = 0


def checks(
    zones: Mapping[str, Iterable[str]], allowed: Sequence[IPNetwork] = (), *, apart: bool = False
) -> tuple[dict[str, Report], Seen]:
    """Check every domain by the real edges, side by side.

    Args:
        zones: for each domain, the records of the answers that its look-ups get.
        allowed: RELAYCHECK_ALLOW_NETWORKS.
        apart: the edges are in a process of their own, as they are for the Slack app.

    Returns:
        The finished report of each domain, and what the canaries saw meanwhile.
    """

    async def scenario(cable: Cable) -> tuple[dict[str, Report], Seen]:
        _settle(cable)
        async with _canaries() as seen, serve(_Zone(zones)) as dns_server:
            settings = Settings(
                resolver=f"udp://{dns_server.ip}:{dns_server.port}",
                ports=PORTS,
                blocklists="off",
                allow_networks=tuple(allowed),
                ehlo_name="probe.example.net",
            )
            async with open_world(settings, apart=apart) as world:

                async def run(name: str) -> Report:
                    request = Request(DomainName(name, name), name)
                    return [one.report async for one in check(request, world)][-1]

                reports = await asyncio.gather(*map(run, zones))
        return dict(zip(zones, reports, strict=True)), seen

    return beside_a_cable(scenario)


class _Zone:
    """Answers every question with the records of its name, an alias with its target's as well."""

    def __init__(self, zones: Mapping[str, Iterable[str]]) -> None:
        self._records = [line for lines in zones.values() for line in lines]

    def __call__(self, query: dns.message.Message, _transport: str) -> list[bytes]:
        question = query.question[0]
        wanted = question.rdtype.name
        name, found = question.name.to_text().lower(), list[str]()
        for _ in self._records:
            here = [
                record
                for record in self._records
                if record.lower().startswith(f"{name} ") and record.split()[2] in (wanted, "CNAME")
            ]
            found += here
            aliases = [record.split()[3] for record in here if record.split()[2] == "CNAME"]
            if not aliases:
                break
            name = aliases[0]
        return [reply(query, *found)]


def _settle(cable: Cable) -> None:
    """Give the addresses to the two ends, and let every other route lead into the cable."""
    for entering, words in (
        *(((), f"address add {address} dev lo") for address in LISTENING),
        *(((), f"address add {address} dev lo") for address in OWN),
        (cable.enter, f"address add {STRANGER}/32 dev lo"),
        ((), f"route add default via {cable.inside} dev outside"),
        ((), f"-6 route add default via {cable.inside6} dev outside"),
    ):
        subprocess.run((*entering, "ip", *words.split()), check=True)


@asynccontextmanager
async def _canaries() -> AsyncIterator[Seen]:
    """Listen at every address of this namespace, and watch what leaves or reaches it."""
    seen = Seen()

    def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.taken += 1
        writer.close()

    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        watch = stack.enter_context(
            socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        )
        watch.setblocking(False)  # noqa: FBT003 - the socket's own signature
        loop.add_reader(watch, lambda: _look(watch, seen))
        stack.callback(loop.remove_reader, watch)
        for port in PORTS:
            for host in ("0.0.0.0", "::"):
                server = await asyncio.start_server(take, host, port)
                await stack.enter_async_context(server)
        yield seen
        await asyncio.sleep(0)  # what the watch still holds is read
        _look(watch, seen)


def _look(watch: socket.socket, seen: Seen) -> None:
    while True:
        try:
            packet = watch.recv(2048)
        except BlockingIOError:
            return
        if (opened := _opening(packet)) is not None:
            seen.syns.add(opened)


def _opening(packet: bytes) -> tuple[str, int] | None:
    """Return whom a packet would open a TCP connection with; None where it is another packet."""
    if packet[0] >> 4 == 4:
        protocol, target, at = packet[9], packet[16:20], (packet[0] & 0x0F) * 4
    else:
        protocol, target, at = packet[6], packet[24:40], 40
    if protocol != _TCP or packet[at + 13] & (_SYN | _ACK) != _SYN:
        return None
    family = socket.AF_INET if len(target) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, target), struct.unpack_from("!H", packet, at + 2)[0]
