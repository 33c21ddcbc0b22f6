"""relaycheck's word on real mail servers, opened and closed as people have them."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import dns.zone
import pytest

from bot.check import check
from bot.request import Request, parse_request
from bot.sandbox.hosts.name_server import name_server, responder
from bot.settings import Settings
from bot.world import open_world
from tests.servers.products import PRODUCTS
from tests.servers.setups import Setup, setups

if TYPE_CHECKING:
    from bot.model.report import Report
    from tests.servers.mail_server import MailServer

SUFFIX = "servers.test"
PROBE = f"probe.{SUFFIX}"
DNS_ADDRESS = "127.60.255.2"
EVERY_SETUP = [pytest.param(each, id=f"{each.product}.{each.name}") for each in setups().values()]


def zone(server: MailServer) -> dns.zone.Zone:
    """Return a zone that holds the server and who the probe is."""
    text = f"""$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
probe A 127.0.0.1
probe MX 10 probe
{server.domain}. MX 10 {server.host}.
{server.host}. A {server.ip}
"""
    return dns.zone.from_text(text, origin=SUFFIX, relativize=False)


async def report_on(server: MailServer) -> Report:
    """Check the server's domain."""
    async with name_server(responder([zone(server)]), DNS_ADDRESS) as port:
        settings = Settings(
            resolver=f"udp://{DNS_ADDRESS}:{port}",
            ports=(server.port,),
            allow_networks=(ip_network("127.0.0.0/8"),),
            allow_domains=(SUFFIX,),
            ehlo_name=PROBE,
            mail_from=f"stranger@{PROBE}",
            rcpt_to=f"canary@{PROBE}",
        )
        request = parse_request(server.domain, allowed_suffixes=(SUFFIX,))
        assert isinstance(request, Request)
        async with open_world(settings) as world:
            return [progress.report async for progress in check(request, world)][-1]


@pytest.mark.parametrize("setup", EVERY_SETUP)
async def test_the_verdict_is_what_the_server_does(setup: Setup) -> None:
    """The verdict agrees with the setup, and the server is told apart by its product."""
    domain = f"{setup.name.replace('_', '-')}.{SUFFIX}"
    async with PRODUCTS[setup.product](domain, relay=setup.name) as server:
        report = await report_on(server)

    (endpoint,) = [
        endpoint for mx in report.mx for address in mx.addresses for endpoint in address.endpoints
    ]
    assert report.judgement is not None
    assert setup.expects == f"{report.judgement.verdict}/{report.judgement.reason}"
    assert endpoint.mta is not None
    assert setup.product == endpoint.mta.product.lower()
