"""What a person does on the page is done as Slack would let them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.page.deeds import Deed, DeedError, do
from bot.sandbox.page.listing import Command, Listing
from bot.sandbox.slack import Message, StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LISTING = Listing(commands=(Command("/relaycheck", "", "", escapes=True),))
BUTTON = {
    "type": "actions",
    "block_id": "a",
    "elements": [
        {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in with no app: every delivery fails, and says so."""
    async with StandIn() as stand_in:
        yield stand_in


async def done(slack: StandIn, deed: str, **details: Any) -> str:  # noqa: ANN401 - JSON
    """Do a deed as Dana in #incident."""
    given = {"channel": "C0INCIDENT", **details, "deed": deed}
    return await do(Deed(slack, LISTING, "U0DANA", given))


async def test_message_is_said(slack: StandIn) -> None:
    """Text that is no command is a message, in a thread where one is open."""
    await done(slack, "send", text="hello <!channel>", thread_ts="1.1")

    said = slack.channel("incident").messages[0]
    assert ("hello &lt;!channel&gt;", "1.1") == (said.text, said.thread_ts)


async def test_command_is_delivered_as_typed_in_slack(slack: StandIn) -> None:
    """A command goes to the app, links escaped; that nobody is there is told."""
    assert "dispatch_failed" == await done(slack, "send", text="/relaycheck example.com")

    assert "<http://example.com|example.com>" == slack.deliveries[0].payload["text"]


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"text": "/nonsense"}, "not a valid command"),
        ({"text": "/relaycheck x.test", "thread_ts": "1.1"}, "not supported in threads"),
        ({"text": "hi", "channel": "C0ARCHIVED"}, "archived"),
        ({"text": 7}, "text is missing"),
        ({"text": "hi", "channel": "C0NOWHERE"}, "C0NOWHERE"),
    ],
)
async def test_what_cannot_be_sent_is_said(
    slack: StandIn, details: dict[str, Any], sentence: str
) -> None:
    """Slack refuses some things before any app hears of them."""
    with pytest.raises(DeedError, match=sentence):
        await done(slack, "send", **details)

    assert [] == slack.deliveries


async def test_press_on_message_and_view(slack: StandIn) -> None:
    """A button is pressed where it stands."""
    where = slack.workspace.keep(
        Message(channel="C0INCIDENT", ts="1.1", user="U0RELAYCHK", blocks=(BUTTON,))
    )
    home = slack.state.views.publish("U0DANA", {"type": "home", "blocks": [BUTTON]}, None)

    await done(slack, "press", ts=where.ts, action_id="go")
    await done(slack, "press", view=home.id, action_id="go", typed={})

    containers = [each.payload["container"]["type"] for each in slack.deliveries]
    assert ["message", "view"] == containers
    for details in ({"ts": "9.9"}, {"ts": where.ts}, {"view": "V0"}):
        with pytest.raises(DeedError):
            await done(slack, "press", action_id="gone", **details)


async def test_modal_is_submitted_and_closed(slack: StandIn) -> None:
    """Submitting tells the app; closing tells it only where it asked for that."""
    with pytest.raises(DeedError, match="no modal"):
        await done(slack, "submit")
    slack.state.views.open("U0DANA", {"type": "modal", "blocks": []})

    assert "dispatch_failed" == await done(slack, "submit")
    assert "" == await done(slack, "close")
    assert () == slack.state.views.stack("U0DANA")


async def test_shortcuts_home_and_delete(slack: StandIn) -> None:
    """The menu of a message, the shortcuts beside the composer, and the Home tab."""
    message = await slack.say("kai", "incident", "hello")
    slack.courier.retry_after_s = ()

    await done(slack, "shortcut", callback_id="here", ts=message.ts)
    await done(slack, "shortcut", callback_id="any")
    await done(slack, "home")
    await done(slack, "delete", ts=message.ts)

    kinds = [each.payload.get("event", each.payload)["type"] for each in slack.deliveries]
    assert ["message_action", "shortcut", "app_home_opened"] == kinds
    assert () == slack.channel("incident").messages


async def test_faults_are_caused_and_cleared(slack: StandIn) -> None:
    """A fault waits until it is cleared, revoked tokens too."""
    await done(slack, "cause", preset="slow")
    await done(slack, "cause", preset="revoke")
    assert slack.faults.waiting

    await done(slack, "clear")
    assert ([], False) == (slack.faults.waiting, slack.state.revoked)
    for deed, details in (("cause", {"preset": "x"}), ("nonsense", {})):
        with pytest.raises(DeedError):
            await done(slack, deed, **details)
