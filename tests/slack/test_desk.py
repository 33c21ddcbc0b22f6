"""Tests of asking for a check, wherever it was asked."""

from bot.slack.commands import answer
from tests.slack.office import Office


async def test_the_same_within_a_minute_points_to_the_first_card(office: Office) -> None:
    """A second request is not done again: the ack links to the card that stands."""
    card = await office.check()
    ack = await office.slack.slash_command("kai", "incident", "example.com")
    await office.settled()

    assert 1 == len(office.jobs)
    link = f"{office.slack.state.origin}/archives/C0INCIDENT/p{card.ts.replace('.', '')}"
    assert f"<{link}|see its card>" in ack.body["text"]


async def test_a_card_that_is_not_posted_yet_has_no_link(office: Office) -> None:
    """Before the first card stands, the ack says where it will."""
    await office.check()
    office.desk.results.of_person("T0SANDBOX", "U0DANA", 1)[0].story.standing.clear()
    ack = await office.slack.slash_command("kai", "incident", "example.com")

    assert "its card is in this channel" in ack.body["text"]


async def test_after_a_minute_it_is_asked_anew(office: Office) -> None:
    """Later the same request is a new check."""
    await office.check()
    office.wait(minutes=2)
    await office.slack.slash_command("kai", "incident", "example.com")
    await office.settled()

    assert 2 == len(office.jobs)


async def test_a_command_delivered_twice_is_no_second_request(office: Office) -> None:
    """Slack's own repetition is answered like the first, and done once."""
    ack = await office.slack.slash_command("dana", "incident", "example.com")
    await office.settled()
    second = await answer(dict(ack.payload), office.desk)

    assert ack.body["text"] == second
    assert 1 == len(office.jobs)
