"""DNS and mail servers that hold every answer for a while, as a distant network would.

Run as a process of its own, so that its work is not counted as the prober's::

    python -m tests.bench.slow_world DOMAINS HOLD_MS [--pipelining]

Each domain has three MX hosts with an address each and a reverse name of another spelling, so that
every look-up of a real check is there: 3 for MX and addresses, PTR, and the PTR's forward. Prints
one JSON line that says where it is, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass

import dns.message
import dns.name
import dns.zone

from bot.sandbox.hosts.listening import listen_everywhere
from bot.sandbox.hosts.name_server import name_server, responder

SUFFIX = "bench.test"
NETWORK = "127.16.0.0/12"
MX_HOSTS = 3
_SOA = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n"
_DNS_ADDRESS = "127.31.255.254"


@dataclass(frozen=True, slots=True)
class Where:
    """Where the world is: a resolver setting, the mail hosts' port, the domains."""

    resolver: str
    port: int
    domains: tuple[str, ...]


class SlowMailHost(asyncio.Protocol):
    """A closed relay. Each reply leaves the hold time after its command came, in order."""

    def __init__(self, hold_s: float, *, pipelining: bool) -> None:
        self._hold_s = hold_s
        self._keywords = ["mx.bench.test", *(["PIPELINING"] if pipelining else []), "8BITMIME"]
        self._waiting: deque[str] = deque()
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, after the hold time."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._later("220 mx.bench.test ESMTP Postfix")

    def data_received(self, data: bytes) -> None:
        """Take the commands that are whole."""
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            self._later(self._reply(line.decode("ascii", "replace")))

    def _reply(self, command: str) -> str:
        match command.upper().split(":")[0].split(" ")[0]:
            case "EHLO":
                last = len(self._keywords) - 1
                return "\r\n".join(
                    f"250{' -'[at < last]}{word}" for at, word in enumerate(self._keywords)
                )
            case "RCPT":
                path = command.partition("<")[2].partition(">")[0]
                if path.startswith("postmaster@"):
                    return "250 2.1.5 Ok"
                return f"554 5.7.1 <{path}>: Relay access denied"
            case "QUIT":
                return "221 2.0.0 Bye"
            case _:
                return "250 2.0.0 Ok"

    def _later(self, reply: str) -> None:
        self._waiting.append(reply)
        asyncio.get_running_loop().call_later(self._hold_s, self._send)

    def _send(self) -> None:
        reply = self._waiting.popleft()
        if not self._transport.is_closing():
            self._transport.write(f"{reply}\r\n".encode())
            if reply.startswith("221"):
                self._transport.close()


def address(number: int) -> str:
    """Return the address of the host with a number."""
    return f"127.{16 + number // 40000}.{number // 200 % 200}.{1 + number % 200}"


def zones(domains: int) -> list[dns.zone.Zone]:
    """Return the forward and the reverse zone of so many domains."""
    forward, reverse = [_SOA, "probe A 127.0.0.1", "probe MX 10 probe"], [_SOA]
    for number in range(domains * MX_HOSTS):
        domain, host = divmod(number, MX_HOSTS)
        ip = address(number)
        backwards = ".".join(reversed(ip.split(".")))
        forward += [
            f"d{domain} MX {10 * host + 10} mx{host}.d{domain}",
            f"mx{host}.d{domain} A {ip}",
            f"mail{host}.d{domain} A {ip}",
        ]
        reverse.append(f"{backwards}.in-addr.arpa. PTR mail{host}.d{domain}.{SUFFIX}.")
    texts = {SUFFIX: forward, "127.in-addr.arpa": reverse}
    return [
        dns.zone.from_text("\n".join(lines) + "\n", origin=apex, relativize=False)
        for apex, lines in texts.items()
    ]


async def run(domains: int, hold_s: float, *, pipelining: bool) -> None:
    """Serve until standard input ends."""
    answer = responder(zones(domains))

    async def held(query: dns.message.Message) -> dns.message.Message:
        response = await answer(query)
        await asyncio.sleep(hold_s)
        return response

    loop = asyncio.get_running_loop()
    listeners = listen_everywhere([address(number) for number in range(domains * MX_HOSTS)])
    async with AsyncExitStack() as stack:
        dns_port = await stack.enter_async_context(name_server(held, _DNS_ADDRESS))
        for listener in listeners.values():
            server = await loop.create_server(
                lambda: SlowMailHost(hold_s, pipelining=pipelining), sock=listener
            )
            stack.callback(server.close)
        where = Where(
            resolver=f"udp://{_DNS_ADDRESS}:{dns_port}",
            port=next(iter(listeners.values())).getsockname()[1],
            domains=tuple(f"d{number}.{SUFFIX}" for number in range(domains)),
        )
        sys.stdout.write(json.dumps(asdict(where)) + "\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domains", type=int)
    parser.add_argument("hold_ms", type=float)
    parser.add_argument("--pipelining", action="store_true")
    chosen = parser.parse_args()
    asyncio.run(run(chosen.domains, chosen.hold_ms / 1000, pipelining=chosen.pipelining))
