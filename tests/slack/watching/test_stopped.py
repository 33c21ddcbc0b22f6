"""Watches that were stopped: why, in words, and their owners told as soon as that is possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Slack, make_client
from bot.deliver.web_api import TOKEN_ERRORS
from bot.model.domain_name import DomainName
from bot.model.schedule import Schedule
from bot.sandbox.slack import StandIn
from bot.slack.watching.stopped import BY, place_of, resting, stopped, tell_owners
from bot.store import Database, open_database
from bot.store.watches import Looks, Watch, find_watch, keep_watch
from tests.deliver.scripted import PACE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
AWAY = "I am not in that channel (any more), or it is gone"
TOKEN = "this app was removed from the workspace, or its token was taken back"
WATCH = Watch(
    id="W1",
    team="T0SANDBOX",
    channel="C0INCIDENT",
    owner="U0DANA",
    domain=DomainName("example.com", "example.com"),
    schedule=Schedule(6),
    made_at=NOW,
    due_at=NOW,
    paused="not_in_channel",
    looks=Looks(looked_at=NOW, last_run="RUN1", thread_ts="1.1", untold=True),
)
WHY = [
    ("channel_not_found", AWAY),
    ("not_in_channel", AWAY),
    ("is_archived", "that channel is archived"),
    *((error, TOKEN) for error in sorted(TOKEN_ERRORS)),
    ("restricted_action", "Slack does not let me post there (restricted_action)"),
]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as opened:
        yield opened


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A Slack without limits of rate."""
    async with StandIn(rate_limits=False) as running:
        yield running


@pytest.fixture
def out(slack: StandIn, session: aiohttp.ClientSession) -> Slack:
    """The way there."""
    client = make_client(slack.state.bot_token, slack.base_url, session, retries=False)
    return Slack(client=client, session=session, api_url=slack.base_url, pace=PACE)


def told(slack: StandIn) -> list[str]:
    """Return what the owner was told directly."""
    return [message.text for message in slack.channel("relaycheck").messages]


async def kept(database: Database, watch_id: str = "W1") -> Watch:
    """Return a watch as it is kept."""
    found = await find_watch(database, watch_id)
    assert found is not None
    return found


def test_a_person_s_pause_names_them() -> None:
    """What somebody paused was not stopped by Slack."""
    assert "paused by <@U0KAI>" == resting(f"{BY}U0KAI")


@pytest.mark.parametrize(("error", "why"), WHY)
def test_why_a_watch_was_stopped(error: str, why: str) -> None:
    """Slack's error in words a person can act upon; by its own name where nobody foresaw it."""
    assert f"stopped: {why}" == resting(error)
    assert f"for <#C0INCIDENT>: {why}. Put that right" in stopped(WATCH, error)


def test_an_owner_is_told_which_watch_and_what_to_do() -> None:
    """Domain and channel, and the two ways on."""
    assert (
        "I have stopped watching `example.com` for <#C0INCIDENT>: that channel is archived. Put "
        "that right (`/invite @relaycheck` in the channel), then choose *Resume* under "
        "`/relaycheck watches`; or set the watch anew for another channel."
    ) == stopped(WATCH, "is_archived")


def test_a_domain_is_named_as_dns_knows_it() -> None:
    """In A-labels, in which nothing looks like something else."""
    watch = replace(WATCH, domain=DomainName("xn--bcher-kva.example", "b\u00fccher.example"))

    assert "`xn--bcher-kva.example`" in stopped(watch, "is_archived")


@pytest.mark.parametrize(
    ("channel", "place"),
    [
        ("C0INCIDENT", "<#C0INCIDENT>"),
        ("G0SECRET", "<#G0SECRET>"),
        ("D0DANA", "you alone"),
        ("U0DANA", "you alone"),
    ],
)
def test_where_a_watch_tells_of_changes(channel: str, place: str) -> None:
    """A channel is linked, public or private; a direct message is nobody else's."""
    assert place == place_of(channel)


async def test_owners_hear_it_once(database: Database, slack: StandIn, out: Slack) -> None:
    """Who could not be told at the time is told now, and nothing else of the watch changes."""
    await keep_watch(database, WATCH)
    for _ in range(2):
        await tell_owners(database, out)

    assert [stopped(WATCH, "not_in_channel")] == told(slack)
    assert replace(WATCH, looks=replace(WATCH.looks, untold=False)) == await kept(database)


async def test_who_cannot_be_told_yet_is_told_later(
    database: Database, slack: StandIn, out: Slack
) -> None:
    """While the token is refused nothing is said and all is kept; with another, the owner hears."""
    await keep_watch(database, replace(WATCH, paused="token_revoked"))
    slack.state.revoked = True
    await tell_owners(database, out)
    assert (await kept(database)).looks.untold

    slack.state.revoked = False
    await tell_owners(database, out)
    (text,) = told(slack)
    assert TOKEN in text
    assert not (await kept(database)).looks.untold


async def test_who_knows_is_not_told(database: Database, slack: StandIn, out: Slack) -> None:
    """Neither of a watch that somebody paused or that was told of, nor of one that runs."""
    knows = replace(WATCH.looks, untold=False)
    await keep_watch(database, replace(WATCH, paused=f"{BY}U0KAI", looks=knows))
    runs = replace(WATCH, id="W2", channel="C0GENERAL", paused="")
    await keep_watch(database, runs)
    await tell_owners(database, out)

    assert [] == told(slack)
    assert (await kept(database, "W2")).looks.untold
