"""A person at the page: from the slash command to the card, and what they see on the way.

All in one sandbox, each test in a channel of its own.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.conftest import open_room, shoot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Locator, Page

    from bot.sandbox.slack import StandIn
    from tests.e2e.conftest import Open

    Aged = Callable[[], Awaitable[str]]

pytestmark = pytest.mark.asyncio(loop_scope="module")
DESKTOP_DARK = {"color_scheme": "dark"}
PHONE = {
    "viewport": {"width": 390, "height": 800},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
# So long after a check its buttons may begin another.
AGAIN_S = 61.0


@pytest.fixture
def visit(visit: Open, room: str) -> Open:
    """Open the page in this test's own channel."""

    def visiting(path: str = f"/#/{room}", **options: object) -> Any:  # noqa: ANN401 - as Open
        return visit(path, **options)

    return visiting


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def aged(sandbox: StandIn) -> Aged:
    """Ask for what is pressed on at the end: cards must be a minute old to be checked again.

    Returns a function that waits for that, and returns the channel of these cards.
    """
    room = open_room(sandbox)
    for name in ("open", "closed", "own-sender", "login"):
        await sandbox.slash_command("dana", room, f"{name}.sandbox.test")
    ready = asyncio.get_running_loop().time() + AGAIN_S

    async def wait() -> str:
        await asyncio.sleep(max(0.0, ready - asyncio.get_running_loop().time()))
        return room

    return wait


async def type_command(page: Page, text: str) -> None:
    """Type into the composer as a person does, and send it."""
    composer = page.locator("#composer")
    await composer.click()
    await composer.press_sequentially(text)
    await composer.press("Escape")
    await composer.press("Enter")


async def test_newcomer_gets_to_an_open_relay_card(visit: Open) -> None:
    """The first button of an empty channel leads to the card of an open relay."""
    async with visit() as page:
        await shoot(page, "welcome")
        await page.get_by_role("button", name="/relaycheck open.sandbox.test").click()

        await expect(page.locator("#messages .block-header")).to_contain_text("open.sandbox.test")
        await expect(page.locator("#messages .blocks")).to_contain_text("LIKELY OPEN")
        await expect(page.locator("[data-ephemeral]")).to_contain_text("Only visible to you")
        await shoot(page, "open")


async def test_command_is_completed_and_the_card_fills_in(visit: Open) -> None:
    """Completion by keyboard alone; the same message changes until all hosts have answered."""
    async with visit() as page:
        composer = page.locator("#composer")
        await composer.press_sequentially("/rel")
        await expect(page.locator(".completions li")).to_contain_text("/relaycheck")
        await composer.press("Tab")
        await composer.press_sequentially("backu")
        await expect(page.locator(".completions li")).to_contain_text("backup.sandbox.test")
        await shoot(page, "completion")
        await composer.press("Tab")
        await composer.press("Enter")

        header = page.locator("#messages .block-header")
        await expect(header).to_contain_text("1 of 3 mail hosts")
        await expect(header).to_have_count(1)
        await expect(page.locator("#messages .thread-summary")).to_contain_text("3 replies")


async def test_thread_holds_a_card_for_each_host(visit: Open, room: str) -> None:
    """Opening the thread shows the parent and the host's card, with the repair and the evidence."""
    async with visit() as page:
        await type_command(page, "/relaycheck open.sandbox.test")
        await page.locator("#messages .thread-summary").click()

        thread = page.get_by_role("log", name="Thread")
        await expect(thread.locator(".message")).to_have_count(2)
        mx_card = thread.locator(".message").nth(1)
        await expect(mx_card.locator(".block-header")).to_contain_text("mx1.open.sandbox.test")
        await expect(mx_card.locator("pre").first).to_be_visible()
        await expect(page).to_have_url(re.compile(rf"#/{room}/\d+\.\d+$"))
        await mx_card.evaluate("node => node.scrollIntoView({ block: 'start' })")
        await shoot(page, "thread")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(re.compile(rf"#/{room}$"))


async def test_evidence_opens_page_by_page_in_a_modal(visit: Open) -> None:
    """The button on a host's card opens the whole conversation, and Escape closes it."""
    async with visit() as page:
        await type_command(page, "/relaycheck open.sandbox.test")
        await page.locator("#messages .thread-summary").click()
        await page.get_by_role("log", name="Thread").get_by_role("button", name="Evidence").click()

        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("RCPT TO:")
        await shoot(page, "evidence")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)


async def test_acknowledging_asks_and_then_says_who_has_it(visit: Open) -> None:
    """Acknowledge asks first; then the card says who has it, on everybody's page."""
    async with visit() as danas, visit() as kais:
        await type_command(danas, "/relaycheck open.sandbox.test")
        await kais.get_by_label("You are").select_option("Kai Lindqvist")
        await kais.get_by_role("button", name="Acknowledge").click()
        await shoot(kais, "acknowledge")
        await kais.get_by_role("button", name="I have it").click()

        await expect(danas.locator("#messages")).to_contain_text("@kai")
        await expect(danas.get_by_role("button", name="Acknowledge")).to_have_count(0)


async def test_private_result_is_shared_by_its_owner(visit: Open) -> None:
    """--private shows the result to its asker alone, until it is shared."""
    async with visit() as danas, visit() as kais:
        await kais.get_by_label("You are").select_option("Kai Lindqvist")
        await type_command(danas, "/relaycheck closed.sandbox.test --private")
        share = danas.get_by_role("button", name="Share")
        await expect(share).to_be_visible()
        await shoot(danas, "private")
        await expect(kais.locator("#messages .message")).to_have_count(0)
        await share.click()
        await danas.get_by_role("button", name="Share it").click()

        await expect(kais.locator("#messages")).to_contain_text("closed.sandbox.test")


async def test_check_again_asks_anew(visit: Open) -> None:
    """Check again is answered where it was pressed."""
    async with visit() as page:
        await type_command(page, "/relaycheck null-mx.sandbox.test")
        await expect(page.locator("#messages .block-header")).to_have_count(1)
        await page.get_by_role("button", name="Check again").click()

        await expect(page.locator("#messages .message").nth(2)).to_be_visible()


async def test_export_is_two_files_in_the_thread(visit: Open, slack: StandIn) -> None:
    """Export puts the report into the thread of its card, as a page and as JSON."""
    async with visit() as page:
        await type_command(page, "/relaycheck closed.sandbox.test")
        await page.get_by_role("button", name="Export", exact=True).click()
        await page.locator("#messages .thread-summary").click()

        files = page.get_by_role("log", name="Thread").locator(".file")
        await expect(files).to_have_count(2)
        html, address = [await file.get_attribute("href") for file in await files.all()]
        assert html
        assert address
        shown = await (await page.request.get(slack.state.origin + html)).text()
        assert shown.startswith("<!doctype html>")
        saved = await (await page.request.get(slack.state.origin + address)).json()
        assert ("relaycheck/1", "closed.sandbox.test") == (saved["schema"], saved["domain"])


async def test_words_are_answered_to_one_person(visit: Open) -> None:
    """History, verification and status come to who asks alone; a slip is asked back."""
    answers = {
        "history closed.sandbox.test": "mx1.closed.sandbox.test: CLOSED ",
        "verify closed.sandbox.test": "_relaycheck.closed.sandbox.test. TXT",
        "status": "EHLO probe.sandbox.test",
        "histroy closed.sandbox.test": "Did you mean /relaycheck history closed.sandbox.test?",
    }
    async with visit() as page:
        await type_command(page, "/relaycheck closed.sandbox.test")
        await expect(page.locator("#messages .block-header")).to_contain_text("refuses strangers")
        for typed, said in answers.items():
            await type_command(page, f"/relaycheck {typed}")
            await expect(page.locator("[data-ephemeral]").last).to_contain_text(said)
        await shoot(page, "words")


async def test_mention_is_answered_in_its_thread(visit: Open) -> None:
    """@relaycheck and a domain is the same as the command, below the message that asked."""
    async with visit() as page:
        await page.locator("#composer").fill("@relaycheck closed.sandbox.test")
        await page.locator("#composer").press("Enter")
        await page.locator("#messages .thread-summary").click()

        thread = page.get_by_role("log", name="Thread")
        await expect(thread).to_contain_text("closed.sandbox.test: ")


async def test_message_shortcut_offers_the_domains_of_a_message(
    visit: Open, slack: StandIn, room: str
) -> None:
    """Of two domains one is ticked; its card comes in the message's thread."""
    async with visit() as page:
        await slack.say("kai", room, "bounces: a@closed.sandbox.test, null-mx.sandbox.test")
        await page.locator("#messages .message").hover()
        await page.get_by_role("button", name="More actions for this message").click()
        await page.get_by_role("menuitem", name="Check domains here").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("null-mx.sandbox.test").check()
        await shoot(page, "shortcut")
        await dialog.get_by_role("button", name="Check").click()

        await page.locator("#messages .thread-summary").click()
        thread = page.get_by_role("log", name="Thread")
        await expect(thread.locator(".block-header").first).to_contain_text("null-mx.sandbox.test")
        await expect(thread.locator(".block-header")).to_have_count(1)


async def test_message_shortcut_asks_about_the_only_domain_at_once(
    visit: Open, slack: StandIn, room: str
) -> None:
    """One domain needs no choice, also as a link in code: its card comes in the thread."""
    async with visit() as page:
        await slack.say("kai", room, "see `<http://null-mx.sandbox.test|null-mx.sandbox.test>`")
        await page.locator("#messages .message").hover()
        await page.get_by_role("button", name="More actions for this message").click()
        await page.get_by_role("menuitem", name="Check domains here").click()

        await page.locator("#messages .thread-summary").click()
        thread = page.get_by_role("log", name="Thread")
        await expect(thread.locator(".block-header")).to_contain_text("null-mx.sandbox.test")


async def test_global_shortcut_asks_for_the_domain_and_the_place(visit: Open) -> None:
    """The form refuses what is no domain beside its field, then posts where it was told."""
    async with visit() as page:
        await page.get_by_role("button", name="Shortcuts").click()
        await page.get_by_role("menuitem", name="Check a domain").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Domain").fill("localhost")
        await dialog.get_by_role("button", name="Check").click()
        await expect(dialog.locator(".error")).to_be_visible()
        await shoot(page, "form")
        await dialog.get_by_label("Domain").fill("closed.sandbox.test")
        await dialog.get_by_role("button", name="Check").click()

        await expect(page.locator("#messages .block-header")).to_contain_text("closed.sandbox.test")


async def test_home_shows_what_one_asked_for(visit: Open) -> None:
    """The Home tab lists one's own checks, and takes a domain itself."""
    async with visit() as page:
        await type_command(page, "/relaycheck no-ptr.sandbox.test")
        await expect(page.locator("#messages .block-header")).to_contain_text("no-ptr.sandbox.test")
        await page.locator(".channels a", has_text="relaycheck").click()
        await page.locator("#channel-head").get_by_role("tab", name="Home").click()

        await expect(page.locator(".home")).to_contain_text("no-ptr.sandbox.test")
        await shoot(page, "home-tab")


async def test_home_takes_a_domain_itself(visit: Open, slack: StandIn) -> None:
    """What is typed into the field on Home is checked, and comes as a direct message."""
    async with visit("/#/D0RELAYCHK") as page:

        def published() -> int:
            return sum(call.method == "views.publish" for call in slack.state.calls)

        tabs = page.locator("#channel-head")
        before = published()
        await tabs.get_by_role("tab", name="Home").click()
        await slack.until(lambda: published() > before)  # what is typed before that is lost
        field = page.locator(".home").get_by_label("Domain")
        await field.fill("fcrdns.sandbox.test")
        await field.press("Enter")
        await expect(page.locator(".home")).to_contain_text("Checking")
        await tabs.get_by_role("tab", name="Messages").click()

        header = page.locator("#messages .block-header", has_text="fcrdns.sandbox.test")
        await expect(header.first).to_be_visible()


async def test_hostile_server_pings_nobody_and_links_nowhere(
    visit: Open, slack: StandIn, room: str
) -> None:
    """A greeting with <!channel> and a link shows as the text that it is, in every message."""
    async with visit() as page:
        await type_command(page, "/relaycheck hostile.sandbox.test")
        await page.locator("#messages .thread-summary").click()
        thread = page.get_by_role("log", name="Thread")
        await expect(thread).to_contain_text("<!channel>")
        await shoot(page, "hostile")

        everywhere = page.locator(".message")
        await expect(everywhere.locator(".mention.broadcast")).to_have_count(0)
        targets = await everywhere.locator(".blocks a, .text a").evaluate_all(
            "links => links.map(link => new URL(link.href).hostname)"
        )
        assert not [host for host in targets if "evil" in host or "sandbox.test" in host]
    raw = [message.text for message in slack.channel(room).everything]
    assert raw
    assert not [text for text in raw if "<!channel>" in text or "<http" in text]


async def test_page_would_show_a_ping_that_nobody_escaped(
    visit: Open, slack: StandIn, room: str
) -> None:
    """The page reads mrkdwn as Slack does: an unescaped mention and link are seen as such."""
    async with visit() as page:
        await slack.say("kai", room, "<!channel> see <https://evil.example|here>")

        message = page.locator("#messages .message").last
        await expect(message.locator(".mention.broadcast")).to_have_text("@channel")
        await expect(message.locator("a[href='https://evil.example']")).to_have_text("here")


@pytest.mark.parametrize("channel", ["C0GENERAL", "C0SECURITY"])
async def test_channel_without_the_app_still_gets_an_answer(visit: Open, channel: str) -> None:
    """Where the app is not a member the person gets the result, and is told how to invite it."""
    async with visit(f"/#/{channel}") as page:
        await type_command(page, "/relaycheck closed.sandbox.test")

        messages = page.locator("#messages")
        await expect(messages).to_contain_text("closed.sandbox.test:")
        await expect(messages).to_contain_text("/invite @relaycheck")
        await shoot(page, f"no-app-{channel}")


async def test_typing_error_gets_one_sentence(visit: Open) -> None:
    """What is no domain is answered to the person alone, and nothing is posted."""
    async with visit() as page:
        await type_command(page, "/relaycheck 192.0.2.1")

        await expect(page.locator(".message[data-ephemeral]")).to_have_count(1)
        await expect(page.locator(".message:not([data-ephemeral])")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "options"),
    [("dark", DESKTOP_DARK), ("phone", PHONE), ("phone-dark", PHONE | DESKTOP_DARK)],
)
async def test_page_is_readable_in_every_light_and_width(
    visit: Open, name: str, options: dict[str, object]
) -> None:
    """Nothing is wider than the window, and the card can be read to its end."""
    async with visit(**options) as page:
        await type_command(page, "/relaycheck backup.sandbox.test")
        await expect(page.locator("#messages .block-header")).to_contain_text("1 of 3")
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert 0 >= width
        await shoot(page, name)
        await page.locator("#messages .thread-summary").click()
        await expect(page.get_by_role("log", name="Thread").locator(".message")).to_have_count(4)
        await shoot(page, f"{name}-thread")


async def test_fault_at_will_is_survived(visit: Open) -> None:
    """429 on updates, chosen in the side panel: the card is finished, and the traffic shows it."""
    async with visit() as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("[data-preset=rate_limited]").click()
        await expect(page.locator(".waiting")).to_contain_text("ratelimited")
        await shoot(page, "faults")
        await type_command(page, "/relaycheck open.sandbox.test")

        await expect(page.locator("#messages .blocks")).to_contain_text(
            "LIKELY OPEN", timeout=20_000
        )
        await page.get_by_role("tab", name="Traffic").click()
        await expect(page.locator(".traffic")).to_contain_text("ratelimited")
        await shoot(page, "traffic")


FAULTS = {
    "slow": "closed.sandbox.test:",
    "invalid_blocks": "closed.sandbox.test:",
    "too_long": "closed.sandbox.test:",
    "archived": "This channel is archived",
    "server_error": "closed.sandbox.test:",
    "lost_reply": "may stand twice",
    "revoke": "no longer takes this app's token",
    "missing_scope": "needed scope chat:write",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_result_comes_through_every_fault(visit: Open, fault: str) -> None:
    """Each fault of the side panel leaves the person with the result, and a reason if need be."""
    async with visit() as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator(f"[data-preset={fault}]").click()
        await type_command(page, "/relaycheck closed.sandbox.test")

        told = page.locator("#messages .message:has(.blocks)", has_text=FAULTS[fault])
        await expect(told).to_contain_text("CLOSED", timeout=20_000)


async def test_a_response_url_that_fails_is_used_again(visit: Open) -> None:
    """Where the app is no member and the response_url fails once, the result comes all the same."""
    async with visit("/#/C0GENERAL") as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("[data-preset=response_url]").click()
        await type_command(page, "/relaycheck blocks-us.sandbox.test")

        await expect(page.locator("#messages")).to_contain_text("blocks-us.sandbox.test:")
        await expect(page.locator("#messages")).to_contain_text("may stand twice")


async def test_a_card_that_was_deleted_stands_again(visit: Open) -> None:
    """Somebody deletes the card while a slow host is waited for: its end is posted anew."""
    async with visit() as page:
        await type_command(page, "/relaycheck tarpit.sandbox.test")
        card = page.locator("#messages .message:has(.block-header)")
        await expect(card).to_contain_text("asking its mail host")
        await card.hover()
        await card.get_by_role("button", name="More actions for this message").click()
        await page.get_by_role("menuitem", name="Delete message").click()
        await expect(card).to_have_count(0)

        await expect(card).to_contain_text("CLOSED", timeout=20_000)


async def test_a_response_url_that_is_over_leads_to_the_person(visit: Open) -> None:
    """Where neither the channel nor the response_url is open, the result is a direct message."""
    async with visit("/#/C0GENERAL") as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("[data-preset=expired_url]").click()
        await type_command(page, "/relaycheck connector.sandbox.test")
        await page.locator(".channels a", has_text="relaycheck").click()

        message = page.locator("#messages .message:has(.blocks)", has_text="connector.sandbox.test")
        await expect(message.first).to_contain_text("/invite @relaycheck")


async def test_a_window_that_comes_too_late_is_told(visit: Open) -> None:
    """When Slack opens no window any more, whoever pressed is asked to try again."""
    async with visit() as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("[data-preset=late_window]").click()
        await type_command(page, "/relaycheck closed.sandbox.test")
        await page.locator("#messages .thread-summary").click()
        await page.get_by_role("button", name="Evidence").click()

        await expect(page.locator("#messages")).to_contain_text("Please try again")


async def test_dropped_socket_and_a_dead_ticket(visit: Open, slack: StandIn) -> None:
    """After a cut and a refused ticket the app connects again and takes the next command."""
    async with visit() as page:
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("[data-preset=drop]").click()
        await page.locator("[data-preset=refuse]").click()
        await slack.connected()
        await expect(page.get_by_role("status").first).to_contain_text("app connected")
        await type_command(page, "/relaycheck null-mx.sandbox.test")

        await expect(page.locator("#messages .block-header")).to_contain_text("null-mx")


async def test_two_people_see_what_is_theirs(visit: Open) -> None:
    """What is only visible to Dana is not on Kai's page; the card is on both, live."""
    async with visit() as danas, visit() as kais:
        await kais.get_by_label("You are").select_option("Kai Lindqvist")
        await type_command(danas, "/relaycheck closed.sandbox.test")

        await expect(kais.locator("#messages .block-header")).to_contain_text("closed.sandbox.test")
        await expect(danas.locator("[data-ephemeral]")).to_have_count(1)
        await expect(kais.locator("[data-ephemeral]")).to_have_count(0)


# ------------------------------------------------------- what a card of a minute ago can be asked
def message_of(page: Page, domain: str) -> Locator:
    """Return the message of a domain's card."""
    return page.locator("#messages .message:has(.block-header)", has_text=domain)


@pytest.mark.timeout(150)
async def test_checking_again_is_told_on_the_same_card(visit: Open, aged: Aged) -> None:
    """Check again fills the card anew, and says who asked for it."""
    async with visit(f"/#/{await aged()}") as page:
        card = message_of(page, "closed.sandbox.test")
        await card.get_by_role("button", name="Check again").click()

        await expect(card).to_contain_text("Checked again by @dana")
        await expect(card).to_contain_text("Before: CLOSED")
        await expect(card.get_by_role("button", name="Check again")).to_be_visible()
        await expect(card).to_have_count(1)


@pytest.mark.timeout(150)
async def test_all_variants_are_tried_and_the_evidence_has_pages(visit: Open, aged: Aged) -> None:
    """Try all variants asks first; then the evidence is long, and is turned page by page."""
    async with visit(f"/#/{await aged()}") as page:
        card = message_of(page, "own-sender.sandbox.test")
        await card.get_by_role("button", name="Try all variants").click()
        await page.get_by_role("dialog").get_by_role("button", name="Try them").click()
        await expect(card).to_contain_text("Every form asked for by @dana")
        await expect(card.get_by_role("button", name="Check again")).to_be_visible()  # it is over
        await expect(card.get_by_role("button", name="Try all variants")).to_have_count(0)

        await card.locator(".thread-summary").click()
        await page.get_by_role("log", name="Thread").get_by_role("button", name="Evidence").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Page 1 of")
        await dialog.get_by_role("button", name="Next").click()
        await expect(dialog).to_contain_text("Page 2 of")
        await shoot(page, "evidence-page-2")


@pytest.mark.timeout(150)
async def test_other_ports_are_asked(visit: Open, aged: Aged) -> None:
    """Other ports asks first; then the card says which were asked, and for whom."""
    async with visit(f"/#/{await aged()}") as page:
        card = message_of(page, "login.sandbox.test")
        await card.get_by_role("button", name="Other ports").click()
        await page.get_by_role("dialog").get_by_role("button", name="Ask").click()

        await expect(card).to_contain_text("Ports 25, 465 and 587 asked for by @dana")
        await expect(card.get_by_role("button", name="Check again")).to_be_visible()  # it is over
        await expect(card.get_by_role("button", name="Other ports")).to_have_count(0)


@pytest.mark.timeout(150)
async def test_an_open_relay_is_proved_in_place(visit: Open, aged: Aged) -> None:
    """Prove delivery asks first; then the same card becomes a proved one."""
    async with visit(f"/#/{await aged()}") as page:
        card = message_of(page, "open.sandbox.test")
        await expect(card).to_contain_text("LIKELY OPEN")
        await card.get_by_role("button", name="Prove delivery").click()
        await expect(page.get_by_text("A small message")).to_be_visible()
        await shoot(page, "prove")
        await page.get_by_role("button", name="Send it").click()

        await expect(card).to_contain_text("Before: LIKELY OPEN", timeout=20_000)
        await expect(card.get_by_role("button", name="Prove delivery")).to_have_count(0)
        await expect(card).to_contain_text("Asked to prove delivery by")
        await expect(card.locator(".block-header")).to_contain_text("open relay")
        await expect(card).to_have_count(1)
        await shoot(page, "proved")
