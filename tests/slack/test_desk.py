"""Tests of asking for a check, wherever it was asked."""

import aiohttp

from bot.settings import Rate, Settings
from bot.slack.asking.commands import answer
from tests.slack.office import Office, opened


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
    (await office.result()).story.standing.clear()
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


async def test_who_has_asked_for_enough_is_told_when_to_come_again(
    session: aiohttp.ClientSession,
) -> None:
    """The ack and the card say so in one sentence; the job asks no mail server."""
    async with opened(session, Settings(rate_user=Rate(1, 3600, "hour"))) as office:
        await office.check()
        ack = await office.slack.slash_command("dana", "incident", "example.net")
        await office.settled()
        first, second = office.jobs

        assert "" == first.withheld
        assert second.withheld.startswith("a person may ask for 1 probe per hour, again from ")
        said = "Only DNS is looked at: a person may ask for 1 probe per hour; ask again from <!date"
        assert ack.body["text"].startswith(said)
        assert said in second.note


async def test_who_presses_again_is_counted_and_the_card_keeps_its_line(
    session: aiohttp.ClientSession,
) -> None:
    """Another person's press is theirs; the second line of small print says what is withheld."""
    async with opened(session, Settings(rate_user=Rate(1, 3600, "hour"))) as office:
        card = await office.check()
        for wait in (2, 4):
            office.wait(minutes=wait)
            await office.slack.press("kai", card, "Check again")
            await office.settled()
            card = office.parent()
        second, third = office.jobs[1:]

        assert "" == second.withheld
        assert third.withheld
        again, refused = third.note.split("\n")
        assert again.startswith("Checked again by <@U0KAI>")
        assert refused.startswith("Only DNS is looked at")
