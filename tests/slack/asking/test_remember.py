"""`/relaycheck history`: what a person may see of a domain's earlier checks, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.slack.asking.remember import history
from tests.deliver.scripted import LIKELY_OPEN, host, progress
from tests.slack.kept import NOW, Kept, desk

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from tests.slack.office import Office

CLOSED = progress(host(1), finished=True)
_OPEN = progress(host(1, LIKELY_OPEN), finished=True)
_LATER = _OPEN.report.started_at + timedelta(days=1)
OPEN = replace(_OPEN, report=replace(_OPEN.report, started_at=_LATER))


async def asked(office: Office, user: str = "dana", channel: str = "incident") -> str:
    """Return what a person reads who asks for the history of example.com."""
    ack = await office.slack.slash_command(user, channel, "history example.com")
    assert ack.in_time
    assert "ephemeral" == ack.body["response_type"]
    return str(ack.body["text"])


async def test_a_history_in_the_channel(office: Office) -> None:
    """Marks over time, the same in words, and what changed when, in Slack's own dates."""
    office.courses = [[CLOSED], [OPEN]]
    await office.check()
    office.wait(minutes=2)
    await office.check()
    told = await asked(office)

    assert told.startswith("*example.com: the last 2 checks, <!date^")
    assert "\n🟢🔴 mx1.example.com: LIKELY OPEN once, before CLOSED once\n" in told
    assert "mx1.example.com became LIKELY OPEN, CLOSED before" in told
    assert "`/relaycheck example.com` makes another" in told
    assert told.replace("dana", "kai") == await asked(office, "kai")


async def test_a_private_check_is_its_owners(office: Office) -> None:
    """Whoever asked sees their own, wherever they ask; nobody else does."""
    office.courses = [[OPEN]]
    await office.check("example.com --private")

    assert "LIKELY OPEN" in await asked(office)
    assert "LIKELY OPEN" in await asked(office, channel="general")
    assert "was not checked in this channel yet" in await asked(office, "kai")


async def test_another_channels_checks_stay_there(office: Office) -> None:
    """What was asked for in one channel is not shown in another to those who did not ask."""
    await office.check()

    assert "was not checked in this channel yet" in await asked(office, "kai", "general")
    assert "one check" in await asked(office, "kai")


async def test_without_a_history_it_says_what_to_type(office: Office) -> None:
    """Nothing yet: how to check now, and how to be told of changes."""
    told = await asked(office)

    assert "`/relaycheck example.com` checks it now" in told
    assert "`/relaycheck watch example.com` looks every day" in told


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "history example.com"), ("a b.c d.e", "one domain at a time"), ("localhost", "RFC 6761")],
)
async def test_what_is_no_domain(nowhere: AsyncWebClient, typed: str, said: str) -> None:
    """It says what to type."""
    place = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)

    assert said in await history(desk(Kept(), nowhere), typed, place)


async def test_a_database_that_is_away(nowhere: AsyncWebClient) -> None:
    """It is said, and no history is invented."""
    place = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)

    assert "does not answer now" in await history(desk(Kept(), nowhere), "example.com", place)
