"""The sandbox's DNS zones, made from the samples: forward, reverse, and a blocklist.

The blocklist answers as RFC 5782 §2 and §5 ask: an A record of 127.0.0.0/8 and a TXT record for
what is listed, 127.0.0.2 listed always and 127.0.0.1 never. Knows no socket.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import dns.name
import dns.zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.sandbox.hosts.samples import MailHost, Sample

PROBE_ADDRESS = "127.0.0.1"
"""Where a prober on this machine comes from: the kernel's source address to all of 127.0.0.0/8."""
CANARY_ADDRESS = "127.0.10.2"
_REVERSE = "127.in-addr.arpa"
_REVERSE_V6 = ipaddress.ip_address("::1").reverse_pointer
_TTL = 60
_LISTED_WHY = "listed by the sandbox, to show what that looks like"


def make_zones(samples: Sequence[Sample], suffix: str) -> tuple[dns.zone.Zone, ...]:
    """Return every zone of the sandbox.

    Args:
        samples: the sample domains.
        suffix: the apex of the forward zone; ``probe.<suffix>`` is the prober's own identity, its
            mail goes to the canary, and ``dnsbl.<suffix>`` is the blocklist.
    """
    hosts = [host for sample in samples for host in sample.hosts]
    return (
        _zone(suffix, [*_infrastructure(), *_samples(samples), *_reverse_names(hosts, suffix)]),
        _zone(_REVERSE, _pointers(hosts, suffix)),
        _zone(_REVERSE_V6, _pointer_v6(hosts)),
        _zone(f"dnsbl.{suffix}", _listings(hosts)),
    )


def _zone(apex: str, records: Iterable[str]) -> dns.zone.Zone:
    """Parse the records as a zone file with the SOA and NS records that each zone has."""
    text = "\n".join(
        (
            f"$TTL {_TTL}",
            "@ SOA ns.sandbox.invalid. hostmaster.sandbox.invalid. 1 3600 600 86400 60",
            "@ NS ns.sandbox.invalid.",
            *records,
            "",
        )
    )
    return dns.zone.from_text(text, origin=dns.name.from_text(apex), relativize=False)


def _infrastructure() -> Iterator[str]:
    """Who the prober is, and where answers to it go."""
    yield f"probe A {PROBE_ADDRESS}"
    yield "probe MX 10 canary"
    yield f"canary A {CANARY_ADDRESS}"


def _samples(samples: Iterable[Sample]) -> Iterator[str]:
    for sample in samples:
        for record in sample.records:
            owner, rest = record.split(maxsplit=1)
            yield f"{sample.domain if owner == '@' else f'{owner}.{sample.domain}'}. {rest}"
        for host in sample.hosts:
            yield f"{sample.domain}. MX {host.preference} {host.name}."
            yield f"{host.name}. A {host.address}"
            if host.ipv6:
                yield f"{host.name}. AAAA ::1"


def _reverse_names(hosts: Iterable[MailHost], suffix: str) -> Iterator[str]:
    """Forward records of reverse names that are not a host's own name."""
    for host in hosts:
        for name in host.ptr:
            if name != host.name and name.endswith(f".{suffix}"):
                yield f"{name}. A {host.ptr_leads_to}"


def _pointers(hosts: Iterable[MailHost], suffix: str) -> Iterator[str]:
    yield f"{_backwards(PROBE_ADDRESS)}.in-addr.arpa. PTR probe.{suffix}."
    yield f"{_backwards(CANARY_ADDRESS)}.in-addr.arpa. PTR canary.{suffix}."
    for host in hosts:
        for name in host.ptr:
            yield f"{_backwards(host.address)}.in-addr.arpa. PTR {name}."


def _pointer_v6(hosts: Iterable[MailHost]) -> Iterator[str]:
    return (f"@ PTR {name}." for host in hosts if host.ipv6 for name in host.ptr)


def _listings(hosts: Iterable[MailHost]) -> Iterator[str]:
    listed = {host.address: host.listed for host in hosts if host.listed}
    self_test = {"127.0.0.2": "127.0.0.2", "::ffff:127.0.0.2": "127.0.0.2"}
    for address, code in {**self_test, **listed}.items():
        yield f"{_backwards(address)} A {code}"
        yield f'{_backwards(address)} TXT "{_LISTED_WHY}"'


def _backwards(address: str) -> str:
    """Return the address as reverse zones and blocklists spell it, without their own name."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
