"""The sample mail hosts, running: DNS, every host, and the canary, in one context manager."""

from __future__ import annotations

import asyncio
import ssl
import weakref
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_network
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver
import dns.zone
import trustme
from aiosmtpd.smtp import SMTP

from bot.sandbox.hosts.canary import Canary
from bot.sandbox.hosts.delivery import deliver
from bot.sandbox.hosts.listening import has_ipv6_loopback, listen_everywhere
from bot.sandbox.hosts.mail_server import SampleHandler, SampleServer
from bot.sandbox.hosts.name_server import name_server, responder
from bot.sandbox.hosts.samples import MailHost, Sample, Tls, load_samples
from bot.sandbox.hosts.zones import CANARY_ADDRESS, make_zones

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network


SUFFIX = "sandbox.test"
_RESOLVER_ADDRESS = "127.0.10.1"
_NETWORKS = (ip_network("127.0.10.0/24"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleHosts:
    """What a prober is told, to find the samples.

    ``resolver`` is a resolver setting, ``port`` the port of every mail host, ``networks`` what the
    address filter must let through. ``probe`` is the name that the prober may call itself by:
    it resolves, has a matching PTR, and its mail goes to the canary. ``blocklist`` is the zone of
    the sandbox's own blocklist. ``canary_endpoint`` is where mail for ``probe`` goes;
    ``canary`` is None where somebody else was to listen there.
    """

    resolver: str
    port: int
    networks: tuple[IPv4Network | IPv6Network, ...]
    suffix: str
    probe: str
    blocklist: str
    samples: tuple[Sample, ...]
    canary_endpoint: tuple[str, int]
    canary: Canary | None


@asynccontextmanager
async def sample_hosts(
    *, port: int = 0, online: bool = False, with_canary: bool = True
) -> AsyncIterator[SampleHosts]:
    """Run DNS, all sample hosts and the canary while the block runs.

    On a machine without ::1 the host that would listen there stays in DNS: its IPv6 address is
    then unreachable, and the sample expects just that.

    Args:
        port: of every mail host; 0: a free one.
        online: ask the system's resolver about names that are not the sandbox's.
        with_canary: False: leave ``canary_endpoint`` to a canary of the caller's.

    Raises:
        OSError: this machine does not have all of 127.0.0.0/8 (Linux does), or the port is taken.
    """
    has_ipv6 = has_ipv6_loopback()
    samples = load_samples(SUFFIX)
    if not has_ipv6:
        samples = tuple(replace(sample, expects=sample.without_ipv6) for sample in samples)
    zones = make_zones(samples, SUFFIX)
    hosts = [host for sample in samples for host in sample.hosts]
    listeners: dict[str, MailHost] = {host.address: host for host in hosts}
    if has_ipv6:
        listeners.update(("::1", host) for host in hosts if host.ipv6)
    canary = Canary() if with_canary else None

    async with AsyncExitStack() as stack:
        addresses = [*listeners, *([CANARY_ADDRESS] if canary else [])]
        sockets = listen_everywhere(addresses, port)
        port = next(iter(sockets.values())).getsockname()[1]
        factories = _factories(listeners, zones, port)
        if canary is not None:
            factories[CANARY_ADDRESS] = partial(_canary_server, canary)
        await stack.enter_async_context(_serving(sockets, factories))
        upstream = system_resolver() if online else None
        dns_port = await stack.enter_async_context(
            name_server(responder(zones, upstream=upstream), _RESOLVER_ADDRESS)
        )
        yield SampleHosts(
            resolver=f"udp://{_RESOLVER_ADDRESS}:{dns_port}",
            port=port,
            networks=_NETWORKS,
            suffix=SUFFIX,
            probe=f"probe.{SUFFIX}",
            blocklist=f"dnsbl.{SUFFIX}",
            samples=samples,
            canary_endpoint=(CANARY_ADDRESS, port),
            canary=canary,
        )


def _factories(
    listeners: Mapping[str, MailHost], zones: Sequence[dns.zone.Zone], port: int
) -> dict[str, Callable[[], SMTP]]:
    """Return what makes a server for each connection; one host's addresses share its memory."""
    handlers: dict[str, SampleHandler] = {}
    contexts: dict[str, ssl.SSLContext | None] = {}
    authority = trustme.CA()
    for host in listeners.values():
        handlers[host.name] = SampleHandler(host, partial(deliver, zones, port, host.name))
        contexts[host.name] = None if host.tls is Tls.NONE else _tls_context(authority, host.name)
    return {
        address: partial(SampleServer, host, handlers[host.name], contexts[host.name])
        for address, host in listeners.items()
    }


def _tls_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Make a certificate for a host, from an authority that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _canary_server(canary: Canary) -> SMTP:
    return SMTP(
        canary,
        hostname=f"canary.{SUFFIX}",
        ident="ESMTP",
        enable_SMTPUTF8=True,
        loop=asyncio.get_running_loop(),
    )


@asynccontextmanager
async def _serving(
    sockets: Mapping[str, socket.socket], factories: Mapping[str, Callable[[], SMTP]]
) -> AsyncIterator[None]:
    """Serve at every socket; at the end close what still listens and what is still connected."""
    loop = asyncio.get_running_loop()
    connections: weakref.WeakSet[SMTP] = weakref.WeakSet()

    def tracking(factory: Callable[[], SMTP]) -> SMTP:
        connection = factory()
        connections.add(connection)
        return connection

    servers = [
        await loop.create_server(partial(tracking, factories[address]), sock=listener)
        for address, listener in sockets.items()
    ]
    try:
        yield
    finally:
        for server in servers:
            server.close()
        for connection in connections:
            if connection.transport is not None:
                connection.transport.close()


def system_resolver(configuration: str = "/etc/resolv.conf") -> str | None:
    """Return the address of the first resolver that this machine is set to use; None: it has none.

    Args:
        configuration: the file that says so (resolv.conf(5)).
    """
    try:
        configured = dns.resolver.Resolver(filename=configuration).nameservers
    except dns.exception.DNSException:
        return None
    return next((each for each in configured if isinstance(each, str)), None)
