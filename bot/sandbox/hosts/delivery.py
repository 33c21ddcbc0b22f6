"""How a sample host passes mail on: to the mail hosts of the sandbox's zones, and nowhere else."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

import aiosmtplib
import dns.exception
import dns.name
import dns.rdatatype
import dns.zone

from bot.sandbox.hosts.name_server import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.hosts.canary import Message

_LOG = logging.getLogger(__name__)
_DELIVERY_S = 10.0


async def deliver(
    zones: Sequence[dns.zone.Zone],
    port: int,
    helo: str,
    message: Message,
) -> None:
    """Pass one message on to each recipient's mail host in the sandbox.

    What belongs to a domain outside, or is not taken there, is dropped with a word in the log: a
    sample host never sends to the network, and keeps no queue.

    Args:
        zones: where MX and A records are looked up.
        port: on which every mail host of the sandbox listens.
        helo: what the passing host calls itself.
        message: what goes out, to whom.
    """
    by_address: dict[str, list[str]] = defaultdict(list)
    for path in message.forward_paths:
        address = mail_host(zones, path.rpartition("@")[2])
        if address is None:
            _LOG.info("not relayed, no mail host of the sandbox: %r", path)
        else:
            by_address[address].append(path)
    for address, recipients in by_address.items():
        client = aiosmtplib.SMTP(
            hostname=address, port=port, start_tls=False, timeout=_DELIVERY_S, local_hostname=helo
        )
        try:
            async with client:
                await client.sendmail(message.reverse_path, recipients, message.content)
        except (aiosmtplib.SMTPException, OSError) as error:
            _LOG.warning("not relayed to %s: %s", address, error)


def mail_host(zones: Sequence[dns.zone.Zone], domain: str) -> str | None:
    """Return the address of a domain's first MX host, where the zones hold one."""
    try:
        name = dns.name.from_text(domain)
    except dns.exception.DNSException:
        return None
    zone = zone_of(zones, name)
    if zone is None:
        return None
    routes = zone.get_rdataset(name, dns.rdatatype.MX) or ()
    for route in sorted(routes, key=lambda mx: mx.preference):
        for address in zone.get_rdataset(route.exchange, dns.rdatatype.A) or ():
            return str(address.address)
    return None
