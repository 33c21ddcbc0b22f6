"""Tests of a watch's look, between a net whose servers change and a stand-in of Slack."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Slack, make_client
from bot.deliver.outbox import POSTED_AGAIN
from bot.edges import Gate
from bot.model.question import AnswerStatus
from bot.model.schedule import Schedule
from bot.model.verdict import Reason, Verdict
from bot.policy import Rule, Ruling
from bot.sandbox.slack import Fault, Message, StandIn
from bot.slack.watching.look import LATER, SOON, make_look
from bot.slack.watching.watchman import job_of
from bot.store import open_database
from bot.store.watches import Watch, find_watch, keep_watch
from tests.deliver.scripted import PACE
from tests.test_check import CLOSED_ZONE, DOMAIN, Net, closed, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    import aiohttp

    from bot.edges import World
    from bot.jobs import Job
    from bot.model.exchange import Reply
    from bot.store import Database
    from tests.servers.postgresql import PostgreSql

BOTH = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
FIRST, SECOND = "192.0.2.1", "192.0.2.2"
ALL_CLOSED: Mapping[str, Callable[[str], Reply]] = {FIRST: closed, SECOND: closed}
ONE_OPEN: Mapping[str, Callable[[str], Reply]] = {FIRST: closed, SECOND: opened}


async def _rate(*_: object) -> Ruling:
    return Ruling(Reason.POLICY, rule=Rule.RATE, why="an address takes at most 1 probe per minute")


@dataclass(kw_only=True)
class Post:
    """A watch of example.com in a channel, the servers that it looks at, and the clock."""

    slack: StandIn
    out: Slack
    database: Database
    net: Net = field(default_factory=lambda: Net(dict(CLOSED_ZONE), ALL_CLOSED))
    gate: Gate = field(default_factory=Gate)
    now: datetime = NOW
    looks: int = 0

    def world(self) -> World:
        """Return the world as it is."""
        return self.net.world(now=lambda: self.now, gate=self.gate)

    async def watch(self, channel: str = "C0INCIDENT") -> None:
        """Set the watch."""
        watch = Watch(
            id="W1",
            team="T0SANDBOX",
            channel=channel,
            owner="U0DANA",
            domain=DOMAIN,
            schedule=Schedule(6),
            made_at=NOW,
            due_at=NOW,
        )
        await keep_watch(self.database, watch)

    async def kept(self) -> Watch:
        """Return the watch as it is kept."""
        kept = await find_watch(self.database, "W1")
        assert kept is not None
        return kept

    async def look(
        self, servers: Mapping[str, Callable[[str], Reply]] | None = None, **time: float
    ) -> None:
        """Let six hours (or as long) pass, and look."""
        self.now += timedelta(**time or {"hours": 6})
        self.net.servers = servers or self.net.servers
        self.looks += 1
        await self.run(f"RUN{self.looks}")

    async def run(self, job_id: str) -> None:
        """Do the job of a look under an id, again or for the first time."""
        job = job_of(await self.kept())
        await make_look(self.world(), self.out, self.database, as_it_is)(job_id, job)

    def said(self, channel: str = "incident") -> list[Message]:
        """Return what stands in a channel and its threads."""
        return [each for each in self.slack.channel(channel).messages if each.user != "U0DANA"]

    def heard(self, channel: str = "incident") -> list[str]:
        """Return what whoever reads the channel alone sees, by its first lines."""
        seen = [each for each in self.said(channel) if each.broadcast or not each.is_reply]
        return [each.text.splitlines()[0] for each in seen]


def as_it_is(world: World, _: Job) -> World:
    """Withhold nothing."""
    return world


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of a test: SQLite, unless it asks for the other."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/relaycheck.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.fixture
async def post(url: str, session: aiohttp.ClientSession) -> AsyncIterator[Post]:
    """A watch that was set, and not looked after yet."""
    async with (
        StandIn(rate_limits=False) as slack,
        open_database(url) as database,
    ):
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        out = Slack(client=client, session=session, api_url=slack.base_url, pace=PACE)
        made = Post(slack=slack, out=out, database=database)
        await made.watch()
        yield made


async def test_it_begins_with_how_things_stand(post: Post) -> None:
    """The first look says who watches what, and that all is well; the next has nothing to say."""
    await post.look()
    await post.look()
    await post.look()
    (message,) = post.said()

    assert "example.com: both mail hosts refuse strangers" == post.heard()[0]
    assert "every 6 hours from now on, for <@U0DANA>" in message.text
    assert post.now == (await post.kept()).looks.looked_at


@BOTH
async def test_a_host_that_opens_is_heard_once(post: Post) -> None:
    """At once, as before and after, in the thread and in the channel, with its card below."""
    await post.look()
    await post.look(ONE_OPEN)
    await post.look()
    root, change, card = post.said()

    assert ["example.com: 1 of 2 mail hosts accepts a stranger's mail"] == post.heard()[1:]
    assert "Then (<!date^" in change.text
    assert "closed. Now (<!date^" in change.text
    assert (root.ts, True) == (change.thread_ts, change.broadcast)
    assert (root.ts, False) == (card.thread_ts, card.broadcast)
    assert card.text.startswith("mx2.example.com")


async def test_a_host_that_is_shut_is_told_quietly(post: Post) -> None:
    """Two looks have to agree; it is told in the thread alone."""
    await post.look(ONE_OPEN)
    await post.look(ALL_CLOSED)
    before = len(post.said())
    await post.look()
    *_, change = post.said()

    assert before + 1 == len(post.said())
    assert "example.com: fixed on mx2.example.com" == change.text.splitlines()[0]
    assert not change.broadcast
    assert 1 == len(post.heard())


async def test_an_open_host_at_the_first_look(post: Post) -> None:
    """The first message says so itself, and the host's card stands below."""
    await post.look(ONE_OPEN)
    root, card = post.said()

    assert root.text.startswith("example.com: 1 of 2 mail hosts accepts")
    assert card.thread_ts == root.ts


async def test_our_own_trouble_is_no_change(post: Post) -> None:
    """A silent resolver, silent servers, a blocked port: nothing is said, and nothing forgotten."""
    await post.look()
    mx = post.net.zone["example.com", "MX"]
    post.net.zone["example.com", "MX"] = AnswerStatus.TIMEOUT
    await post.look()
    await post.look()
    post.net.zone["example.com", "MX"] = mx
    post.net.zone["mx1.example.com", "A"] = AnswerStatus.SERVFAIL
    await post.look()
    await post.look()
    (_,) = post.said()
    held = (await post.kept()).looks.standings

    assert {"mx1.example.com", "mx2.example.com"} == held.keys()
    assert {Verdict.CLOSED} == {each.settled.verdict for each in held.values()}
    unanswered = held["mx1.example.com"].unanswered
    assert unanswered is not None
    assert unanswered.reason is Reason.DNS_FAILED


async def test_the_same_run_counts_once(post: Post) -> None:
    """A job that is done again after its end neither speaks nor confirms what it saw itself."""
    await post.look(ONE_OPEN)
    await post.look(ALL_CLOSED)
    before = await post.kept()
    await post.run("RUN2")

    assert before == await post.kept()
    assert 2 == len(post.said())


@BOTH
async def test_a_crash_between_telling_and_keeping(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next process sees the same report, and finds that its change was told."""
    await post.look()
    with monkeypatch.context() as patch:
        patch.setattr("bot.slack.watching.look.keep_looks", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await post.look(ONE_OPEN)
    post.net.servers = ALL_CLOSED  # the report of the run is kept: nobody is asked again
    connections = len(post.net.connections)
    await post.run("RUN2")

    assert connections == len(post.net.connections)
    assert 3 == len(post.said())
    held = (await post.kept()).looks.standings["mx2.example.com"]
    assert held.settled.verdict is Verdict.LIKELY_OPEN


async def test_stopped_while_slack_is_told(post: Post) -> None:
    """What Slack has taken when the process is stopped is not said again by the next."""
    await post.look()
    post.slack.faults.add(Fault(method="chat.postMessage", delay_s=0.3))
    looking = asyncio.create_task(post.look(ONE_OPEN))
    calls = len(post.slack.state.calls)
    await post.slack.until(lambda: len(post.slack.state.calls) > calls or post.said()[1:])
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await post.run("RUN2")

    assert 3 == len(post.said())
    assert not any(POSTED_AGAIN in message.text for message in post.said())


@pytest.mark.parametrize(
    ("channel", "error", "why"),
    [
        ("C0GENERAL", "not_in_channel", "I am not in that channel"),
        ("C0SECURITY", "channel_not_found", "I am not in that channel"),
        ("C0ARCHIVED", "is_archived", "that channel is archived"),
        ("C0INCIDENT", "restricted_action", "Slack does not let me post there (restricted_action)"),
    ],
)
async def test_a_channel_that_is_closed_to_us(
    post: Post, channel: str, error: str, why: str
) -> None:
    """The watch stops, its owner is told once, directly, and no look is made any more."""
    if channel == "C0INCIDENT":
        post.slack.faults.add(Fault(method="chat.postMessage", error=error))
    await post.watch(channel)
    await post.look()
    await post.look()
    (told,) = post.said("relaycheck")
    kept = await post.kept()

    assert (error, False) == (kept.paused, kept.looks.untold)
    assert f"stopped watching `example.com` for <#{channel}>: {why}" in told.text
    assert 2 == len(post.net.connections)


async def test_what_a_closed_channel_did_not_hear(post: Post) -> None:
    """The owner hears it; and once the watch is resumed, the channel does."""
    await post.look()
    archived = replace(post.slack.workspace.channel("incident"), archived=True)
    post.slack.workspace.keep_channel(archived)
    await post.look(ONE_OPEN)
    (told,) = post.said("relaycheck")
    assert "Worse. Then (" in told.text
    post.slack.workspace.keep_channel(replace(archived, archived=False))
    await keep_watch(post.database, replace(await post.kept(), paused=""))
    await post.look()

    assert ["example.com: 1 of 2 mail hosts accepts a stranger's mail"] == post.heard()[1:]


async def test_an_app_that_was_removed(post: Post) -> None:
    """Nobody can be told while the token is refused: the watch stops, its owner still to be told.

    When they are is in ``test_stopped``.
    """
    await post.look()
    post.slack.state.revoked = True
    await post.look(ONE_OPEN)
    kept = await post.kept()

    assert ("token_revoked", True) == (kept.paused, kept.looks.untold)


@pytest.mark.parametrize(("error", "status"), [("internal_error", 500), ("http_403", 403)])
async def test_slack_is_away_for_long(post: Post, error: str, status: int) -> None:
    """A change that could not be told is told by the next look; the watch goes on.

    Also where it is a proxy on the way that says no: that is no word about the channel.
    """
    await post.look()
    fault = Fault(method="chat.postMessage", error=error, status=status, times=None)
    post.slack.faults.add(fault)
    await post.look(ONE_OPEN)
    post.slack.faults.clear()
    assert 1 == len(post.said())
    await post.look()

    assert ["example.com: 1 of 2 mail hosts accepts a stranger's mail"] == post.heard()[1:]
    assert not (await post.kept()).paused


async def test_a_thread_whose_beginning_is_gone(post: Post) -> None:
    """The change begins another thread, in the channel for all to see."""
    await post.look()
    post.slack.faults.add(Fault(method="chat.postMessage", error="thread_not_found", times=4))
    await post.look(ONE_OPEN)
    _, change, card = post.said()

    assert change.thread_ts is None
    assert card.thread_ts == change.ts == (await post.kept()).looks.thread_ts
    assert POSTED_AGAIN not in change.text


async def test_a_first_look_that_a_rate_held_back(post: Post) -> None:
    """Nothing is said yet; it is made again soon, since somebody waits for it."""
    post.gate = Gate(admit=_rate)
    await post.look(minutes=1)
    kept = await post.kept()

    assert [] == post.said()
    assert (post.now + SOON, None) == (kept.due_at, kept.looks.looked_at)


async def test_a_look_that_a_rate_held_back(post: Post) -> None:
    """What was asked counts; the rest is asked later, at the next regular look at the latest."""
    await post.look()
    post.gate = Gate(admit=_rate)
    await post.look(hours=7)
    again = await post.kept()
    await post.look(hours=4, minutes=45)
    at_last = await post.kept()

    assert post.now - timedelta(hours=4, minutes=45) + LATER == again.due_at
    assert post.now < at_last.due_at < post.now + LATER
    assert {None} != {each.unanswered for each in at_last.looks.standings.values()}


async def test_what_servers_say_of_us_is_noted(post: Post) -> None:
    """Each report goes to whoever decides whether probes pause."""
    noted: list[str] = []
    look = make_look(
        post.world(),
        post.out,
        post.database,
        as_it_is,
        note=lambda report, _: noted.append(report.id),
    )
    await look("RUN1", job_of(await post.kept()))

    assert ["RUN1"] == noted


async def test_a_watch_that_is_gone_or_rests(post: Post) -> None:
    """A job that comes late does nothing."""
    job = job_of(await post.kept())
    look = make_look(post.world(), post.out, post.database, as_it_is)
    await look("RUN1", replace(job, watch="W2"))
    await keep_watch(post.database, replace(await post.kept(), paused="by U0DANA"))
    await look("RUN1", job)

    assert [] == post.net.connections
    assert [] == post.said()
