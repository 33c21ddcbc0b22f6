"""Tests of modals that show a result at length, and of its export."""

import json
from dataclasses import replace
from typing import Any

from bot.model.exchange import Exchange, Reply, Stage, TlsMode
from bot.model.report import AddressReport, EndpointReport
from bot.sandbox.slack import Fault
from bot.sandbox.slack.views import OpenView
from bot.slack.cards.buttons import EVIDENCE
from tests.deliver.scripted import CLOSED, host, progress
from tests.slack.office import Office

LONG = tuple(
    Exchange(stage=Stage.RCPT, command=f"RCPT TO:<{number}@example.net>", reply=Reply(554, ("no",)))
    for number in range(400)
)


def long_host() -> Any:  # noqa: ANN401 - an MxReport
    """Return a host with which a long conversation was held."""
    endpoint = EndpointReport(port=25, tls=TlsMode.NONE, judgement=CLOSED, exchanges=LONG)
    return replace(host(1), addresses=(AddressReport(ip="192.0.2.1", endpoints=(endpoint,)),))


async def modal(office: Office, action: str) -> OpenView:
    """Press a button on a finished check's messages, and return the modal that opens."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[0]
    await office.slack.press("dana", reply, action)
    await office.settled()
    return office.slack.state.views.stack("U0DANA")[0]


def text_of(view: OpenView) -> str:
    """Return everything that a view shows."""
    return json.dumps(view.wire["blocks"])


async def test_a_long_transcript_has_pages(office: Office) -> None:
    """The pages hold the whole transcript, and each says which of how many it is."""
    office.courses = [[progress(long_host(), finished=True)]]
    view = await modal(office, EVIDENCE)
    seen = text_of(view)
    count = 1
    while "turn_page.next" in text_of(view):
        await office.slack.press("dana", view, "turn_page.next")
        await office.settled()
        view = office.slack.state.views.find(view.id)
        seen += text_of(view)
        count += 1

    assert count > 2
    assert f"Page {count} of {count}" in text_of(view)
    assert all(f"RCPT TO:<{number}@example.net>" in seen for number in range(400))


async def test_pages_can_be_turned_back(office: Office) -> None:
    """From the second page there is a way back to the first."""
    office.courses = [[progress(long_host(), finished=True)]]
    view = await modal(office, EVIDENCE)
    first = text_of(view)
    for turn in ("turn_page.next", "turn_page.back"):
        await office.slack.press("dana", office.slack.state.views.find(view.id), turn)
        await office.settled()

    assert "Page 1 of" in text_of(office.slack.state.views.find(view.id))
    assert "RCPT TO:<0@example.net>" in first


async def test_a_page_of_a_result_that_is_gone_stays(office: Office) -> None:
    """A modal whose result is no longer kept is left as it is, and its reader is told why."""
    office.courses = [[progress(long_host(), finished=True)]]
    view = await modal(office, EVIDENCE)
    await office.outlive_retention()
    await office.slack.press("dana", view, "turn_page.next")
    await office.settled()

    assert "Page 1 of" in text_of(office.slack.state.views.find(view.id))
    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    assert "no longer keep" in office.slack.channel(dm).messages[-1].text


async def test_pages_are_turned_in_the_next_process(office: Office) -> None:
    """A modal that stood open over a restart goes on."""
    office.courses = [[progress(long_host(), finished=True)]]
    view = await modal(office, EVIDENCE)
    await office.restart()
    await office.slack.press("dana", view, "turn_page.next")
    await office.settled()

    assert "Page 2 of" in text_of(office.slack.state.views.find(view.id))


async def test_a_host_that_is_no_longer_there(office: Office) -> None:
    """After a new check with fewer hosts, an old button shows that there is nothing."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[1]
    (await office.result()).story.last = progress(finished=True)
    await office.slack.press("dana", reply, EVIDENCE)
    await office.settled()

    (view,) = office.slack.state.views.stack("U0DANA")
    assert "nothing to show" in text_of(view)


async def test_a_window_that_slack_refuses_is_told(office: Office) -> None:
    """Any other refusal is named to whoever pressed."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[0]
    office.slack.faults.add(Fault(method="views.open", error="view_too_large"))
    await office.slack.press("dana", reply, EVIDENCE)
    await office.settled()

    assert "(view_too_large)" in office.told()


async def test_evidence_is_a_modal(office: Office) -> None:
    """The transcript opens in a window for the one who pressed."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[0]  # the worst host comes first
    await office.slack.press("kai", reply, EVIDENCE)
    await office.settled()

    (view,) = office.slack.state.views.stack("U0KAI")
    assert "mx2.example.com [192.0.2.2]:25" in json.dumps(view.wire["blocks"])


async def test_a_page_that_slack_does_not_turn_is_told(office: Office) -> None:
    """Who turned a page in vain hears why, directly: a modal has no other place for it."""
    office.courses = [[progress(long_host(), finished=True)]]
    view = await modal(office, EVIDENCE)
    office.slack.faults.add(Fault(method="views.update", error="view_too_large"))
    await office.slack.press("dana", view, "turn_page.next")
    await office.settled()

    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    assert "(view_too_large)" in office.slack.channel(dm).messages[0].text


async def test_a_window_that_came_too_late_is_told(office: Office) -> None:
    """When Slack's three seconds are over, the presser is asked to press again."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[0]
    office.slack.faults.add(Fault(method="views.open", error="expired_trigger_id"))
    await office.slack.press("dana", reply, EVIDENCE)
    await office.settled()

    assert "Please try again" in office.told()
