"""A watch in the running app: set by a signed request, and heard of when its host opens."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dns.zone
import pytest

from bot.deliver.outbox import POSTED_AGAIN
from bot.sandbox.hosts import SampleHosts, sample_hosts
from bot.sandbox.hosts.name_server import name_server, responder
from bot.sandbox.slack import Fault, StandIn
from bot.sandbox.slack.stand_in import SCOPES
from bot.slack.cards.buttons import WATCH
from bot.store import open_database
from bot.store.watches import Looks, put_off, watches_of
from tests.test_app import app, environment, finished, ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.sandbox.slack import Message

DOMAIN = "watched.sandbox.test"
_ZONE = """
@   IN SOA ns hostmaster 1 1 1 1 1
@   IN NS  ns
@   IN MX  10 mx
mx  IN A   {address}
"""


@dataclass(kw_only=True)
class Play:
    """A domain whose host may change, the Slack that watches it, and the app's settings."""

    hosts: SampleHosts
    slack: StandIn
    settings: dict[str, str]
    zones: list[dns.zone.Zone] = field(default_factory=list)

    def lead_to(self, sample: str) -> None:
        """Let the domain's one MX host be the host of a sample, from now on."""
        domain = f"{sample}.{self.hosts.suffix}"
        (address,) = [
            host.address
            for each in self.hosts.samples
            for host in each.hosts
            if each.domain == domain
        ]
        text = _ZONE.format(address=address)
        self.zones[:] = [dns.zone.from_text(text, f"{DOMAIN}.", relativize=False)]

    async def be_due(self) -> None:
        """Let the watch be due now."""
        async with open_database(self.settings["RELAYCHECK_DATABASE_URL"], owner=False) as database:
            (watch,) = await watches_of(database, "T0SANDBOX")
            await put_off(database, {watch.id: datetime.now(UTC)})  # noqa: TID251

    async def looks(self, since: Looks) -> Looks:
        """Wait until another look has been made; return what looks have come to."""
        while True:
            url = self.settings["RELAYCHECK_DATABASE_URL"]
            async with asyncio.timeout(30), open_database(url, owner=False) as database:
                (watch,) = await watches_of(database, "T0SANDBOX")
            if watch.looks.last_run != since.last_run:
                return watch.looks
            await asyncio.sleep(0.1)

    def told(self) -> tuple[Message, ...]:
        """Return what the app has said of the domain in the channel."""
        return tuple(
            message
            for message in self.slack.channel("incident").messages
            if DOMAIN in message.text or DOMAIN in str(message.blocks)
        )

    async def until_told(self, many: int) -> tuple[Message, ...]:
        """Wait until so many messages stand."""
        await self.slack.until(lambda: len(self.told()) >= many, within_s=30)
        return self.told()

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        """Run the app as a process; it is killed at the end of the block."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            env={**os.environ, **self.settings},  # noqa: TID251 - of the test's own process
        )
        try:
            await ready(self.settings["RELAYCHECK_HTTP_PORT"])
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def play(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Play]:
    """The stage before anything is watched; the app may read channels where a test says so."""
    scopes = SCOPES | getattr(request, "param", set())
    zones: list[dns.zone.Zone] = []
    async with (
        sample_hosts(with_canary=False) as hosts,
        StandIn(rate_limits=False, scopes=scopes) as slack,
    ):
        address, _, port = hosts.resolver.removeprefix("udp://").partition(":")
        respond = responder(zones, upstream=address, upstream_port=int(port))
        async with name_server(respond, address) as own_port:
            settings = environment(slack, hosts, over_http=True) | {
                "RELAYCHECK_RESOLVER": f"udp://{address}:{own_port}",
                "RELAYCHECK_DATABASE_URL": f"sqlite:///{tmp_path}/relaycheck.db",
                "RELAYCHECK_BLOCKLISTS": "off",
                "RELAYCHECK_RATE_TOTAL": "off",  # else the watches take their turn of seconds
            }
            made = Play(hosts=hosts, slack=slack, settings=settings, zones=zones)
            made.lead_to("closed")
            yield made


async def test_a_host_that_opens_is_heard_once(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set by a command; the channel hears how it stands, then that it opened, then nothing more."""
    monkeypatch.setattr("bot.jobs.ticking.TICK_S", 0.05)
    async with app(play.settings, monkeypatch):
        ack = await play.slack.slash_command("dana", "incident", f"watch {DOMAIN} every 6h")
        (begun,) = await play.until_told(1)
        first = await play.looks(since=Looks())
        play.lead_to("open")
        await play.be_due()
        _, change, card = await play.until_told(3)
        opened = await play.looks(since=first)
        await play.be_due()
        await play.looks(since=opened)
        listed = await play.slack.slash_command("dana", "incident", "watches")

    assert f"`{DOMAIN}` is watched every 6 hours for <#C0INCIDENT>" in ack.body["text"]
    assert "refuses strangers" in begun.text
    assert not begun.is_reply
    assert f"{DOMAIN}: its mail host accepts a stranger's mail" == change.text.splitlines()[0]
    assert "Worse. Then (" in change.text
    assert (begun.ts, True) == (change.thread_ts, change.broadcast)
    assert (begun.ts, False) == (card.thread_ts, card.broadcast)
    assert 3 == len(play.told())
    assert "LIKELY OPEN" in listed.body["text"]
    assert f"End {DOMAIN}" in str(listed.body["blocks"])


async def test_a_watch_begins_from_a_card(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its button asks how often; the card says who watches."""
    monkeypatch.setattr("bot.jobs.ticking.TICK_S", 0.05)
    async with app(play.settings, monkeypatch):
        await play.slack.slash_command("dana", "incident", DOMAIN)
        (card,) = await play.slack.until(lambda: finished(play.slack, "incident"))
        await play.slack.press("dana", card, WATCH)
        await play.slack.until(lambda: play.slack.state.views.stack("U0DANA"))
        await play.slack.submit("dana", {"often": "168"})
        await play.slack.until(lambda: "Watched for" in str(_parent(play).blocks))
        begun = await play.slack.until(
            lambda: [each for each in play.told() if "Watched weekly from now on" in each.text]
        )

    assert [card.ts] == [each.thread_ts for each in begun]


@pytest.mark.parametrize(
    ("play", "fault"),
    [
        (set(), Fault(method="chat.postMessage", error="ratelimited", status=429, times=None)),
        ({"channels:history"}, Fault(method="chat.postMessage", lose_reply=True, times=None)),
    ],
    indirect=["play"],
    ids=["before Slack has taken it", "before Slack was heard"],
)
async def test_killed_between_look_and_message(play: Play, fault: Fault) -> None:
    """Killed -9 after the host was found open, the next process says so once."""
    async with play.process() as first:
        await play.slack.slash_command("dana", "incident", f"watch {DOMAIN}")
        (begun,) = await play.until_told(1)
        looks = await play.looks(since=Looks())
        play.lead_to("open")
        play.slack.faults.add(fault)
        posts = _posts(play)
        await play.be_due()
        await play.slack.until(lambda: _posts(play) > posts, within_s=30)
        first.kill()
        await first.wait()
        play.slack.faults.clear()
    play.lead_to("closed")  # what was seen before is what is told
    async with play.process():
        looks = await play.looks(since=looks)
        await play.be_due()
        await play.looks(since=looks)
    _, change, card = play.told()

    assert (begun.ts, True) == (change.thread_ts, change.broadcast)
    assert "Worse. Then (" in change.text
    assert f"mx.{DOMAIN}" in card.text
    assert 1 == sum("Worse. Then (" in each.text for each in (begun, change))
    assert POSTED_AGAIN not in card.text


def _posts(play: Play) -> int:
    return sum(call.method == "chat.postMessage" for call in play.slack.state.calls)


def _parent(play: Play) -> Message:
    return play.slack.channel("incident").parents[0]
