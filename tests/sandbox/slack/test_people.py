"""What people do reaches the app, Bolt's own, over both transports; what it answers is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.sandbox.slack import StandIn
    from tests.sandbox.slack.conftest import Heard

BUTTON = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}}
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "options",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Options"},
    "submit": {"type": "plain_text", "text": "Check"},
    "blocks": [
        {
            "type": "input",
            "block_id": "domain",
            "label": {"type": "plain_text", "text": "Domain"},
            "element": {"type": "plain_text_input", "action_id": "domain"},
        }
    ],
}


async def test_slash_command_ack_is_shown_to_the_person_alone(slack: StandIn, heard: Heard) -> None:
    """The text of an ack is ephemeral unless it says otherwise."""
    ack = await slack.slash_command("dana", "incident", "example.com")

    assert ack.in_time
    assert "example.com" == heard.bodies[0]["text"]
    assert "Looking." == slack.channel("incident").ephemerals("U0DANA")[0].text
    assert () == slack.channel("incident").messages


async def test_ack_in_channel_is_shown_to_all(slack: StandIn, heard: Heard) -> None:
    """An ack of response_type in_channel reaches a channel that the bot is not a member of."""
    heard.answer = {"text": "Hello", "response_type": "in_channel"}

    await slack.slash_command("dana", "general", "example.com")

    assert "Hello" == slack.channel("general").messages[0].text


async def test_button_press_reaches_the_app(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A press carries the action, the message and a response_url that works."""
    await client.chat_postMessage(channel="C0INCIDENT", text="card", blocks=[BUTTON])

    delivery = await slack.press("kai", slack.channel("incident").messages[0], "again")

    assert delivery.in_time
    body = heard.bodies[0]
    assert "again" == body["actions"][0]["action_id"]
    assert "card" == body["message"]["text"]
    assert body["response_url"].startswith(slack.state.origin)


async def test_button_that_is_not_there_cannot_be_pressed(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A test that presses nothing is told so."""
    await client.chat_postMessage(channel="C0INCIDENT", text="card", blocks=[BUTTON])

    with pytest.raises(LookupError, match="again"):
        await slack.press("kai", slack.channel("incident").messages[0], "gone")


async def test_silence_is_told_by_slackbot(slack: StandIn, heard: Heard) -> None:
    """A command that is not acknowledged in time fails visibly, for its sender alone."""
    heard.silent = True
    slack.courier._deadline_s = slack.state.sockets._deadline_s = 0.1

    delivery = await slack.slash_command("dana", "incident", "example.com")

    assert "operation_timeout" == delivery.error
    assert "operation_timeout" in slack.channel("incident").ephemerals()[0].text


async def test_ack_that_slack_would_refuse_is_told_by_slackbot(
    slack: StandIn, heard: Heard
) -> None:
    """Broken blocks in an ack are not shown."""
    heard.answer = {"text": "x", "blocks": [{"type": "nonsense"}]}

    await slack.slash_command("dana", "incident", "example.com")

    assert "invalid_blocks" in slack.channel("incident").ephemerals()[0].text


async def test_command_without_an_app_fails(slack: StandIn) -> None:
    """Nobody connected: Slack says dispatch_failed."""
    assert "dispatch_failed" == (await slack.slash_command("dana", "incident")).error


async def test_modal_from_trigger_to_submission(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A modal opens by a trigger, says what was typed, obeys errors, and closes."""
    await slack.slash_command("dana", "incident", "options")
    await client.views_open(trigger_id=heard.bodies[0]["trigger_id"], view=MODAL)
    heard.view = {"response_action": "errors", "errors": {"domain": "Not a domain."}}

    await slack.submit("dana", {"domain": "x"})
    view = slack.state.views.stack("U0DANA")[0]
    assert {"domain": "Not a domain."} == view.errors

    heard.view = {}
    await slack.submit("dana", {"domain": "example.com"})
    values = heard.bodies[-1]["view"]["state"]["values"]
    assert "example.com" == values["domain"]["domain"]["value"]
    assert () == slack.state.views.stack("U0DANA")


async def test_modal_stays_when_nobody_answers(slack: StandIn) -> None:
    """A submission that was not acknowledged leaves the modal as it is."""
    slack.state.views.open("U0DANA", {**MODAL, "blocks": []})

    await slack.submit("dana")

    assert 1 == len(slack.state.views.stack("U0DANA"))


async def test_view_actions_of_an_ack(slack: StandIn, client: AsyncWebClient, heard: Heard) -> None:
    """A submission's ack can change the view, push another, or clear them all."""
    await slack.slash_command("dana", "incident", "options")
    await client.views_open(trigger_id=heard.bodies[0]["trigger_id"], view=MODAL)
    other = {**MODAL, "title": {"type": "plain_text", "text": "Other"}}

    heard.view = {"response_action": "update", "view": other}
    await slack.submit("dana")
    assert "Other" == slack.state.views.stack("U0DANA")[0].wire["title"]["text"]
    heard.view = {"response_action": "push", "view": MODAL}
    await slack.submit("dana")
    assert 2 == len(slack.state.views.stack("U0DANA"))
    heard.view = {"response_action": "clear"}
    await slack.submit("dana")
    assert () == slack.state.views.stack("U0DANA")
    with pytest.raises(LookupError):
        await slack.submit("dana")


async def test_closed_modal_is_told_when_asked_for(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """notify_on_close decides whether the app hears of it."""
    for notify in (True, False):
        await slack.slash_command("dana", "incident", "options")
        view = {**MODAL, "notify_on_close": notify}
        await client.views_open(trigger_id=heard.bodies[-1]["trigger_id"], view=view)
        assert notify is (await slack.close_view("dana") is not None)

    assert "view_closed" == heard.bodies[-2]["type"]


async def test_button_in_a_view_carries_the_view(
    slack: StandIn, client: AsyncWebClient, heard: Heard
) -> None:
    """A press in App Home says which view, and has no message."""
    await client.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [BUTTON]})
    home = slack.state.views.home("U0DANA")
    assert home is not None

    await slack.press("dana", home, "again")

    assert home.id == heard.bodies[0]["container"]["view_id"] == heard.bodies[0]["view"]["id"]
    assert "message" not in heard.bodies[0]


async def test_shortcuts_and_home(slack: StandIn, client: AsyncWebClient, heard: Heard) -> None:
    """Both kinds of shortcut and the opened Home tab reach the app."""
    message = await slack.say("kai", "incident", "mail from example.com bounces")

    assert (await slack.message_shortcut("dana", message, "check_here")).in_time
    assert (await slack.global_shortcut("dana", "check_domain")).in_time
    assert (await slack.open_home("dana")).in_time

    kinds = [body.get("event", body)["type"] for body in heard.bodies]
    assert ["message_action", "shortcut", "app_home_opened"] == kinds


async def test_mention_is_an_event_where_the_app_is_a_member(slack: StandIn, heard: Heard) -> None:
    """A mention in a channel without the app is not delivered."""
    await slack.say("dana", "general", "<@U0RELAYCHK> example.com")
    message = await slack.say("dana", "incident", "<@U0RELAYCHK> example.com")
    await slack.say("dana", "incident", "<@U0RELAYCHK> again", thread_ts=message.ts)

    events = [body["event"] for body in heard.bodies]
    assert ["<@U0RELAYCHK> example.com", "<@U0RELAYCHK> again"] == [e["text"] for e in events]
    assert message.ts == events[1]["thread_ts"]


async def test_same_delivery_twice(slack: StandIn, heard: Heard) -> None:
    """Slack may deliver the same payload again; the app sees the same trigger."""
    first = await slack.slash_command("dana", "incident", "example.com")

    await slack.again(first)

    assert 1 == len({body["trigger_id"] for body in heard.bodies})
    assert 2 == len(heard.bodies) == len(slack.deliveries)
