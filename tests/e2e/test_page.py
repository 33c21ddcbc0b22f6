"""The page by itself, with a small app of Bolt's behind it: blocks, modals, Home, menus."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.page import Command, Listing, Shortcut, Suggestion, add_page
from bot.sandbox.slack import StandIn
from tests.e2e.conftest import shoot
from tests.e2e.gallery import BLOCKS, HOME, MODAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="module")
LISTING = Listing(
    commands=(Command("/relaycheck", "Check a domain", "example.com", escapes=False),),
    shortcuts=(
        Shortcut("here", "Check domains here", is_global=False),
        Shortcut("any", "Check a domain …", is_global=True),
    ),
    suggestions=(Suggestion("open.sandbox.test", "An open relay."),),
    has_home=True,
)


@dataclass(slots=True)
class App:
    """A small app: it opens a modal, publishes a Home, and keeps what it was told."""

    client: AsyncWebClient
    told: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        """Acknowledge and keep."""
        self.told.append(body)
        await ack(**(self.answers.pop(0) if self.answers else {}))

    async def open(self, ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        """Open the modal."""
        await self.hear(ack, body)
        await self.client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def home(self, event: dict[str, Any]) -> None:
        """Publish the Home."""
        await self.client.views_publish(user_id=event["user"], view=HOME)


@pytest_asyncio.fixture(loop_scope="module")
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in with the page alone: no sample hosts, and another app than relaycheck."""
    stand_in = StandIn()
    add_page(stand_in, LISTING)
    async with stand_in:
        yield stand_in


@pytest_asyncio.fixture(loop_scope="module")
async def app(slack: StandIn) -> AsyncIterator[App]:
    """The small app, connected."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.state.bot_token, base_url=slack.base_url, session=session)
        small = App(client)
        bolt = AsyncApp(client=client, signing_secret="")
        for action in ("again", "prove", "menu"):
            bolt.action(action)(small.hear)
        for opens in (bolt.action("options"), bolt.shortcut("any"), bolt.command("/relaycheck")):
            opens(small.open)
        bolt.shortcut("here")(small.hear)
        bolt.view("options")(small.hear)
        bolt.event("app_home_opened")(small.home)
        handler = AsyncSocketModeHandler(bolt, slack.state.app_token)
        handler.client.web_client = AsyncWebClient(base_url=slack.base_url, session=session)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it bare
        await slack.connected()
        yield small
        await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it bare


async def post(app: App) -> None:
    """Post the gallery."""
    await app.client.chat_postMessage(
        channel="C0INCIDENT", text="gallery", blocks=list(BLOCKS.values())
    )


@asynccontextmanager
async def gallery(visit: Open, app: App, **options: object) -> AsyncIterator[Any]:
    """Open the page on the gallery, the side panel closed."""
    async with visit(**options) as page:
        await post(app)
        if await page.locator("#side").is_visible():
            await page.locator("#open-side").click()
        await expect(page.locator("#messages .block-actions")).to_be_visible()
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_block_is_drawn(visit: Open, app: App, scheme: str) -> None:
    """Each block type has its drawing, and foreign text in it is text."""
    tall = {"viewport": {"width": 900, "height": 1500}, "color_scheme": scheme}
    async with gallery(visit, app, **tall) as page:
        drawn = await page.locator("#messages [data-block]").evaluate_all(
            "nodes => nodes.map(node => node.dataset.block)"
        )
        assert {block["type"] for block in BLOCKS.values()} <= set(drawn)
        await expect(page.locator("#messages .unknown")).to_have_count(0)
        await expect(page.locator("#messages .broadcast")).to_have_count(0)
        links = await page.locator("#messages .blocks a").evaluate_all(
            "all => all.map(a => a.href)"
        )
        assert ["https://example.com/a"] == links
        await shoot(page, f"gallery-{scheme}")


async def test_buttons_and_choices_tell_the_app(visit: Open, app: App) -> None:
    """A press arrives; a danger asks first; a choice works by keyboard and keeps the focus."""
    async with gallery(visit, app) as page:
        await page.get_by_role("button", name="Check again").click()
        await page.get_by_role("button", name="Prove delivery").click()
        await shoot(page, "confirm")
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Prove delivery").click()
        await page.get_by_role("button", name="Send it").click()
        choice = page.get_by_label("Other ports")
        await choice.focus()
        await page.keyboard.press("Space")
        await shoot(page, "choice")
        await expect(choice).to_be_focused()
        await expect(choice).not_to_have_attribute("aria-busy", "true")

        actions = [each["actions"][0] for each in app.told]
        assert ["again", "prove", "menu"] == [each["action_id"] for each in actions]
        assert "ports" == actions[2]["selected_option"]["value"]


async def test_modal_keeps_what_is_typed_and_shows_errors(visit: Open, app: App) -> None:
    """A modal opens, tells an error at its field, keeps what was typed, and submits all of it."""
    async with gallery(visit, app) as page:
        await page.get_by_role("button", name="Options …").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Domain").fill("nonsense")
        await dialog.get_by_label("Prove").check()
        await dialog.get_by_label("Me").check()
        app.answers.append({"response_action": "errors", "errors": {"domain": "Not a domain."}})
        await dialog.get_by_role("button", name="Check").click()
        await expect(dialog.locator(".error")).to_have_text("Not a domain.")
        await expect(dialog.get_by_label("Domain")).to_have_value("nonsense")
        await shoot(page, "modal")
        await dialog.get_by_label("Domain").fill("example.com")
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)

        values = app.told[-1]["view"]["state"]["values"]
        assert "example.com" == values["domain"]["domain"]["value"]
        flags = values["flags"]["flags"]["selected_options"]
        assert ["variants", "prove"] == [each["value"] for each in flags]
        assert "me" == values["who"]["who"]["selected_option"]["value"]
        assert "C0INCIDENT" == values["where"]["where"]["selected_conversation"]


async def test_escape_closes_a_modal(visit: Open, app: App) -> None:
    """A command may open a modal as well; Escape closes it, here and for the server."""
    async with visit() as page:
        await page.locator("#composer").press_sequentially("/relaycheck ")
        await page.locator("#composer").press("Escape")
        await page.locator("#composer").press("Enter")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_shortcuts_are_in_their_menus(visit: Open, app: App) -> None:
    """A message's menu and the composer's offer what the manifest registers."""
    async with gallery(visit, app) as page:
        await page.locator("#messages .message").hover()
        await page.get_by_role("button", name="More actions for this message").click()
        await page.get_by_role("menuitem", name="Check domains here").click()
        await page.get_by_role("button", name="Shortcuts").click()
        await page.get_by_role("menuitem", name="Check a domain").click()
        await expect(page.get_by_role("dialog")).to_be_visible()

        assert ["message_action", "shortcut"] == [each["type"] for each in app.told]


async def test_home_is_shown_when_its_tab_is_opened(visit: Open, app: App) -> None:
    """The Home tab stands in the app's DM, and shows what the app publishes."""
    async with visit("/#/D0RELAYCHK") as page:
        await page.locator("#channel-head").get_by_role("tab", name="Home").click()

        await expect(page.locator(".home .block-header")).to_contain_text("LIKELY OPEN")
        await shoot(page, "home")


async def test_update_in_place_keeps_focus_and_count(visit: Open, app: App) -> None:
    """chat.update changes the message where it stands; the focused button stays focused."""
    async with visit() as page:
        sent = await app.client.chat_postMessage(
            channel="C0INCIDENT", text="x", blocks=[BLOCKS["header"], BLOCKS["actions"]]
        )
        await page.locator("[data-action=again]").focus()
        changed = {**BLOCKS["header"], "text": {"type": "plain_text", "text": "Changed"}}
        await app.client.chat_update(
            channel="C0INCIDENT", ts=sent["ts"], text="x", blocks=[changed, BLOCKS["actions"]]
        )

        await expect(page.locator("#messages .block-header")).to_have_text("Changed")
        await expect(page.locator("#messages .message")).to_have_count(1)
        await expect(page.locator("[data-action=again]")).to_be_focused()


async def test_mention_in_another_channel_is_counted(visit: Open, slack: StandIn, app: App) -> None:
    """An unread channel is bold; one that was pinged has a number, until it is opened."""
    async with visit() as page:
        await slack.say("kai", "general", "hello")
        await slack.say("kai", "general", "<!here> look")
        entry = page.locator(".channels a", has_text="general")
        await expect(entry).to_have_class("unread")
        await expect(entry.locator(".count")).to_have_text("1")
        await entry.click()
        await expect(entry.locator(".count")).to_have_count(0)


async def test_person_writes_and_replies(visit: Open, slack: StandIn) -> None:
    """Messages and replies are said as the person that one is; commands stay out of threads."""
    async with visit() as page:
        await page.locator("#composer").fill("*hello* <b>")
        await page.locator("#composer").press("Enter")
        message = page.locator("#messages .message")
        await expect(message.locator("strong", has_text="hello")).to_be_visible()
        await message.hover()
        await message.get_by_label("Reply in thread").click()
        reply = page.locator("#thread-composer")
        await reply.fill("/relaycheck example.com")
        await reply.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("not supported in threads")
        await reply.fill("a reply")
        await reply.press("Enter")
        await expect(page.locator("#messages .thread-summary")).to_contain_text("1 reply")
        parent = slack.channel("incident").parents[0]
        assert "*hello* &lt;b&gt;" == parent.text
        await page.goto(f"{slack.state.origin}/archives/C0INCIDENT/p{parent.ts.replace('.', '')}")
        await expect(page.get_by_role("log", name="Thread")).to_contain_text("a reply")


async def test_archived_channel_takes_nothing(visit: Open) -> None:
    """In an archived channel the composer is closed."""
    async with visit("/#/C0ARCHIVED") as page:
        await expect(page.locator("#composer")).to_be_disabled()


async def test_missing_app_is_said(visit: Open, slack: StandIn) -> None:
    """Without an app the page says so, and a command fails visibly."""
    async with visit() as page:
        await expect(page.locator("#status")).to_have_text("app not connected")
        await page.locator("[data-domain='open.sandbox.test']").click()
        await expect(page.locator("#messages")).to_contain_text("dispatch_failed")
