"""relaycheck's word on real mail servers, opened and closed as people have them."""

from __future__ import annotations

import pytest

from tests.servers.asking import SUFFIX, report_on
from tests.servers.products import PRODUCTS
from tests.servers.setups import Setup, setups

EVERY_SETUP = [
    pytest.param(each, id=f"{each.product}.{each.name}")
    for each in setups().values()
    if each.is_plain
]


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
    assert setup.product.partition("_")[0] == endpoint.mta.product.lower()
