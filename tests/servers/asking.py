"""One real check of a server of the tests: its zone, who asks, and what is reported."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import dns.zone

from bot.check import check
from bot.request import Request, parse_request
from bot.sandbox.hosts.name_server import name_server, responder
from bot.settings import Settings
from bot.world import open_world

if TYPE_CHECKING:
    from bot.model.report import Report
    from tests.servers.mail_server import MailServer

SUFFIX = "servers.test"
_PROBE = f"probe.{SUFFIX}"
_DNS_ADDRESS = "127.60.255.2"


def _zone(server: MailServer) -> dns.zone.Zone:
    """Return a zone that holds the server and who the probe is."""
    addresses = "\n".join(
        f"{server.host}. {'AAAA' if ':' in each.ip else 'A'} {each.ip}" for each in server.listens
    )
    text = f"""$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
probe A 127.0.0.1
probe MX 10 probe
{server.domain}. MX 10 {server.host}.
{addresses}
"""
    return dns.zone.from_text(text, origin=SUFFIX, relativize=False)


async def report_on(server: MailServer) -> Report:
    """Check the domain of a server, which ends in ``SUFFIX``; return the finished report."""
    async with name_server(responder([_zone(server)]), _DNS_ADDRESS) as port:
        settings = Settings(
            resolver=f"udp://{_DNS_ADDRESS}:{port}",
            blocklists="off",
            ports=(server.port, 587) if server.part("submission") else (server.port,),
            allow_networks=tuple(ip_network(each.ip) for each in server.listens),
            allow_domains=(SUFFIX,),
            ehlo_name=_PROBE,
            mail_from=f"stranger@{_PROBE}",
            rcpt_to=f"canary@{_PROBE}",
        )
        typed = f"{server.domain} --variants" if server.setup.variants else server.domain
        request = parse_request(typed, allowed_suffixes=(SUFFIX,))
        assert isinstance(request, Request)
        async with open_world(settings) as world:
            return [progress.report async for progress in check(request, world)][-1]
