"""The sample mail hosts as data: what ``samples.toml`` and ``dialects.toml`` say, with addresses.

Knows no socket. Addresses are given out in the file's order from 127.0.10.10 upwards, so that each
host keeps its own, as a connection-limited prober expects, and all share one port.
"""

from __future__ import annotations

import ipaddress
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HERE = Path(__file__).parent
_FIRST_ADDRESS = ipaddress.IPv4Address("127.0.10.10")


class Tls(StrEnum):
    """Whether a host has STARTTLS, and whether it insists on it."""

    NONE = "none"
    OFFERED = "offered"
    DEMANDED = "demanded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A product's words: ``ehlo`` lines without code, and one reply for each thing to say."""

    ehlo: tuple[str, ...]
    replies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHost:
    """One MX host of a sample, and how it behaves. Fields as the head of ``samples.toml`` says.

    ``name`` is the full host name, ``ptr`` are full names, ``replies`` already hold what differs
    from the dialect.
    """

    name: str
    domain: str
    address: str
    preference: int
    ehlo: tuple[str, ...]
    replies: Mapping[str, str]
    greeting: tuple[str, ...]
    ptr: tuple[str, ...]
    ptr_leads_to: str
    relays: frozenset[str] = frozenset()
    relays_over_ipv6: frozenset[str] = frozenset()
    refusal: str = "relay_denied"
    ipv6: bool = False
    listed: str = ""
    greeting_delay_s: float = 0.0
    greylist_s: float = 0.0
    blocks_client: bool = False
    refuses_message: bool = False
    tls: Tls = Tls.NONE
    login: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One domain to try.

    ``expects`` is the verdict of a plain check as ``verdict/reason``, ``proved`` the one with
    ``--prove``. ``records`` are zone-file lines relative to ``domain``.
    """

    domain: str
    shows: str
    expects: str
    proved: str
    without_ipv6: str
    records: tuple[str, ...] = ()
    hosts: tuple[MailHost, ...] = ()


@dataclass(slots=True)
class _Addresses:
    """Gives out addresses, each once."""

    next: ipaddress.IPv4Address = field(default=_FIRST_ADDRESS)

    def take(self) -> str:
        taken, self.next = self.next, self.next + 1
        return str(taken)


def load_samples(suffix: str) -> tuple[Sample, ...]:
    """Read the samples.

    Args:
        suffix: the domain below which they stand, ``sandbox.test``.
    """
    entries = _read("samples.toml")["sample"]
    dialects = {
        name: Dialect(ehlo=tuple(words.pop("ehlo")), replies=words)
        for name, words in _read("dialects.toml").items()
    }
    addresses = _Addresses()
    return tuple(_sample(entry, suffix, dialects, addresses) for entry in entries)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def _sample(
    entry: dict[str, Any], suffix: str, dialects: Mapping[str, Dialect], addresses: _Addresses
) -> Sample:
    domain = f"{entry['name']}.{suffix}"
    return Sample(
        domain=domain,
        shows=entry["shows"],
        expects=entry["expects"],
        proved=entry.get("proved", entry["expects"]),
        without_ipv6=entry.get("without_ipv6", entry["expects"]),
        records=tuple(entry.get("records", ())),
        hosts=tuple(
            _host(one, domain, suffix, dialects, addresses)
            for host in entry.get("host", ())
            for one in _each(host)
        ),
    )


def _each(host: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Write out ``count``."""
    count = host.get("count")
    if count is None:
        yield host
        return
    for number in range(1, count + 1):
        yield {**host, "name": f"{host['name']}{number:02}"}


_BEHAVIOUR = (
    "refusal",
    "ipv6",
    "listed",
    "greeting_delay_s",
    "greylist_s",
    "blocks_client",
    "refuses_message",
    "login",
)


def _host(
    entry: dict[str, Any],
    domain: str,
    suffix: str,
    dialects: Mapping[str, Dialect],
    addresses: _Addresses,
) -> MailHost:
    address = addresses.take()
    name = f"{entry['name']}.{domain}"
    dialect = dialects[entry["dialect"]]
    replies = {**dialect.replies, **entry.get("replies", {})}
    names = {"suffix": suffix, "dashed": address.replace(".", "-")}
    return MailHost(
        name=name,
        domain=domain,
        address=address,
        preference=entry.get("preference", 10),
        ehlo=dialect.ehlo,
        replies=replies,
        greeting=tuple(entry.get("greeting", (replies["greeting"],))),
        ptr=tuple(each.format_map(names) for each in entry.get("ptr", (name,))),
        ptr_leads_to=entry.get("ptr_leads_to", address),
        relays=frozenset(entry.get("relays", ())),
        relays_over_ipv6=frozenset(entry.get("relays_over_ipv6", entry.get("relays", ()))),
        tls=Tls(entry.get("tls", Tls.NONE)),
        **{key: entry[key] for key in _BEHAVIOUR if key in entry},
    )
