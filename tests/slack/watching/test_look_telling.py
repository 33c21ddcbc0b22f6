"""What a look of a watch has to tell: where, how loudly, and once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Slack, make_client
from bot.deliver.outbox import PARENT, POSTED_AGAIN
from bot.deliver.web_api import Remedy
from bot.jobs.keeping import Keeping
from bot.model.domain_name import DomainName
from bot.model.schedule import Schedule
from bot.sandbox.slack import Fault, Message, StandIn
from bot.slack.watching.look_telling import Look, tell, tell_owner
from bot.slack.watching.stopped import stopped
from bot.store import open_database
from bot.store.watches import Looks, Watch
from bot.watch import Change, Turn
from tests.deliver.scripted import CLOSED, LIKELY_OPEN, PACE, host, progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
WATCH = Watch(
    id="W1",
    team="T0SANDBOX",
    channel="C0INCIDENT",
    owner="U0DANA",
    domain=DomainName("example.com", "example.com"),
    schedule=Schedule(6),
    made_at=NOW,
    due_at=NOW,
)
OPENED = Change(
    host="mx2.example.com",
    turn=Turn.WORSE,
    before=CLOSED,
    after=LIKELY_OPEN,
    before_at=NOW - timedelta(hours=6),
    after_at=NOW,
)
SHUT = replace(OPENED, turn=Turn.FIXED, before=LIKELY_OPEN, after=CLOSED)


@dataclass(frozen=True, slots=True)
class Post:
    """A workspace, and the first look of a watch that tells it something."""

    slack: StandIn
    first: Look

    async def later(self) -> Look:
        """Tell the first look; return the next one, which found a host open."""
        thread_ts, _ = await tell(self.first, ())
        looks = Looks(looked_at=NOW, last_run="RUN1", thread_ts=thread_ts)
        return replace(
            self.first,
            watch=replace(WATCH, looks=looks),
            run_id="RUN2",
            report=progress(host(1), host(2, LIKELY_OPEN), finished=True).report,
            ledger=replace(self.first.ledger, run_id="RUN2"),
        )

    def said(self, channel: str = "incident") -> tuple[Message, ...]:
        """Return what stands in a channel and its threads."""
        return self.slack.channel(channel).messages


@pytest.fixture
async def post(tmp_path: Path, session: aiohttp.ClientSession) -> AsyncIterator[Post]:
    """A watch whose first look found all hosts closed."""
    async with (
        StandIn(rate_limits=False) as slack,
        open_database(f"sqlite:///{tmp_path}/relaycheck.db") as database,
    ):
        client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
        look = Look(
            watch=WATCH,
            run_id="RUN1",
            report=progress(host(1), host(2), finished=True).report,
            slack=Slack(client=client, session=session, api_url=slack.base_url, pace=PACE),
            ledger=Keeping(database, "RUN1", lambda: NOW),
        )
        yield Post(slack, look)


async def test_the_first_look_begins_a_thread(post: Post) -> None:
    """It is told though nothing has changed, by the words with which a watch begins."""
    told = await tell(post.first, ())
    (message,) = post.said()

    assert (message.ts, None) == told
    assert "every 6 hours from now on, for <@U0DANA>" in message.text
    assert message.thread_ts is None


async def test_a_look_that_changed_nothing_is_silent(post: Post) -> None:
    """The thread is as it was, and Slack is not called."""
    look = await post.later()
    calls = len(post.slack.state.calls)

    assert (look.watch.looks.thread_ts, None) == await tell(look, ())
    assert calls == len(post.slack.state.calls)


async def test_what_opened_is_told_aloud(post: Post) -> None:
    """In the thread and in the channel; the card of the host stands in the thread alone."""
    look = await post.later()
    told = await tell(look, [OPENED])
    begun, change, card = post.said()

    assert (begun.ts, None) == told
    assert (begun.ts, True) == (change.thread_ts, change.broadcast)
    assert (begun.ts, False) == (card.thread_ts, card.broadcast)
    assert card.text.startswith("mx2.example.com")


async def test_what_was_shut_is_told_in_the_thread(post: Post) -> None:
    """Good news disturbs nobody, and needs no card that says how to close a host."""
    look = replace(await post.later(), report=post.first.report)
    await tell(look, [SHUT])
    begun, change = post.said()

    assert (begun.ts, False) == (change.thread_ts, change.broadcast)
    assert change.text.startswith("example.com: fixed on mx2.example.com")


async def test_a_first_look_at_an_open_host_has_its_card(post: Post) -> None:
    """The first message begins the thread, and the card stands below it."""
    report = progress(host(1, LIKELY_OPEN), finished=True).report
    await tell(
        replace(post.first, report=report), [replace(OPENED, host="mx1.example.com", turn=Turn.NEW)]
    )
    begun, card = post.said()

    assert "from now on" in begun.text
    assert begun.ts == card.thread_ts


async def test_each_part_is_told_once(post: Post) -> None:
    """What an earlier process told of the same look stands; what it did not is told now."""
    look = await post.later()
    first = await tell(look, [OPENED])

    assert first == await tell(look, [OPENED])
    assert 3 == len(post.said())


@pytest.mark.parametrize("doubtful", [False, True])
async def test_a_part_that_may_stand_twice_says_so(post: Post, doubtful: bool) -> None:
    """Whether it was about to be posted, or stands and was posted again before."""
    if doubtful:
        ts, _ = await tell(post.first, ())
        await post.first.ledger.posted(PARENT, WATCH.channel, ts, doubtful=True)
    else:
        await post.first.ledger.about_to_post(PARENT, WATCH.channel)
    await tell(post.first, ())
    (message,) = post.said()

    assert POSTED_AGAIN in str(message.blocks)


async def test_watches_take_turns_with_all_who_post(post: Post) -> None:
    """A channel that Slack slows is slow for the checks in it as well."""
    post.slack.faults.add(Fault(method="chat.postMessage", error="ratelimited"))
    _, refusal = await tell(post.first, ())

    assert refusal is None
    assert 0 < post.first.slack.turns.due(WATCH.channel, 0, 0.0)


async def test_a_thread_whose_beginning_is_gone_is_begun_anew(post: Post) -> None:
    """The change stands in the channel, begins another thread, and doubts nothing."""
    look = await post.later()
    post.slack.faults.add(Fault(method="chat.postMessage", error="thread_not_found", times=4))
    told = await tell(look, [OPENED])
    _, change, card = post.said()

    assert (change.ts, None) == told
    assert change.thread_ts is None
    assert change.ts == card.thread_ts
    assert POSTED_AGAIN not in str(change.blocks)


async def test_a_beginning_that_never_stood_is_not_begun_anew(post: Post) -> None:
    """There is no thread to leave: what Slack says of the first message itself is a refusal."""
    post.slack.faults.add(Fault(method="chat.postMessage", error="thread_not_found", times=4))
    thread_ts, refusal = await tell(post.first, ())

    assert "" == thread_ts
    assert refusal is not None
    assert Remedy.ANEW is refusal.remedy
    assert () == post.said()


async def test_a_channel_that_is_closed_is_a_refusal(post: Post) -> None:
    """Why is returned, with the thread as it was, and nothing is told anywhere else."""
    look = await post.later()
    archived = replace(post.slack.workspace.channel("incident"), archived=True)
    post.slack.workspace.keep_channel(archived)
    thread_ts, refusal = await tell(look, [OPENED])

    assert look.watch.looks.thread_ts == thread_ts
    assert refusal is not None
    assert ("is_archived", Remedy.ELSEWHERE) == (refusal.error, refusal.remedy)
    assert 1 == len(post.said())
    assert () == post.said("relaycheck")


@pytest.mark.parametrize("changes", [[], [OPENED]])
async def test_an_owner_hears_what_the_channel_did_not(post: Post, changes: list[Change]) -> None:
    """Directly: that the watch is stopped and, where there were any, the changes."""
    look = await post.later()

    assert await tell_owner(look, changes, "is_archived") is None
    (message,) = post.said("relaycheck")
    first, *rest = message.text.split("\n\n")
    assert stopped(look.watch, "is_archived") == first
    assert len(changes) == len(rest)
    assert all("Worse. Then (" in each for each in rest)
    assert 1 == len(post.said())


async def test_an_owner_hears_it_once(post: Post) -> None:
    """Also from two processes; what is known of the channel's messages is no concern of theirs."""
    look = await post.later()
    await look.ledger.posted(PARENT, WATCH.channel, "1.1", doubtful=True)
    for _ in range(2):
        assert await tell_owner(look, [OPENED], "is_archived") is None
    (message,) = post.said("relaycheck")

    assert POSTED_AGAIN not in message.text
    assert "1.1" == (await look.ledger.kept())[PARENT].ts


async def test_an_owner_who_cannot_be_told(post: Post) -> None:
    """Why is returned, for whoever tries again later."""
    look = await post.later()
    post.slack.state.revoked = True
    refusal = await tell_owner(look, [OPENED], "token_revoked")

    assert refusal is not None
    assert "token_revoked" == refusal.error


async def test_stopped_while_slack_is_told(post: Post) -> None:
    """What is under way is answered first, so the next process knows that it stands."""
    look = await post.later()
    post.slack.faults.add(Fault(method="chat.postMessage", delay_s=0.2))
    telling = asyncio.create_task(tell(look, [OPENED]))
    while post.slack.faults.waiting:  # noqa: ASYNC110 - nobody tells when a call has come
        await asyncio.sleep(0.01)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    _, change = post.said()

    assert change.ts == (await look.ledger.kept())[PARENT].ts
    assert {PARENT} == (await look.ledger.kept()).keys()
