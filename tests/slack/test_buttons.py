"""Tests of the buttons on a check's cards."""

import json

from bot.slack.buttons import CardButtons
from tests.deliver.scripted import host, progress
from tests.slack.labels import labels
from tests.slack.office import Office


async def test_a_finished_card_can_be_acted_upon(office: Office) -> None:
    """The parent has its buttons, each host's card has its evidence."""
    card = await office.check()

    assert ["Check again", "Acknowledge", "Export JSON"] == labels(card)
    replies = office.slack.channel("incident").replies(card.ts)
    assert [["Evidence"], ["Evidence"]] == [labels(reply) for reply in replies]


async def test_buttons_carry_nothing_but_a_handle(office: Office) -> None:
    """What a button carries names no domain, no host and no person."""
    card = await office.check()

    carried = json.dumps([block for block in card.blocks if block["type"] == "actions"])
    assert "example.com" not in carried
    assert "U0DANA" not in carried


async def test_a_clean_result_needs_nobody_to_take_it(office: Office) -> None:
    """Where there is nothing to do, there is nothing to acknowledge."""
    office.courses = [[progress(host(1), finished=True)]]

    assert ["Check again", "Export JSON"] == labels(await office.check())


async def test_a_private_result_can_be_shared(office: Office) -> None:
    """What only its owner sees has a way to the channel, and nothing to take in hand."""
    assert ["Check again", "Share", "Export JSON"] == labels(
        await office.check("example.com --private")
    )


async def test_a_host_that_nobody_knows_has_no_buttons(office: Office) -> None:
    """There is no evidence of a host that is not in the report."""
    await office.check()
    (result,) = office.desk.results.of_person("T0SANDBOX", "U0DANA", 9)

    assert [] == list(CardButtons(result).for_host("mx9.example.com"))
