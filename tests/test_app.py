"""Tests of the running Slack app, between the stand-in of Slack and real mail hosts."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot import metrics
from bot.app import serve
from bot.deliver.outbox import POSTED_AGAIN
from bot.sandbox.slack import Fault, Message, StandIn
from bot.settings import Settings
from bot.slack.cards.buttons import ACKNOWLEDGE, CHECK_AGAIN, EVIDENCE, EXPORT
from bot.slack.front.installation import ConfigurationError
from bot.store import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.hosts import SampleHosts

TRANSPORTS = pytest.mark.parametrize("over_http", [False, True], ids=["socket-mode", "http"])


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A workspace without limits of rate."""
    async with StandIn(rate_limits=False) as stand_in:
        yield stand_in


def environment(slack: StandIn, hosts: SampleHosts, *, over_http: bool) -> dict[str, str]:
    """Return the settings of an app that finds this Slack and these hosts."""
    port = free_port()
    if over_http:
        slack.courier.request_url = f"http://127.0.0.1:{port}/slack/events"
    return {
        **slack.environment(),
        "RELAYCHECK_HTTP_PORT": str(port),
        "RELAYCHECK_RESOLVER": hosts.resolver,
        "RELAYCHECK_PORTS": str(hosts.port),
        "RELAYCHECK_ALLOW_NETWORKS": ",".join(map(str, hosts.networks)),
        "RELAYCHECK_ALLOW_DOMAINS": hosts.suffix,
        "RELAYCHECK_EHLO_NAME": hosts.probe,
        "RELAYCHECK_RATE_USER": "off",
        "RELAYCHECK_RATE_ADDRESS": "off",
        "RELAYCHECK_RATE_NETWORK": "off",
    }


async def ready(port: str) -> None:
    """Wait until the app says that it is."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(20):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


@asynccontextmanager
async def app(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Run the app in this process, as its settings say; stop it as a supervisor would."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    running = asyncio.create_task(serve(Settings()))
    try:
        await ready(settings["RELAYCHECK_HTTP_PORT"])
        yield f"http://127.0.0.1:{settings['RELAYCHECK_HTTP_PORT']}"
    finally:
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await running


def finished(slack: StandIn, channel: str) -> tuple[Message, ...]:
    """Return the parent messages of a channel, once the last of them says how long it took."""
    parents = slack.channel(channel).parents
    return parents if parents and re.search(r" \d+\.\d s ", str(parents[-1].blocks)) else ()


@TRANSPORTS
async def test_a_command_becomes_a_card(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, over_http: bool
) -> None:
    """A slash command is acknowledged with what was understood, and ends in a finished card."""
    async with app(environment(slack, hosts, over_http=over_http), monkeypatch):
        ack = await slack.slash_command("dana", "incident", f"open.{hosts.suffix}")
        (parent,) = await slack.until(lambda: finished(slack, "incident"))
        (card,) = await slack.until(lambda: slack.channel("incident").replies(parent.ts))

    assert ack.in_time
    assert ack.took_s < 1
    assert f"`open.{hosts.suffix}`" in ack.body["text"]
    assert "ephemeral" == ack.body["response_type"]
    assert "LIKELY OPEN" in parent.text.upper()
    assert f"mx1.open.{hosts.suffix}" in card.text


@TRANSPORTS
async def test_what_an_endpoint_answered_is_reused_and_all_of_it_is_counted(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, over_http: bool
) -> None:
    """The second card says how old its answer is; /metrics and /readyz know of every part."""
    reused = metrics.REGISTRY.get_sample_value("relaycheck_endpoints_reused_total") or 0
    async with app(environment(slack, hosts, over_http=over_http), monkeypatch) as url:
        await slack.slash_command("dana", "incident", f"closed.{hosts.suffix}")
        await slack.until(lambda: finished(slack, "incident"))
        await slack.slash_command("dana", "payload-incidents", f"closed.{hosts.suffix}")
        (parent,) = await slack.until(lambda: finished(slack, "payload-incidents"))
        await slack.until(lambda: "answer reused, 1 min old" in replies(slack, parent))
        async with aiohttp.ClientSession() as session:
            written = await text_of(session, f"{url}/metrics")
            parts = json.loads(await text_of(session, f"{url}/readyz"))

    assert f"relaycheck_endpoints_reused_total {reused + 1}" in written
    assert re.search(r'relaycheck_jobs{state="running"} \d', written)
    assert hosts.suffix not in written
    assert "U0DANA" not in written
    expected = {"accepting", "slack", "database", "resolver"}
    assert dict.fromkeys(expected | (set() if over_http else {"socket_mode"}), True) == parts


def replies(slack: StandIn, parent: Message) -> str:
    """Return what stands below a card."""
    return str(slack.channel(parent.channel).replies(parent.ts))


async def text_of(session: aiohttp.ClientSession, url: str) -> str:
    """Fetch a page."""
    async with session.get(url) as answer:
        assert 200 == answer.status
        return await answer.text()


async def test_no_web_api_call_comes_before_the_ack(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow Slack's Web API is, the command is acknowledged at once."""
    async with app(environment(slack, hosts, over_http=True), monkeypatch):
        slack.faults.add(Fault(method="*", delay_s=4.0, times=None))
        ack = await slack.slash_command("dana", "incident", f"closed.{hosts.suffix} --no-probe")
        slack.faults.clear()

        assert ack.in_time
        assert ack.took_s < 1
        await slack.until(lambda: finished(slack, "incident"))


@TRANSPORTS
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("help", "Can a stranger send mail"),
        ("", "Can a stranger send mail"),
        ("localhost", "localhost"),
        ("<!channel>.com", "&lt;!channel&gt;"),
    ],
)
async def test_what_cannot_be_checked_is_answered_in_the_ack(  # noqa: PLR0917
    slack: StandIn,
    hosts: SampleHosts,
    monkeypatch: pytest.MonkeyPatch,
    over_http: bool,
    text: str,
    said: str,
) -> None:
    """Help and usage errors come as the ack's text, for the person alone, and start nothing."""
    async with app(environment(slack, hosts, over_http=over_http), monkeypatch):
        ack = await slack.slash_command("dana", "incident", text)

    assert said in ack.body["text"]
    assert "<!" not in ack.body["text"]
    assert () == slack.channel("incident").messages


async def test_each_word_is_answered_alone(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed requests to the app as it is wired: each word is an ack that one person reads."""
    secret = {"RELAYCHECK_VERIFY_SECRET": "0123456789abcdef"}
    domain = f"open.{hosts.suffix}"
    said: dict[str, str] = {}

    async def say(text: str) -> None:
        ack = await slack.slash_command("dana", "incident", text)
        assert ack.in_time
        assert "ephemeral" == ack.body["response_type"]
        said[text] = ack.body["text"]

    async with app(environment(slack, hosts, over_http=True) | secret, monkeypatch):
        await say(f"history mx.{domain}")
        await slack.slash_command("dana", "incident", domain)
        await slack.until(lambda: finished(slack, "incident"))
        for text in (f"history {domain}", f"verify {domain}", "status", f"histroy {domain}"):
            await say(text)

    assert f"`/relaycheck mx.{domain}` checks it now" in said[f"history mx.{domain}"]
    assert f"🔴 mx1.{domain}: LIKELY OPEN once" in said[f"history {domain}"]
    assert f'`_relaycheck.{domain}. TXT "' in said[f"verify {domain}"]
    assert "there is no such name (NXDOMAIN)" in said[f"verify {domain}"]
    assert f"EHLO {hosts.probe}" in said["status"]
    assert "connected as <@U0RELAYCHK> by HTTP" in said["status"]
    assert f"Did you mean `/relaycheck history {domain}`?" == said[f"histroy {domain}"]
    assert 1 == len(slack.channel("incident").parents)


@TRANSPORTS
async def test_the_same_delivery_twice_is_one_card(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, over_http: bool
) -> None:
    """Slack may deliver a command twice; it is one check and one card."""
    async with app(environment(slack, hosts, over_http=over_http), monkeypatch):
        first = await slack.slash_command("dana", "incident", f"closed.{hosts.suffix}")
        second = await slack.courier.deliver(first.kind, first.payload)
        await slack.until(lambda: finished(slack, "incident"))

    assert second.in_time
    assert 1 == len(slack.channel("incident").parents)


async def test_a_channel_called_payload(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, the word payload in a form is no interactive payload."""
    async with app(environment(slack, hosts, over_http=True), monkeypatch):
        ack = await slack.slash_command("dana", "payload-incidents", "payload.com --no-probe")

    assert "`payload.com`" in ack.body["text"]


async def test_odd_requests_are_401_or_400(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes to the open door, the answer is never a 500."""
    async with (
        app(environment(slack, hosts, over_http=True), monkeypatch) as url,
        aiohttp.ClientSession() as session,
    ):
        events = f"{url}/slack/events"
        cases = [
            ({}, b"", 401),
            ({"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=" + "0" * 64}, b"", 401),
            ({}, b"x" * 70_000, 413),
        ]
        for headers, body, status in cases:
            async with session.post(events, data=body, headers=headers) as answer:
                assert status == answer.status
        async with session.get(f"{url}/healthz") as answer:
            assert answer.status == 200


async def test_socket_mode_takes_nothing_in_over_http(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Socket Mode there is health over HTTP, and no other way in."""
    async with (
        app(environment(slack, hosts, over_http=False), monkeypatch) as url,
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data=b"") as answer,
    ):
        assert answer.status == 404


async def test_an_event_subscription_is_verified(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack's challenge for a request URL is answered."""
    async with app(environment(slack, hosts, over_http=True), monkeypatch):
        payload = {"type": "url_verification", "challenge": "3eZbrw1aB"}
        delivery = await slack.courier.deliver("events_api", payload)  # type: ignore[arg-type]

    assert "3eZbrw1aB" in str(delivery.body)


async def test_a_dead_ticket_is_replaced(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Slack refuses a Socket Mode ticket, another is asked for, until commands come again."""
    monkeypatch.setattr("bot.slack.front.socket_mode.PING_S", 0.2)
    async with app(environment(slack, hosts, over_http=False), monkeypatch):
        slack.state.sockets.refuse_next = 4
        slack.state.sockets.drop()
        await slack.until(lambda: slack.state.sockets.connections, within_s=20)
        ack = await slack.slash_command("dana", "incident", "help")

    assert ack.in_time


async def test_a_refused_bot_token_stops_the_app(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that Slack refuses is said at start, with what to do."""
    settings = environment(slack, hosts, over_http=True) | {"SLACK_BOT_TOKEN": "xoxb-wrong"}

    with pytest.raises(ConfigurationError, match="SLACK_BOT_TOKEN"):
        async with app(settings, monkeypatch):
            pytest.fail("it is ready all the same")


async def test_an_address_that_is_taken_is_said(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can listen, the settings to change are named."""
    settings = environment(slack, hosts, over_http=True) | {"RELAYCHECK_HTTP_HOST": "192.0.2.1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match="RELAYCHECK_HTTP_PORT"):
        await serve(Settings())


async def test_sigterm_finishes_what_runs(slack: StandIn, hosts: SampleHosts) -> None:
    """A process told to stop takes nothing more in, and leaves no card unfinished."""
    settings = environment(slack, hosts, over_http=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        env={**os.environ, **settings},  # noqa: TID251 - of the test's own process
    )
    await ready(settings["RELAYCHECK_HTTP_PORT"])
    await slack.slash_command("dana", "incident", f"closed.{hosts.suffix}")
    process.send_signal(signal.SIGTERM)
    status = await process.wait()

    assert 0 == status
    assert re.search("closed", finished(slack, "incident")[0].text, re.IGNORECASE)


async def test_the_next_process_finishes_the_card(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that takes longer than a stop may take goes on after it, on the same card."""
    monkeypatch.setattr("bot.app.DRAIN_S", 0.2)
    settings = environment(slack, hosts, over_http=False)
    async with app(settings, monkeypatch):
        await slack.slash_command("dana", "incident", f"tarpit.{hosts.suffix}")
        await slack.until(
            lambda: [card for card in slack.channel("incident").parents if "ASKING" in card.text]
        )
    (begun,) = slack.channel("incident").parents
    async with app(settings, monkeypatch):
        (card,) = await slack.until(lambda: finished(slack, "incident"), within_s=30)

    assert begun.ts == card.ts
    assert "ASKING" in begun.text
    assert "CLOSED" in card.text
    assert POSTED_AGAIN not in str(card)


async def test_buttons_of_an_earlier_process_work(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card is acted upon by whatever process runs then, and the same question points to it."""
    monkeypatch.setattr("bot.slack.cards.again.AGAIN_AFTER", timedelta(0))
    settings = environment(slack, hosts, over_http=False)
    async with app(settings, monkeypatch):
        await slack.slash_command("dana", "incident", f"open.{hosts.suffix}")
        await slack.until(lambda: finished(slack, "incident"))
        await slack.until(lambda: "check_again" in str(slack.channel("incident").parents[0]))
    (card,) = slack.channel("incident").parents
    (evidence,) = slack.channel("incident").replies(card.ts)

    def says(words: str) -> bool:
        (parent,) = slack.channel("incident").parents
        return parent.ts == card.ts and words in parent.text and "check_again" in str(parent)

    async with app(settings, monkeypatch):
        ack = await slack.slash_command("kai", "incident", f"open.{hosts.suffix}")
        await slack.press("kai", evidence, EVIDENCE)
        await slack.until(lambda: slack.state.views.stack("U0KAI"))
        await slack.press("kai", card, EXPORT)
        await slack.until(lambda: slack.state.uploads)
        await slack.press("kai", card, ACKNOWLEDGE)
        await slack.until(lambda: says("<@U0KAI> has it in hand"))
        await slack.press("dana", card, CHECK_AGAIN)
        await slack.until(lambda: says("Checked again by <@U0DANA>"))

    assert "was asked for just now: <http" in ack.body["text"]
    assert card.ts.replace(".", "") in ack.body["text"]
    assert POSTED_AGAIN not in str(slack.channel("incident").parents)


def child() -> int:
    """Return the process id of this process's child that asks DNS and mail servers."""
    (found,) = (
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _is_child(entry)
    )
    return found


def _is_child(entry: Path) -> bool:
    try:
        parent = entry.joinpath("stat").read_text("ascii").rpartition(")")[2].split()[1]
        return int(parent) == os.getpid() and b"bot.apart" in entry.joinpath("cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_check_outlives_the_process_that_asks(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of a conversation, it is replaced, and the card comes to its verdict.

    It takes as long as the sample's slow greeting: nothing quicker can be killed for certain.
    """
    settings = environment(slack, hosts, over_http=True)
    async with app(settings, monkeypatch):
        await slack.slash_command("dana", "incident", f"tarpit.{hosts.suffix}")
        await slack.until(
            lambda: [card for card in slack.channel("incident").parents if "ASKING" in card.text]
        )
        os.kill(child(), signal.SIGKILL)
        (card,) = await slack.until(lambda: finished(slack, "incident"), within_s=40)

    assert "CLOSED" in card.text


async def test_what_was_never_begun_is_done_by_the_next_process(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that was accepted ends in a result, also those that waited when it stopped."""
    monkeypatch.setattr("bot.app.DRAIN_S", 0.0)
    settings = environment(slack, hosts, over_http=False)
    # The one that asks to come back later is another test's.
    domains = [each.domain for each in hosts.samples if not each.domain.startswith("greylist.")]
    async with app(settings, monkeypatch):
        asked = [slack.slash_command("dana", "incident", f"{name} --private") for name in domains]
        acks = await asyncio.gather(*asked)

    def told() -> set[str]:
        texts = [message.text for message in slack.channel("incident").ephemerals("U0DANA")]
        return {name for name in domains if any(text.startswith(name) for text in texts)}

    assert told() != set(domains)
    async with app(settings, monkeypatch):
        await slack.until(lambda: told() == set(domains), within_s=40)

    assert all("Checking" in ack.body["text"] for ack in acks)


async def test_a_greylisting_server_is_given_its_time(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card says when it will be asked again; then it is, and the card says what it answers."""
    async with app(environment(slack, hosts, over_http=False), monkeypatch):
        await slack.slash_command("dana", "incident", f"greylist.{hosts.suffix}")

        def says(words: str) -> bool:
            parents = slack.channel("incident").parents
            return bool(parents) and words in parents[0].text

        await slack.until(lambda: says("asking again at <!date^"), within_s=20)
        await slack.until(lambda: says("LIKELY OPEN"), within_s=40)


async def test_a_database_in_use_is_said(
    slack: StandIn, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process on the same database waits for the first, and then says what to do."""
    monkeypatch.setattr("bot.app.SUCCEED_S", 0.1)
    for name, value in environment(slack, hosts, over_http=False).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    async with open_database(settings.database_url.get_secret_value()):
        with pytest.raises(ConfigurationError, match="RELAYCHECK_DATABASE_URL"):
            await serve(settings)
