"""Tests of presses: who may, which come too late, and what a fault of ours is told as."""

import pytest

from bot.slack.buttons import CHECK_AGAIN, EXPORT
from tests.slack.office import Office


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


async def test_an_unknown_handle_is_told(office: Office) -> None:
    """A button of a result that is no longer kept says how to ask anew."""
    card = await office.check()
    await office.outlive_retention()
    await office.slack.press("dana", card, CHECK_AGAIN)
    await office.settled()

    assert "too old" in office.told()


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
