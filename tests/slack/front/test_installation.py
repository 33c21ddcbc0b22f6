"""Tests of the app's tokens, and of who Slack says it is."""

from collections.abc import AsyncIterator

import pytest

from bot.deliver import make_client, make_session
from bot.sandbox.slack import Fault, StandIn
from bot.settings import Settings
from bot.slack.front.installation import (
    ConfigurationError,
    Identity,
    Tokens,
    check_tokens,
    learn_identity,
)


def settings(**tokens: str) -> Settings:
    """Return settings that hold these tokens and no others."""
    none = dict.fromkeys(("slack_bot_token", "slack_app_token", "slack_signing_secret"))
    return Settings(**{**none, **tokens})  # type: ignore[arg-type] # pydantic reads them


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"},
            Tokens("xoxb-1", "xapp-1", None),
        ),
        (
            {"slack_bot_token": " xoxb-1 ", "slack_signing_secret": "s"},
            Tokens("xoxb-1", None, "s"),
        ),
    ],
)
def test_tokens_for_socket_mode_and_for_http(given: dict[str, str], expected: Tokens) -> None:
    """A bot token goes with an app token, or with the signing secret."""
    assert expected == check_tokens(settings(**given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "SLACK_BOT_TOKEN is not set"),
        ({"slack_bot_token": "  ", "slack_app_token": "xapp-1"}, "SLACK_BOT_TOKEN is not set"),
        ({"slack_bot_token": "xoxb-1"}, "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET"),
        ({"slack_bot_token": "xapp-1", "slack_app_token": "xoxb-1"}, "in each other's place"),
        ({"slack_bot_token": "xoxb-1", "slack_app_token": "xoxb-1"}, "in each other's place"),
    ],
)
def test_what_is_missing_is_said(given: dict[str, str], said: str) -> None:
    """A token that is missing or mixed up is named, and no secret is shown."""
    with pytest.raises(ConfigurationError, match=said) as error:
        check_tokens(settings(**given))

    assert "xoxb-1" not in str(error.value)


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A workspace with the app in it."""
    async with StandIn() as stand_in:
        yield stand_in


async def learnt(slack: StandIn, token: str) -> Identity:
    """Ask Slack who the app is."""
    identity = Identity()
    async with make_session() as session:
        client = make_client(token, slack.base_url, session, retries=False)
        await learn_identity(client, identity, retry_s=0.01)
    return identity


async def test_slack_says_who_we_are(slack: StandIn) -> None:
    """The identity is filled in from auth.test."""
    identity = await learnt(slack, slack.state.bot_token)

    assert not Identity().is_known
    assert identity.is_known
    assert Identity("Sandbox", f"{slack.state.origin}/", "B0RELAYCHK", "U0RELAYCHK") == identity


async def test_a_slack_that_is_away_is_asked_again(slack: StandIn) -> None:
    """Until Slack answers, the question stays."""
    slack.faults.add(Fault(method="auth.test", error="internal_error", status=500, times=3))

    assert (await learnt(slack, slack.state.bot_token)).is_known


async def test_a_refused_token_is_said(slack: StandIn) -> None:
    """A token that Slack does not take is a fault of the configuration."""
    with pytest.raises(ConfigurationError, match=r"refuses SLACK_BOT_TOKEN \(invalid_auth\)"):
        await learnt(slack, "xoxb-wrong")
