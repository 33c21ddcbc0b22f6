"""The stand-in as one object: found by its settings, looked at, waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack import Fault

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.sandbox.slack import StandIn


async def test_environment_tells_the_app_how_to_find_it(slack: StandIn) -> None:
    """An app token stands for Socket Mode; with a request_url there is none."""
    assert slack.base_url == slack.environment()["SLACK_API_URL"]
    assert "SLACK_APP_TOKEN" in slack.environment()
    slack.courier.request_url = "http://127.0.0.1:1/"
    assert "SLACK_APP_TOKEN" not in slack.environment()


async def test_until_waits_for_what_is_looked_for(slack: StandIn, client: AsyncWebClient) -> None:
    """A test waits for a message, and not a moment longer than it allows."""
    slack.faults.add(Fault(method="chat.postMessage", delay_s=0.01))
    await client.chat_postMessage(channel="C0INCIDENT", text="hello")

    assert await slack.until(lambda: slack.channel("incident").messages)
    with pytest.raises(TimeoutError):
        await slack.until(lambda: slack.channel("general").messages, within_s=0.01)
