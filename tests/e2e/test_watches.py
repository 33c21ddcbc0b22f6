"""A person at the page who watches a domain: what the channel hears, the list, and Home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.sandbox.hosts import sample_hosts
from bot.sandbox.hosts.name_server import name_server, responder
from bot.sandbox.session import running_sandbox
from tests.e2e.conftest import shoot
from tests.e2e.test_check import type_command
from tests.test_watching import DOMAIN, Play

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import dns.zone

    from bot.sandbox.slack import StandIn
    from tests.e2e.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def play(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Play]:
    """The sandbox, with a domain whose host may change."""
    zones: list[dns.zone.Zone] = []
    async with sample_hosts(with_canary=False) as hosts:
        address, _, port = hosts.resolver.removeprefix("udp://").partition(":")
        respond = responder(zones, upstream=address, upstream_port=int(port))
        async with name_server(respond, address) as own_port:
            settings = {
                "RELAYCHECK_RESOLVER": f"udp://{address}:{own_port}",
                "RELAYCHECK_PORTS": str(hosts.port),
                "RELAYCHECK_DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('db')}/relay.db",
            }
            async with running_sandbox(port=0, settings=settings) as (slack, _):
                made = Play(hosts=hosts, slack=slack, settings=settings, zones=zones)
                made.lead_to("closed")
                yield made


@pytest_asyncio.fixture(loop_scope="module")
async def slack(play: Play) -> StandIn:
    """The Slack of that sandbox."""
    return play.slack


async def test_from_the_command_to_home(visit: Open, play: Play) -> None:
    """A watch stands in the channel, its change too; it is paused and ended by button."""
    async with visit() as page:
        messages = page.locator("#messages")
        await type_command(page, f"/relaycheck watch {DOMAIN} every 6h")
        await expect(messages).to_contain_text("Watched every 6 hours from now on")
        play.lead_to("open")
        await play.be_due()
        await expect(messages).to_contain_text("accepts a stranger's mail", timeout=20_000)
        await expect(messages).to_contain_text("is accepted there now, and was not before")
        await shoot(page, "watch-change")
        await messages.locator(".thread-summary").first.click()
        thread = page.get_by_role("log", name="Thread")
        await expect(thread.locator(".message")).to_have_count(3)
        await shoot(page, "watch-thread")
        await page.keyboard.press("Escape")

        await type_command(page, "/relaycheck watches")
        listed = messages.locator("[data-ephemeral]").last
        await expect(listed).to_contain_text("LIKELY OPEN")
        await shoot(page, "watch-list")
        await listed.get_by_role("button", name=f"Pause {DOMAIN}").click()
        await expect(listed).to_contain_text("paused by @dana")

        await page.locator(".channels a", has_text="relaycheck").click()
        await page.locator("#channel-head").get_by_role("tab", name="Home").click()
        home = page.locator(".home")
        await expect(home).to_contain_text("Your watches")
        await expect(home.get_by_role("button", name=f"Resume {DOMAIN}")).to_be_visible()
        await home.get_by_text("Your watches").evaluate(
            "node => node.scrollIntoView({ block: 'start' })"
        )
        await shoot(page, "watch-home")
        await home.get_by_role("button", name=f"End {DOMAIN}").click()
        await page.get_by_role("dialog").get_by_role("button", name="End it").click()
        await expect(home.get_by_role("button", name=f"End {DOMAIN}")).to_have_count(0)


async def test_from_a_card(visit: Open, play: Play) -> None:
    """The button on a card opens a form, and the card then says who watches."""
    play.lead_to("closed")
    async with visit("/#/C0PAYLOAD") as page:
        await type_command(page, f"/relaycheck {DOMAIN}")
        await page.locator("#messages").get_by_role("button", name="Watch").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("How often?")
        await shoot(page, "watch-form")
        await dialog.get_by_label("Weekly").check()
        await dialog.get_by_role("button", name="Watch").click()
        await expect(page.locator("#messages")).to_contain_text("Watched for #payload-incidents by")
        await page.locator("#messages .thread-summary").first.click()
        thread = page.get_by_role("log", name="Thread")
        await expect(thread).to_contain_text("Watched weekly from now on")
        await shoot(page, "watch-card")
