"""Tests of the buttons on a check's cards."""

import json

from bot.slack.cards.buttons import CardButtons, is_provable
from tests.deliver.scripted import host, progress
from tests.slack.labels import labels
from tests.slack.office import Office


async def test_a_finished_card_can_be_acted_upon(office: Office) -> None:
    """The parent has its buttons, each host's card has its evidence."""
    card = await office.check()

    more = ["Try all variants", "Other ports", "Watch", "Export"]
    assert ["Check again", "Prove delivery", "Acknowledge", *more] == labels(card)
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

    more = ["Try all variants", "Other ports", "Watch", "Export"]
    assert ["Check again", *more] == labels(await office.check())


async def test_a_private_result_can_be_shared(office: Office) -> None:
    """What only its owner sees has a way to the channel, and nothing to take in hand."""
    own = await office.check("example.com --private")

    assert ["Check again", "Prove delivery", "Share"] == labels(own)[:3]


async def test_what_was_asked_for_is_not_offered_again(office: Office) -> None:
    """Who asked every form at every port is offered neither."""
    card = await office.check("example.com --variants --ports 25,465,587")

    assert ["Check again", "Prove delivery", "Acknowledge", "Watch", "Export"] == labels(card)


async def test_a_proof_needs_a_mailbox_and_something_accepted(office: Office) -> None:
    """Without a canary, or where nothing was accepted, there is no such button."""
    await office.check()
    result = await office.result()
    without = CardButtons(result, can_prove=False).for_parent()

    assert "relaycheck.prove" not in str(without)
    assert not is_provable(progress(host(1), finished=True).report)
    assert not is_provable(None)


async def test_each_button_that_acts_on_others_asks_first(office: Office) -> None:
    """What sends mail, or asks more of strangers' servers, is confirmed."""
    card = await office.check()
    (row,) = [block for block in card.blocks if block["type"] == "actions"]

    asks = [each["action_id"] for each in row["elements"] if "confirm" in each]
    assert ["prove", "acknowledge", "variants", "ports"] == [
        each.removeprefix("relaycheck.") for each in asks
    ]
    assert "small message" in str(row)


async def test_a_host_that_nobody_knows_has_no_buttons(office: Office) -> None:
    """There is no evidence of a host that is not in the report."""
    await office.check()
    result = await office.result()

    assert [] == list(CardButtons(result, can_prove=True).for_host("mx9.example.com"))
