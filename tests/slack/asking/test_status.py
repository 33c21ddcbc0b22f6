"""`/relaycheck status`: what it says about the app, the rules and the person."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.jobs import Job
from bot.request import Request, parse_request
from bot.settings import ProbePolicy, Settings
from bot.slack.asking.status import status
from tests.slack.kept import NOW, Kept, desk

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from tests.slack.office import Office

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)


def job(key: str, user: str = "U1") -> Job:
    """Return a check that somebody asks for."""
    request = parse_request("example.com")
    assert isinstance(request, Request)
    where = Destination(team="T1", channel="C1", user=user, asked_at=NOW)
    return Job(key=key, request=request, destination=where)


async def test_how_busy_and_who_we_are(nowhere: AsyncWebClient) -> None:
    """It counts the checks, names what mail servers hear, and the version."""
    told = await status(desk(Kept(), nowhere), "", PLACE)

    assert "*Checks:* 0 running, 0 waiting" in told
    assert "EHLO probe.example.net, MAIL FROM `probe@example.net`" in told
    assert f"*Version:* {metadata.version('relaycheck')}" in told
    assert "can be asked for" in told


async def test_what_is_left_is_this_persons(nowhere: AsyncWebClient) -> None:
    """A probe counts against who asked for it and their workspace, and the next window is named."""
    here = desk(Kept(), nowhere)
    await here.permissions.count(job("1"))
    await here.permissions.count(job("2", "U2"))
    told = await status(here, "", PLACE)

    assert "19 of 20 per hour for you, more from <!date^" in told
    assert "98 of 100 per hour for this workspace, more from <!date^" in told
    assert "58 of 60 per minute for all that I serve" in told


async def test_an_unused_rate_has_no_next_window(nowhere: AsyncWebClient) -> None:
    """Who asked for nothing yet has all of it; a rate that is off is not named."""
    settings = Settings(rate_workspace=None, rate_total=None)
    told = await status(desk(Kept(), nowhere, settings=settings), "", PLACE)

    assert "*Probes left:* 20 of 20 per hour for you\n" in told


async def test_without_rates_there_is_no_limit(nowhere: AsyncWebClient) -> None:
    """Where the operator switched every rate off, it says so."""
    settings = Settings(rate_user=None, rate_workspace=None, rate_total=None)

    assert "*Probes left:* no limit" in await status(
        desk(Kept(), nowhere, settings=settings), "", PLACE
    )


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (ProbePolicy.ANYONE, "anyone's"),
        (ProbePolicy.VERIFIED, "verified as this workspace's"),
        (ProbePolicy.OFF, "nobody's"),
    ],
)
async def test_the_policy_in_words(
    nowhere: AsyncWebClient, policy: ProbePolicy, words: str
) -> None:
    """Whose mail servers may be asked is said."""
    settings = Settings(probe_policy=policy)

    assert words in await status(desk(Kept(), nowhere, settings=settings), "", PLACE)


async def test_before_slack_has_said_who_we_are(nowhere: AsyncWebClient) -> None:
    """Until auth.test is answered, cards wait, and that is said."""
    assert "cards wait" in await status(desk(Kept(), nowhere), "", PLACE)


async def test_in_slack_it_is_the_ack(office: Office) -> None:
    """A signed command is answered to the person alone, with the name that the app has there."""
    ack = await office.slack.slash_command("dana", "incident", "status")

    assert ack.in_time
    assert "ephemeral" == ack.body["response_type"]
    assert "connected as <@U0RELAYCHK>" in ack.body["text"]
    assert () == office.slack.channel("incident").messages
