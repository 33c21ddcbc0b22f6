"""Tests of what buttons do to a result."""

from bot.sandbox.slack import Fault
from bot.slack.cards.buttons import ACKNOWLEDGE, CHECK_AGAIN, SHARE
from tests.slack.labels import labels
from tests.slack.office import Office


async def test_acknowledge_says_who_has_it(office: Office) -> None:
    """Everybody sees who has it in hand, and there is no button to take it a second time."""
    card = await office.check()
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()

    assert "<@U0KAI> has it in hand, <!date^" in office.parent().text
    assert "Acknowledge" not in labels(office.parent())


async def test_a_stale_acknowledgement_is_told_who_has_it(office: Office) -> None:
    """Who presses on a card that has not caught up is told what is true now."""
    card = await office.check()
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.slack.press("dana", card, ACKNOWLEDGE)
    await office.settled()

    assert "<@U0KAI> has it in hand already." == office.told()


async def test_an_acknowledgement_survives_a_new_check(office: Office) -> None:
    """Who has it in hand stays on the card when it is checked again."""
    card = await office.check()
    await office.slack.press("kai", card, ACKNOWLEDGE)
    office.wait(minutes=2)
    await office.slack.press("kai", office.parent(), CHECK_AGAIN)
    await office.settled()

    assert "has it in hand" in office.parent().text
    assert "Checked again" in office.parent().text
    assert card.ts == office.parent().ts


async def test_where_the_app_is_no_member_the_pressed_message_changes(office: Office) -> None:
    """A result that came by response_url is changed through the press's own response_url."""
    card = await office.check(channel="general")
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()

    assert "<@U0KAI> has it in hand" in office.parent("general").text
    assert card.ts == office.parent("general").ts


async def test_a_card_that_cannot_be_changed_is_told(office: Office) -> None:
    """When Slack does not let the card change, the presser knows."""
    card = await office.check()
    office.slack.faults.add(Fault(method="chat.update", error="restricted_action"))
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()

    assert "(restricted_action)" in office.told(user="U0KAI")


async def test_a_pressed_message_that_cannot_be_changed_is_told(office: Office) -> None:
    """When the press's own response_url is over, the presser is told what the card cannot say."""
    card = await office.check(channel="general")
    office.slack.faults.add(
        Fault(method="response_url", error="expired_url", status=404, times=None)
    )
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()

    dm = office.slack.workspace.direct("U0KAI", "U0RELAYCHK").id
    assert "<@U0KAI> has it in hand" in office.slack.channel(dm).messages[0].text


async def test_share_shows_a_private_result_to_the_channel(office: Office) -> None:
    """Its owner shares it: parent and hosts stand in the channel, with who shared it."""
    own = await office.check("example.com --private")
    await office.slack.press("dana", own, SHARE)
    await office.settled()

    assert "Shared by <@U0DANA>" in office.parent().text
    assert 2 == len(office.slack.channel("incident").replies(office.parent().ts))
    await office.slack.press("dana", own, SHARE)
    await office.settled()
    assert "shared already: <http" in office.told()


async def test_share_where_the_app_is_no_member(office: Office) -> None:
    """Shared in a channel without the app, it comes by response_url."""
    own = await office.check("example.com --private", "general")
    await office.slack.press("dana", own, SHARE)
    await office.settled()

    assert "Shared by <@U0DANA>" in office.parent("general").text


async def test_what_runs_is_not_shared(office: Office) -> None:
    """While it is checked again, a private result still goes to its owner alone."""
    own = await office.check("example.com --private")
    result = await office.result()
    result.story.last, result.ended_at = None, None
    await office.slack.press("dana", own, SHARE)
    await office.settled()

    assert "right now" in office.told()
    assert () == office.slack.channel("incident").parents


async def test_what_waits_to_be_checked_again_is_not_shared(office: Office) -> None:
    """A check that was accepted goes to the owner alone, so nothing is shared until it has."""
    own = await office.check("example.com --private")
    office.wait(minutes=2)
    office.engine.turn.clear()
    await office.slack.press("dana", own, CHECK_AGAIN)
    await office.desk.afterwards.drain(5)
    office.wait(minutes=2)
    await office.slack.press("dana", own, SHARE)
    await office.desk.afterwards.drain(5)

    assert "right now" in office.told()
    office.engine.turn.set()
    await office.settled()
    assert () == office.slack.channel("incident").parents
