"""Tests of presses: in the next process, by whom, too late; and what is noted of each."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.sandbox.slack import Fault, Message
from bot.slack.cards.buttons import (
    ACKNOWLEDGE,
    CHECK_AGAIN,
    EVIDENCE,
    EXPORT,
    PORTS,
    PROVE,
    SHARE,
    VARIANTS,
)
from bot.store.audit import Act, Deed
from tests.slack.office import Office

EVERY_BUTTON = (CHECK_AGAIN, PROVE, VARIANTS, PORTS, ACKNOWLEDGE, EVIDENCE, EXPORT, SHARE)


async def pressable(office: Office, button: str) -> Message:
    """Check, and return the finished message on which a button stands."""
    if button == SHARE:
        return await office.check("example.com --private")
    card = await office.check()
    return office.slack.channel("incident").replies(card.ts)[0] if button == EVIDENCE else card


async def presses(office: Office) -> list[Deed]:
    """Return what is noted of presses."""
    return [deed for deed in await office.audit() if deed.act is Act.PRESS]


@pytest.mark.parametrize("button", [CHECK_AGAIN, PROVE, VARIANTS, PORTS])
async def test_the_next_process_asks_anew_in_place(office: Office, button: str) -> None:
    """What an earlier process has shown is asked anew on the same messages, with who did it."""
    card = await pressable(office, button)
    await office.restart()
    office.wait(minutes=2)
    await office.slack.press("kai", card, button)
    await office.settled()

    assert 2 == len(office.jobs)
    assert card.ts == office.parent().ts
    assert 1 == len(office.slack.channel("incident").parents)
    assert "by <@U0KAI> <!date^" in office.parent().text
    assert "Before: LIKELY OPEN" in office.parent().text


async def test_the_next_process_lets_one_take_it_in_hand(office: Office) -> None:
    """The card of before says who has it; a third process still knows."""
    card = await pressable(office, ACKNOWLEDGE)
    await office.restart()
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()
    await office.restart()
    await office.slack.press("dana", card, ACKNOWLEDGE)
    await office.settled()

    assert "<@U0KAI> has it in hand" in office.parent().text
    assert card.ts == office.parent().ts
    assert "<@U0KAI> has it in hand already." == office.told()


async def test_the_next_process_shares_a_private_result(office: Office) -> None:
    """What only its owner saw stands in the channel, and a third process changes it there."""
    own = await pressable(office, SHARE)
    await office.restart()
    await office.slack.press("dana", own, SHARE)
    await office.settled()
    shared = office.parent()
    await office.restart()
    await office.slack.press("kai", shared, ACKNOWLEDGE)
    await office.settled()

    assert "Shared by <@U0DANA>" in shared.text
    assert 1 == len(office.slack.channel("incident").parents)
    assert "<@U0KAI> has it in hand" in office.parent().text


async def test_the_next_process_answers_in_private(office: Office) -> None:
    """A private result is asked anew for its owner, and comes to them alone once more."""
    own = await pressable(office, SHARE)
    await office.restart()
    office.wait(minutes=2)
    await office.slack.press("dana", own, CHECK_AGAIN)
    await office.settled()

    assert 2 == len(office.jobs)
    told = office.slack.channel("incident").ephemerals("U0DANA")
    assert any("Checked again by <@U0DANA>" in each.text for each in told)
    assert () == office.slack.channel("incident").parents


async def test_a_deleted_card_stands_again_for_the_next_process(office: Office) -> None:
    """What was posted anew is changed in place from then on, in a third process too."""
    card = await pressable(office, ACKNOWLEDGE)
    await office.restart()
    office.slack.faults.add(Fault(method="chat.update", error="message_not_found"))
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.settled()
    anew = office.slack.channel("incident").parents[-1]
    await office.restart()
    office.wait(minutes=2)
    await office.slack.press("kai", anew, CHECK_AGAIN)
    await office.settled()

    assert card.ts != anew.ts
    assert ["has it in hand" in each.text for each in office.slack.channel("incident").parents] == [
        False,
        True,
    ]
    assert "Checked again" in office.slack.channel("incident").parents[-1].text


@pytest.mark.parametrize("button", [EVIDENCE, EXPORT])
async def test_the_next_process_shows_the_report(office: Office, button: str) -> None:
    """Evidence and export come from the report that is kept."""
    card = await pressable(office, button)
    await office.restart()
    await office.slack.press("dana", card, button)
    await office.settled()
    shown = office.slack.state.views.stack("U0DANA")
    files = office.slack.state.uploads.values()

    assert (
        shown
        if button == EVIDENCE
        else ["RUN0.html", "RUN0.json"] == [file.name.rpartition("-")[2] for file in files]
    )


@pytest.mark.parametrize("button", EVERY_BUTTON)
async def test_what_is_kept_no_more_is_told(office: Office, button: str) -> None:
    """Past retention each button says so, and how to ask anew."""
    card = await pressable(office, button)
    await office.outlive_retention()
    await office.slack.press("dana", card, button)
    await office.settled()

    assert "no longer keep what this card shows" in office.told()
    assert "`/relaycheck`" in office.told()
    assert 1 == len(office.jobs)
    (line,) = await presses(office)
    assert (button.removeprefix("relaycheck."), "", "") == (line.what, line.domain, line.run_id)
    assert line.outcome.startswith("refused: I no longer keep")


async def test_what_is_done_and_what_is_refused_is_noted(office: Office) -> None:
    """Who pressed what on which check, and what came of it; no key to anything is in it."""
    card = await office.check()
    for user in ("kai", "dana"):
        await office.slack.press(user, card, ACKNOWLEDGE)
        await office.settled()
    done, refused = await presses(office)

    assert done == Deed(
        at=office.now(),
        team="T0SANDBOX",
        channel="C0INCIDENT",
        person="U0KAI",
        act=Act.PRESS,
        what="acknowledge",
        domain="example.com",
        run_id="RUN0",
        outcome="done",
    )
    assert replace(done, person="U0DANA", outcome=refused.outcome) == refused
    assert "refused: <@U0KAI> has it in hand already." == refused.outcome
    assert "hooks" not in str(await office.audit())


async def test_a_run_is_noted_with_who_asked_for_it(office: Office) -> None:
    """Typed or pressed, accepted or not, each run has its line."""
    card = await office.check("example.com --variants --ports 25,587")
    await office.slack.slash_command("kai", "incident", "example.com")
    await office.settled()
    await office.slack.slash_command("dana", "incident", "example.com")
    office.wait(minutes=2)
    await office.slack.press("kai", card, CHECK_AGAIN)
    await office.settled()
    runs = [deed for deed in await office.audit() if deed.act is Act.RUN]

    assert [
        ("U0DANA", "--variants --ports 25,587", "RUN0", "accepted"),
        ("U0KAI", "", "RUN1", "accepted"),
        ("U0DANA", "", "RUN1", "refused: asked just now"),
        ("U0KAI", "--variants --ports 25,587", "RUN2", "accepted"),
    ] == [(deed.person, deed.what, deed.run_id, deed.outcome) for deed in runs]


async def test_a_press_delivered_twice_is_done_once(office: Office) -> None:
    """Slack may deliver a press again; nothing happens twice."""
    card = await office.check()
    office.wait(minutes=2)
    press = await office.slack.press("dana", card, CHECK_AGAIN)
    await office.slack.again(press)
    await office.settled()

    assert 2 == len(office.jobs)


async def test_a_private_result_is_its_owners(office: Office) -> None:
    """Somebody else's handle opens nothing."""
    own = await office.check("example.com --private")
    await office.slack.press("kai", own, EXPORT)
    await office.settled()

    assert "somebody else's" in office.told(user="U0KAI")


async def test_another_workspace_finds_nothing(office: Office) -> None:
    """A handle leads nowhere in another workspace."""
    await office.check()
    handle = (await office.result()).handle

    assert await office.desk.results.find("T0OTHER", handle) is None
    assert await office.desk.results.find("T0SANDBOX", handle) is not None


async def test_a_failing_act_is_told_with_an_id(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours after the ack is told to the presser, with an id that the log has."""
    card = await office.check()
    result = await office.result()
    result.begun_at = None  # type: ignore[assignment] # a fault
    office.wait(minutes=2)
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    error_id = next(r for r in caplog.messages if "after an ack" in r).rpartition("error_id=")[2]
    assert error_id in office.told()
    assert ["failed"] == [line.outcome for line in await presses(office)]


async def test_a_press_without_the_database_is_told(office: Office) -> None:
    """What a card leads to cannot be learnt: that is said, and nothing is done."""
    card = await office.check()
    await office.restart()
    async with office.database.begin() as connection:
        await connection.execute(text("ALTER TABLE cards RENAME TO elsewhere"))
    office.wait(minutes=2)
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    assert "went wrong on our side" in office.told()
    assert 1 == len(office.jobs)
