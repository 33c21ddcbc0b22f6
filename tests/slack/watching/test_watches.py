"""Tests of setting and ending watches by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.model.question import Answer, AnswerStatus, Question
from bot.model.schedule import Schedule
from bot.sandbox.slack.sample import BOT_USER
from bot.settings import ProbePolicy, Rate, Settings
from bot.store.audit import Act
from bot.store.watches import pause_watch, watches_of
from tests.slack.office import Office, opened

if TYPE_CHECKING:
    import aiohttp

    from bot.store.watches import Watch


async def command(office: Office, text: str, user: str = "dana", channel: str = "incident") -> str:
    """Type a command; return what the person alone is told."""
    await office.slack.slash_command(user, channel, text)
    await office.settled()
    return office.told(channel, office.slack.workspace.user(user).id)


async def kept(office: Office) -> tuple[Watch, ...]:
    """Return the watches of the workspace."""
    return await watches_of(office.database, "T0SANDBOX")


async def test_a_watch_is_set(office: Office) -> None:
    """It is due at once, whoever set it owns it, and the channel is where it was typed."""
    told = await command(office, "watch example.com every 6h")
    (watch,) = await kept(office)

    assert "`example.com` is watched every 6 hours for <#C0INCIDENT>" in told
    assert "first look" in told
    assert ("C0INCIDENT", "U0DANA", Schedule(6), office.now()) == (
        watch.channel,
        watch.owner,
        watch.schedule,
        watch.due_at,
    )
    assert [] == office.jobs


async def test_another_channel_may_be_named(office: Office) -> None:
    """As Slack links it."""
    told = await command(office, "watch example.com <#C0GENERAL|general>")

    assert "daily for <#C0GENERAL>" in told
    assert ["C0GENERAL"] == [watch.channel for watch in await kept(office)]


async def test_asked_for_in_a_thread_it_goes_on_there(office: Office) -> None:
    """By a mention; told to another channel, it begins a thread of its own."""
    root = await office.slack.say("dana", "incident", "what a day")
    for text in ("watch example.com", "watch example.org <#C0GENERAL|general>"):
        await office.slack.say("dana", "incident", f"<@{BOT_USER}> {text}", thread_ts=root.ts)
        await office.settled()

    assert {("C0INCIDENT", root.ts), ("C0GENERAL", "")} == {
        (watch.channel, watch.looks.thread_ts) for watch in await kept(office)
    }


async def test_in_a_direct_message_it_tells_who_set_it(office: Office) -> None:
    """Whoever it is with: the app posts to the person, and the same words end it there."""
    told = await command(office, "watch example.com", channel="relaycheck")
    assert ["U0DANA"] == [watch.channel for watch in await kept(office)]
    ended = await command(office, "unwatch example.com", channel="relaycheck")

    assert "daily for you alone" in told
    assert "no longer watched for you alone" in ended


async def test_a_watch_is_changed(office: Office) -> None:
    """Set again, it is the same watch with another interval and owner; if it rested, it goes on."""
    await command(office, "watch example.com")
    (first,) = await kept(office)
    office.wait(hours=1)
    told = await command(office, "watch example.com weekly", "kai")
    (second,) = await kept(office)
    await pause_watch(office.database, first.id, "by U0DANA")
    office.wait(hours=1)
    await command(office, "watch example.com every 6h")
    (third,) = await kept(office)

    assert "first look" not in told
    assert {first.id} == {second.id, third.id}
    assert ("U0KAI", Schedule(168), first.due_at) == (second.owner, second.schedule, second.due_at)
    assert ("", office.now()) == (third.paused, third.due_at)


async def test_a_watch_of_another_channel_is_not_taken_over(office: Office) -> None:
    """Who is neither there nor its owner leaves it as it is."""
    await command(office, "watch example.com")
    before = await kept(office)
    told = await command(
        office, "watch example.com weekly <#C0INCIDENT|incident>", "kai", "general"
    )

    assert "watched there already, for <@U0DANA>" in told
    assert before == await kept(office)


async def test_a_watch_is_ended(office: Office) -> None:
    """Whoever is in its channel may end it, and from elsewhere its owner."""
    await command(office, "watch example.com")
    assert "no longer watched" in await command(office, "unwatch example.com", "kai")
    await command(office, "watch example.com")
    assert "not watched for <#C0INCIDENT>" in await command(
        office, "unwatch example.com <#C0INCIDENT|incident>", "kai", "general"
    )
    elsewhere = await command(office, "unwatch example.com", channel="general")
    assert "not watched for <#C0GENERAL>. You watch it for <#C0INCIDENT>." in elsewhere
    ended = await command(office, "unwatch example.com <#C0INCIDENT|incident>", channel="general")

    assert "`example.com` is no longer watched for <#C0INCIDENT>." == ended
    assert () == await kept(office)


@pytest.mark.parametrize("text", ["watch", "unwatch", "watch example.com often", "unwatch a b"])
async def test_a_slip_is_told(office: Office, text: str) -> None:
    """What cannot be understood says what to type."""
    told = await command(office, text)

    assert "type" in told
    assert () == await kept(office)


async def test_a_workspace_has_only_so_many(office: Office) -> None:
    """The office has three at most."""
    for number in range(3):
        await command(office, f"watch {number}.example.com")
    told = await command(office, "watch 3.example.com")

    assert "has 3 watches, as many as it may" in told
    assert 3 == len(await kept(office))


async def test_to_set_a_watch_counts_as_a_check(session: aiohttp.ClientSession) -> None:
    """Otherwise its first look would be a way around one's rate; a change of one costs nothing."""
    async with opened(session, Settings(rate_user=Rate(1, 3600, "hour"))) as office:
        await command(office, "watch example.com")
        told = await command(office, "watch example.org")
        await command(office, "watch example.com weekly")

        assert "a person may ask for 1 probe per hour; set it from <!date^" in told
        (watch,) = await kept(office)
        assert Schedule(168) == watch.schedule


@pytest.mark.parametrize(
    ("policy", "says"),
    [(ProbePolicy.OFF, "nothing to watch"), (ProbePolicy.VERIFIED, "/relaycheck verify example")],
)
async def test_who_may_not_be_asked_is_not_watched(
    session: aiohttp.ClientSession, policy: ProbePolicy, says: str
) -> None:
    """What policy forbids is said at once, not by a watch that never learns anything."""
    async with opened(session, Settings(probe_policy=policy)) as office:
        assert says in await command(office, "watch example.com")
        assert () == await kept(office)


async def test_what_is_verified_may_be_watched(session: aiohttp.ClientSession) -> None:
    """With the policy of verification the workspace's own domains are."""
    settings = Settings(
        probe_policy=ProbePolicy.VERIFIED,
        verify_secret="sixteen characters",  # type: ignore[arg-type] # as the environment has it
    )
    async with opened(session, settings) as office:
        permissions = office.desk.permissions
        token = permissions.consent("T0SANDBOX").token("example.com")

        async def published(question: Question) -> Answer:
            return Answer(question=question, status=AnswerStatus.RECORDS, records=(token,))

        permissions._ask = published
        assert "is watched daily" in await command(office, "watch example.com")


async def test_it_is_audited(office: Office) -> None:
    """Who set and ended what, where, and what was refused."""
    await command(office, "watch example.com")
    await command(office, "unwatch example.com", "kai")
    lines = [deed for deed in await office.audit() if deed.act is Act.WATCH]

    assert [
        ("U0DANA", "watch example.com daily C0INCIDENT", "set"),
        ("U0KAI", "unwatch example.com C0INCIDENT", "ended"),
    ] == [(line.person, line.what, line.outcome) for line in lines]
    assert {"example.com"} == {line.domain for line in lines}
