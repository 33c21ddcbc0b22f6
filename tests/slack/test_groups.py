"""Who is in a named user group: asked of Slack, and believed for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.deliver import make_client
from bot.sandbox.slack import Fault, StandIn
from bot.settings import People
from bot.slack.groups import REMEMBERED_S, SCOPE, Members

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient

ONCALL = "S0ONCALL"  # Dana is in it, Kai is not
METHOD = "usergroups.users.list"


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A Slack in which the operator has granted the reading of user groups."""
    async with StandIn(rate_limits=False) as running:
        running.state.scopes |= {SCOPE}
        yield running


@pytest.fixture
def client(slack: StandIn, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The way there."""
    return make_client(slack.state.bot_token, slack.base_url, session, retries=False)


def asked(slack: StandIn) -> int:
    """Return how often Slack was asked."""
    return sum(call.method == METHOD for call in slack.state.calls)


def members(*groups: str, people: tuple[str, ...] = ()) -> Members:
    """Return those who were named, at a time that stands still."""
    return Members(People(people=people, groups=groups), lambda: 0.0)


@pytest.mark.parametrize(
    ("named", "anybody"),
    [
        (People(), False),
        (People(people=("U0DANA",)), True),
        (People(groups=(ONCALL,)), True),
    ],
)
def test_whether_anybody_was_named(named: People, anybody: bool) -> None:
    """A person or a group is somebody, before Slack has been asked."""
    assert anybody is Members(named, lambda: 0.0).anybody


async def test_who_is_named_is_known_at_once(slack: StandIn, client: AsyncWebClient) -> None:
    """Slack need not be asked about them, though a group is named as well."""
    named = members(ONCALL, people=("U0KAI",))

    assert named.knows("U0KAI")
    assert "" == await named.learn("U0KAI", client)
    assert 0 == asked(slack)


async def test_a_member_is_known_once_slack_was_asked(
    slack: StandIn, client: AsyncWebClient
) -> None:
    """Slack says so, and is not asked again while that is remembered."""
    named = members(ONCALL)
    assert not named.knows("U0DANA")
    assert "" == await named.learn("U0DANA", client)
    assert "" == await named.learn("U0DANA", client)

    assert named.knows("U0DANA")
    assert 1 == asked(slack)


async def test_who_is_in_no_group_stays_unknown(slack: StandIn, client: AsyncWebClient) -> None:
    """An answer without them is no error; they may join later, so Slack is asked each time."""
    named = members(ONCALL)
    for _ in range(2):
        assert "" == await named.learn("U0KAI", client)

    assert not named.knows("U0KAI")
    assert 2 == asked(slack)


async def test_what_slack_said_is_believed_for_a_while(client: AsyncWebClient) -> None:
    """Whoever has left the group is out after that time."""
    now = 0.0
    named = Members(People(groups=(ONCALL,)), lambda: now)
    await named.learn("U0DANA", client)
    now = REMEMBERED_S
    assert named.knows("U0DANA")

    now = REMEMBERED_S + 1
    assert not named.knows("U0DANA")


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited"])
async def test_no_answer_is_no_membership(
    slack: StandIn, client: AsyncWebClient, error: str
) -> None:
    """Where Slack does not say, its error is returned, and nobody is let in."""
    slack.faults.add(Fault(method=METHOD, error=error))
    named = members(ONCALL)

    assert error == await named.learn("U0DANA", client)
    assert not named.knows("U0DANA")


async def test_one_group_that_is_gone_does_not_hide_another(client: AsyncWebClient) -> None:
    """A member of any group is let in; who is in none hears what hindered the look."""
    named = members("S0GONE", ONCALL)

    assert "" == await named.learn("U0DANA", client)
    assert named.knows("U0DANA")
    assert "no_such_subteam" == await named.learn("U0KAI", client)


async def test_the_first_group_that_has_them_is_enough(
    slack: StandIn, client: AsyncWebClient
) -> None:
    """No more is asked than it takes."""
    await members(ONCALL, "S0GONE").learn("U0DANA", client)

    assert 1 == asked(slack)
