"""Tests of what buttons ask anew."""

import json
from dataclasses import replace

import pytest

from bot.model.verdict import Judgement, Reason, Verdict
from bot.slack.cards.buttons import CHECK_AGAIN, PORTS, PROVE, VARIANTS
from tests.deliver.scripted import host, progress
from tests.slack.labels import labels
from tests.slack.office import Office

OPEN = Judgement(Verdict.OPEN, Reason.DELIVERED)


async def test_check_again_brings_the_same_messages_up_to_date(office: Office) -> None:
    """After a repair the card that stands shows it, with who asked and what was before."""
    card = await office.check()
    office.courses = [[progress(host(1), host(2), finished=True)]]
    office.wait(minutes=2)
    await office.slack.press("kai", card, CHECK_AGAIN)
    await office.settled()

    after = office.parent()
    assert after.ts == card.ts
    assert "Checked again by <@U0KAI>" in after.text
    assert "Before: LIKELY OPEN" in after.text
    assert "refuse" in after.text
    assert 2 == len(office.jobs)


async def test_check_again_waits_a_minute(office: Office) -> None:
    """A mail host is not asked more than once a minute; the presser is told when."""
    card = await office.check()
    await office.slack.press("kai", card, CHECK_AGAIN)
    await office.settled()

    assert 1 == len(office.jobs)
    assert "less than a minute ago: again from <!date^" in office.told(user="U0KAI")


async def test_check_again_while_it_runs(office: Office) -> None:
    """A check that has not ended is not begun again."""
    card = await office.check()
    result = await office.result()
    result.story.last, result.ended_at = progress(host(1, None)), None
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    assert "right now" in office.told()


async def test_check_again_while_it_waits_for_its_turn(office: Office) -> None:
    """However long a check waits for its turn, a second one of the same card is not begun."""
    card = await office.check()
    office.engine.turn.clear()
    for _ in range(2):
        office.wait(minutes=2)
        await office.slack.press("dana", card, CHECK_AGAIN)
        await office.desk.afterwards.drain(5)
    office.engine.turn.set()
    await office.settled()

    assert "right now" in office.told()
    assert 2 == len(office.jobs)


async def test_check_again_may_be_refused(office: Office) -> None:
    """When no work is taken, the presser is told why."""
    card = await office.check()
    office.wait(minutes=2)
    await office.desk.jobs.drain(1)
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    assert "restarted" in office.told()


@pytest.mark.parametrize(
    ("button", "note", "changed"),
    [
        (PROVE, "Asked to prove delivery by", {"prove": True}),
        (VARIANTS, "Every form asked for by", {"variants": True}),
        (PORTS, "Ports 25, 465 and 587 asked for by", {"ports": (25, 465, 587)}),
    ],
)
async def test_a_button_asks_more_in_place(
    office: Office, button: str, note: str, changed: dict[str, object]
) -> None:
    """The check that is begun differs in what the button says; the card says who, what and when."""
    card = await office.check()
    office.wait(minutes=2)
    await office.slack.press("kai", card, button)
    await office.settled()

    first, second = office.jobs
    assert replace(first.request, **changed) == second.request  # type: ignore[arg-type] # fields
    assert card.ts == office.parent().ts
    assert f"{note} <@U0KAI> <!date^" in office.parent().text


async def test_a_proof_changes_the_card_in_place(office: Office) -> None:
    """What was likely is certain, and there is nothing left to prove."""
    card = await office.check()
    office.courses = [[progress(host(1), host(2, OPEN), finished=True)]]
    office.wait(minutes=2)
    await office.slack.press("dana", card, PROVE)
    await office.settled()

    assert "OPEN" in office.parent().text
    assert "Before: LIKELY OPEN" in office.parent().text
    assert "Prove delivery" not in labels(office.parent())


async def test_checking_again_sends_no_message(office: Office) -> None:
    """A proof is asked for each time; it is not repeated by the way."""
    card = await office.check("example.com --prove")
    office.wait(minutes=2)
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    assert [True, False] == [job.request.prove for job in office.jobs]


async def test_more_than_once_a_minute_is_not_asked(office: Office) -> None:
    """The other questions go to the same servers, and keep the same distance."""
    card = await office.check()
    await office.slack.press("kai", card, VARIANTS)
    await office.settled()

    assert 1 == len(office.jobs)
    assert "less than a minute ago" in office.told(user="U0KAI")


@pytest.mark.parametrize(
    ("button", "asked", "told"),
    [
        (VARIANTS, "--variants", "Every form was tried already"),
        (PORTS, "--ports 587,25,465", "were asked already"),
    ],
)
async def test_what_was_asked_already_is_told(
    office: Office, button: str, asked: str, told: str
) -> None:
    """A card that has not caught up offers what was done; the presser is told so."""
    card = await office.check(f"example.com {asked}")
    old = replace(card, blocks=json.loads(json.dumps(card.blocks).replace(CHECK_AGAIN, button)))
    await office.slack.press("dana", old, button)
    await office.settled()

    assert told in office.told()
    assert 1 == len(office.jobs)


async def test_a_stale_proof_is_told_that_there_is_nothing_to_prove(office: Office) -> None:
    """A card that was closed meanwhile gets no message sent."""
    card = await office.check()
    result = await office.result()
    result.story.last = progress(host(1), finished=True)
    await office.slack.press("dana", card, PROVE)
    await office.settled()

    assert "Nothing was accepted here" in office.told()
    assert 1 == len(office.jobs)


async def test_without_a_canary_there_is_nothing_to_send_to(office: Office) -> None:
    """Typed or pressed, a proof without a mailbox names the settings that make one."""
    card = await office.check()
    office.desk.results.can_prove = False
    await office.slack.press("dana", card, PROVE)
    await office.settled()
    ack = await office.slack.slash_command("dana", "incident", "example.org --prove")

    assert "`RELAYCHECK_CANARY_LISTEN`" in office.told()
    assert "`RELAYCHECK_CANARY_LISTEN`" in ack.body["text"]
    assert 1 == len(office.jobs)
