"""`/relaycheck verify`: what to publish, and whether it is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Destination
from bot.settings import Named, Settings
from bot.slack import permissions
from bot.slack.verify import verify
from tests.posture.zone import Zone
from tests.slack.kept import NOW, Kept, desk

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.model.question import Answer, Question

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)
SETTINGS = Settings(verify_secret="0123456789abcdef")  # type: ignore[arg-type] # read by its reader


async def test_what_to_publish_and_then_that_it_is_there(nowhere: AsyncWebClient) -> None:
    """The record that the answer names is the one that verifies."""
    zone = Zone({})
    here = desk(Kept(), nowhere, settings=SETTINGS, ask=zone.ask)
    told = await verify(here, "shop.example", PLACE)
    token = here.permissions.consent("T1").token("shop.example")

    assert f'`_relaycheck.shop.example. TXT "{token}"`' in told
    zone.records["_relaycheck.shop.example TXT"] = [token]
    assert "`shop.example` is verified" in await verify(here, "shop.example", PLACE)


@pytest.mark.parametrize(
    ("typed", "said"), [("", "verify example.com"), ("a b.c d.e", "one domain at a time")]
)
async def test_what_is_no_domain(nowhere: AsyncWebClient, typed: str, said: str) -> None:
    """It says what to type."""
    assert said in await verify(desk(Kept(), nowhere, settings=SETTINGS), typed, PLACE)


async def test_without_a_secret_only_the_operator_vouches(nowhere: AsyncWebClient) -> None:
    """Then there is no token to publish, and what is vouched for is verified."""
    settings = Settings(verified=Named(domains=("shop.example",)))
    here = desk(Kept(), nowhere, settings=settings)

    assert "is verified" in await verify(here, "mx.shop.example", PLACE)
    assert "RELAYCHECK_VERIFY_SECRET" in await verify(here, "other.example", PLACE)


async def test_a_slow_dns_is_said(nowhere: AsyncWebClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is verified is then not known, and what to publish is told."""
    monkeypatch.setattr(permissions, "LOOK_S", 0.01)

    async def ask(_: Question) -> Answer:
        return await asyncio.Future()

    here = desk(Kept(), nowhere, settings=SETTINGS, ask=ask)
    told = await verify(here, "shop.example", PLACE)

    assert told.startswith("DNS was too slow")
    assert "_relaycheck.shop.example" in told
