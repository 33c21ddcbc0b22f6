"""Tests of what is pressed about watches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.model.schedule import Schedule
from bot.sandbox.slack import Fault, Message
from bot.slack.asking.home import _WATCHES
from bot.slack.cards.buttons import WATCH
from bot.slack.watching.watch_list import A_PAGE
from bot.store.audit import Act
from bot.store.watches import Looks, Watch, drop_watch, keep_watch
from tests.slack.asking.test_home import home, text_of
from tests.slack.labels import labels
from tests.slack.watching.test_watches import command, kept
from tests.store.test_watches import watch

if TYPE_CHECKING:
    from tests.slack.office import Office


def _of_dana(number: int) -> Watch:
    return replace(watch(number, team="T0SANDBOX"), owner="U0DANA", channel="C0INCIDENT")


PAUSE, RESUME, END = (f"{act} example.com" for act in ("Pause", "Resume", "End"))


async def shown(office: Office, user: str = "dana", channel: str = "incident") -> Message:
    """Ask for the list, and return it."""
    await command(office, "watches", user, channel)
    who = office.slack.workspace.user(user).id
    return office.slack.channel(channel).ephemerals(who)[-1]


async def press(office: Office, listed: Message, action: str, user: str = "dana") -> Message:
    """Press a button of the list; return the list as it is then."""
    await office.slack.press(user, listed, action)
    await office.settled()
    who = office.slack.workspace.user(user).id
    return next(
        each
        for each in office.slack.channel(listed.channel).ephemerals(who)
        if each.ts == listed.ts
    )


async def test_a_watch_rests_goes_on_and_ends(office: Office) -> None:
    """The same list shows each time what is true then."""
    await command(office, "watch example.com")
    listed = await shown(office)
    assert ["Pause example.com", "End example.com"] == labels(listed)
    listed = await press(office, listed, PAUSE)
    assert "paused by <@U0DANA>" in listed.text
    assert ["by U0DANA"] == [each.paused for each in await kept(office)]
    listed = await press(office, listed, RESUME)
    assert [""] == [each.paused for each in await kept(office)]
    listed = await press(office, listed, END)

    assert "Nothing is watched here" in listed.text
    assert () == await kept(office)
    acts = [deed.what for deed in await office.audit() if deed.act is Act.WATCH]
    assert ["pause C0INCIDENT", "resume C0INCIDENT", "remove C0INCIDENT"] == acts[1:]


async def test_who_resumes_a_watch_needs_not_be_told(office: Office) -> None:
    """That it was stopped is known to whoever sets it going again."""
    stopped = replace(_of_dana(1), paused="token_revoked", looks=Looks(untold=True))
    await keep_watch(office.database, stopped)
    listed = await shown(office)
    await press(office, listed, next(label for label in labels(listed) if "Resume" in label))
    (only,) = await kept(office)

    assert ("", False) == (only.paused, only.looks.untold)


async def test_a_list_has_the_channels_watches_and_ones_own(office: Office) -> None:
    """Others' watches of other channels are not shown."""
    await command(office, "watch example.com")
    await command(office, "watch example.org", channel="general")

    assert "2 watches" in (await shown(office)).text
    assert "1 watch\n" in (await shown(office, "kai")).text
    assert "Nothing is watched here" in (await shown(office, "kai", "security-private")).text


async def test_a_watch_that_is_gone_is_told(office: Office) -> None:
    """A press that comes too late is answered with what is true now."""
    await command(office, "watch example.com")
    listed = await shown(office)
    (only,) = await kept(office)
    await drop_watch(office.database, only.id)
    listed = await press(office, listed, PAUSE)

    assert "Nothing is watched here" in listed.text
    assert "not there any more" in office.told()


async def test_who_sees_it_no_longer_may_not(office: Office) -> None:
    """Who may is asked at the press: the watch may have become another channel's and person's."""
    await command(office, "watch example.com")
    listed = await shown(office)
    (only,) = await kept(office)
    other = watch(1, team="T0SANDBOX")
    await keep_watch(office.database, other)
    value = listed.blocks[2]["elements"][0]["value"]
    for block in listed.blocks:
        for element in block.get("elements", ()):
            if element.get("value") == value:
                element["value"] = f"{other.id}.0"
    await press(office, listed, PAUSE)

    assert "Only <@U1> can do this, or who is in <#C1>" in office.told()
    assert {""} == {each.paused for each in await kept(office)}
    assert only.id in {each.id for each in await kept(office)}


async def test_another_workspaces_watch_is_not_there(office: Office) -> None:
    """An id leads nowhere in another workspace."""
    await command(office, "watch example.com")
    listed = await shown(office)
    await keep_watch(office.database, watch(1, team="T0OTHER"))
    for element in listed.blocks[2]["elements"]:
        element["value"] = "W1.0"
    await press(office, listed, PAUSE)

    assert "not there any more" in office.told()


async def test_a_button_of_another_version_does_nothing(office: Office) -> None:
    """What this version does not know is not done; the list is drawn as it is."""
    await command(office, "watch example.com")
    listed = await shown(office)
    listed.blocks[2]["elements"][0]["action_id"] = "relaycheck_watch.forget.0"
    listed = await press(office, listed, PAUSE)

    assert "1 watch" in listed.text
    assert [""] == [each.paused for each in await kept(office)]


async def test_pages_are_turned(office: Office) -> None:
    """A long list is read page by page."""
    for number in range(A_PAGE + 1):
        await keep_watch(office.database, _of_dana(number))
    listed = await shown(office)
    listed = await press(office, listed, "Next")

    assert 2 + 1 == len(labels(listed))
    assert "Previous" in labels(listed)


async def test_a_list_that_cannot_be_changed_is_told(office: Office) -> None:
    """Where its response_url is used up, the person reads how it is now."""
    await command(office, "watch example.com")
    listed = await shown(office)
    office.slack.faults.add(Fault(method="response_url", status=404, times=None))
    await office.slack.press("dana", listed, PAUSE)
    await office.settled()
    direct = office.slack.channel("incident").ephemerals("U0DANA")[-1].text

    assert "paused by <@U0DANA>" in direct


async def test_watches_on_home(office: Office) -> None:
    """One's own watches stand on Home, and can be acted upon there."""
    assert "watch example.com" in text_of(await home(office))
    await command(office, "watch example.com")
    view = await home(office)
    assert "End example.com" in text_of(view)
    await office.slack.press("dana", view, PAUSE)
    await office.settled()
    again = office.slack.state.views.home("U0DANA")
    assert again is not None

    assert "paused by <@U0DANA>" in text_of(again)
    assert "Resume example.com" in text_of(again)
    assert "End example.com" not in text_of(await home(office, "kai"))


async def test_many_watches_on_home(office: Office) -> None:
    """Home shows some, and says where all are."""
    for number in range(_WATCHES + 1):
        await keep_watch(office.database, _of_dana(number))

    assert "has them all" in text_of(await home(office))


async def test_a_card_is_watched(office: Office) -> None:
    """The form asks how often; the card says who watches, and the watch is its channel's."""
    card = await office.check()
    await office.slack.press("dana", card, WATCH)
    await office.settled()
    await office.slack.submit("dana", {"often": "6"})
    await office.settled()
    (only,) = await kept(office)

    assert ("example.com", "C0INCIDENT", "U0DANA", Schedule(6)) == (
        only.domain.ascii,
        only.channel,
        only.owner,
        only.schedule,
    )
    assert "Watched for <#C0INCIDENT> by <@U0DANA>" in str(office.parent().blocks)
    assert card.ts == only.looks.thread_ts


async def test_daily_is_offered_first(office: Office) -> None:
    """Whoever chooses nothing watches daily."""
    card = await office.check()
    await office.slack.press("kai", card, WATCH)
    await office.settled()
    await office.slack.submit("kai")
    await office.settled()

    assert [Schedule(24)] == [each.schedule for each in await kept(office)]


async def test_a_private_result_is_watched_for_its_owner(office: Office) -> None:
    """What changes is told to the person alone."""
    own = await office.check("example.com --private")
    await office.slack.press("dana", own, WATCH)
    await office.settled()
    await office.slack.submit("dana")
    await office.settled()

    assert [("U0DANA", "")] == [(each.channel, each.looks.thread_ts) for each in await kept(office)]


@pytest.mark.parametrize("is_full", [True, False])
async def test_what_hinders_stands_in_the_form(office: Office, *, is_full: bool) -> None:
    """Too many watches, or a card that is gone meanwhile: the form says so and stays."""
    card = await office.check()
    await office.slack.press("dana", card, WATCH)
    await office.settled()
    if is_full:
        for number in range(3):
            await keep_watch(office.database, _of_dana(number))
    else:
        await office.outlive_retention()
    said = await office.slack.submit("dana")

    assert ("as many as it may" if is_full else "too old") in str(said.body)
