"""Tests of a press as data, and of answering whoever pressed."""

from bot.render.card import Card
from bot.slack.cards.press import (
    Press,
    change_pressed,
    kept_in_form,
    parse_press,
    parse_submission,
    tell,
)
from tests.slack.office import Office

BODY = {
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "trigger_id": "1.2",
    "actions": [{"action_id": "relaycheck.check_again", "value": "handle"}],
}


def test_a_press_on_a_message() -> None:
    """What matters of a press on a message is who, where, and what the button carried."""
    body = BODY | {
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "1.1"},
        "response_url": "https://hooks.slack.com/actions/1",
    }

    assert parse_press(body) == Press(
        team="T1",
        user="U1",
        action_id="relaycheck.check_again",
        value="handle",
        trigger_id="1.2",
        channel="C1",
        message_ts="1.1",
        response_url="https://hooks.slack.com/actions/1",
    )


def test_a_press_in_a_view() -> None:
    """In a view there is no channel; the view says what it is about."""
    press = parse_press(BODY | {"view": {"id": "V1", "private_metadata": "handle.0"}})

    assert ("", "V1", "handle.0") == (press.channel, press.view_id, press.subject)


def test_a_form_that_a_card_opened() -> None:
    """Whoever submits it acts on that card, where it was pressed."""
    view = {"callback_id": "relaycheck_x", "private_metadata": kept_in_form("handle", "C1")}

    assert parse_submission(BODY | {"view": view}) == Press(
        team="T1",
        user="U1",
        action_id="relaycheck_x",
        value="handle",
        trigger_id="1.2",
        channel="C1",
    )


async def test_who_pressed_without_a_response_url_is_told_directly(office: Office) -> None:
    """Pressed in a view, the answer is a direct message."""
    press = Press(
        team="T0SANDBOX", user="U0KAI", action_id="x", value="", trigger_id="1.2", view_id="V1"
    )
    await tell(office.desk.slack, press, "No.")

    dm = office.slack.workspace.direct("U0KAI", "U0RELAYCHK").id
    assert ["No."] == [message.text for message in office.slack.channel(dm).messages]


async def test_only_slacks_response_url_is_used(office: Office) -> None:
    """A response_url that leads elsewhere changes nothing."""
    url = "http://127.0.0.1:1/response/x"
    press = parse_press(BODY | {"response_url": url})

    assert not await change_pressed(office.desk.slack, press, Card("x", []), in_channel=True)
