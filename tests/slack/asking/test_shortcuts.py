"""Tests of shortcuts and their forms."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.slack import Fault, Message
from bot.sandbox.slack.views import OpenView
from bot.slack.asking.shortcuts import GLOBAL, MESSAGE
from tests.slack.office import Office


async def chosen(office: Office, text: str, **more: Any) -> Message:  # noqa: ANN401
    """Let Dana choose "Check domains here" on a message of Kai's."""
    message = await office.slack.say("kai", "incident", text, **more)
    await office.slack.message_shortcut("dana", message, MESSAGE)
    await office.settled()
    return message


def form(office: Office) -> OpenView:
    """Return the form that is open for Dana."""
    return office.slack.state.views.stack("U0DANA")[-1]


async def test_one_domain_in_a_message_is_checked_in_its_thread(office: Office) -> None:
    """A message that speaks of one domain is answered at once, under it."""
    message = await chosen(office, "bounces from <mailto:a@example.com|a@example.com>")

    replies = office.slack.channel("incident").replies(message.ts)
    assert "1 of 2 mail hosts" in replies[0].text
    assert "U0DANA" == office.jobs[0].destination.user


async def test_in_a_thread_the_answer_stays_in_it(office: Office) -> None:
    """A reply's shortcut answers in the reply's thread."""
    root = await office.slack.say("kai", "incident", "look")
    await chosen(office, "`example.com`", thread_ts=root.ts)

    assert root.ts == office.jobs[0].destination.thread_ts


async def test_several_domains_are_offered(office: Office) -> None:
    """Of several domains a person chooses; each chosen one is checked in the thread."""
    message = await chosen(office, "example.com, example.org and example.net")
    delivery = await office.slack.submit("dana", {"domains": ["example.com", "example.net"]})
    await office.settled()

    assert delivery.in_time
    assert {"example.com", "example.net"} == {job.request.domain.ascii for job in office.jobs}
    assert {message.ts} == {job.destination.thread_ts for job in office.jobs}
    assert () == office.slack.state.views.stack("U0DANA")


async def test_none_chosen_is_said(office: Office) -> None:
    """A form without a tick stays open and says so."""
    await chosen(office, "example.com and example.org")
    await office.slack.submit("dana", {"domains": []})

    assert {"domains": "Tick at least one."} == form(office).errors
    assert [] == office.jobs


async def test_chosen_domains_that_are_refused_are_told(office: Office) -> None:
    """When no more work is taken, the form says why."""
    await chosen(office, "example.com and example.org")
    await office.desk.jobs.drain(1)
    await office.slack.submit("dana", {"domains": ["example.com"]})

    assert "restarted" in str(form(office).wire["blocks"])


async def test_a_form_of_other_settings_is_read_by_todays(office: Office) -> None:
    """A domain that may not be checked any more is refused like one that is typed."""
    await chosen(office, "example.com and example.org")
    view = form(office)
    view.wire["private_metadata"] = json.dumps(
        [["T0SANDBOX", "C0INCIDENT", "U0DANA", "1.1"], ["localhost", "example.org"]]
    )
    await office.slack.submit("dana", {"domains": ["example.com"]})

    assert "localhost" in str(form(office).wire["blocks"])
    assert [] == office.jobs


async def test_a_message_without_a_domain(office: Office) -> None:
    """Where there is no domain, the person is told how to ask about one."""
    await chosen(office, "good morning")

    assert "no domain in that message" in office.told()


async def test_one_domain_that_is_refused_is_told(office: Office) -> None:
    """When no more work is taken, the person reads why."""
    await office.desk.jobs.drain(1)
    await chosen(office, "example.com")

    assert "restarted" in office.told()


async def test_a_form_that_slack_does_not_open_is_told(office: Office) -> None:
    """A form that came too late is told to whoever waits for it."""
    office.slack.faults.add(Fault(method="views.open", error="expired_trigger_id"))
    await chosen(office, "example.com and example.org")

    assert "Slack gave up waiting" in office.told()


async def opened(office: Office) -> OpenView:
    """Let Dana choose "Check a domain"; return the form."""
    await office.slack.global_shortcut("dana", GLOBAL)
    await office.settled()
    return form(office)


async def test_the_form_checks_a_domain_where_it_says(office: Office) -> None:
    """The form asks for a domain, options and a place, and the result goes there."""
    await opened(office)
    delivery = await office.slack.submit("dana", {"domain": "example.com", "where": "C0INCIDENT"})
    await office.settled()

    assert delivery.in_time
    assert "1 of 2 mail hosts" in office.parent().text


async def test_the_forms_options_count(office: Office) -> None:
    """A tick is the same as the option typed after the command."""
    await opened(office)
    ticked = {"domain": "example.com", "where": "C0INCIDENT", "options": ["--no-probe"]}
    await office.slack.submit("dana", ticked)
    await office.settled()

    assert not office.jobs[0].request.probe


@pytest.mark.parametrize(
    ("domain", "said"), [("localhost", "localhost"), ("a&b", "a&b"), ("help", "/relaycheck")]
)
async def test_what_is_wrong_is_said_beside_the_field(
    office: Office, domain: str, said: str
) -> None:
    """A form with a mistake stays open, and says literally what is wrong."""
    await opened(office)
    await office.slack.submit("dana", {"domain": domain, "where": "C0INCIDENT"})

    assert said in form(office).errors["domain"]
    assert "&amp;" not in form(office).errors["domain"]


async def test_a_refused_form_says_why(office: Office) -> None:
    """When no more work is taken, the form says so beside the domain."""
    await opened(office)
    await office.desk.jobs.drain(1)
    await office.slack.submit("dana", {"domain": "example.com", "where": "C0INCIDENT"})

    assert "restarted" in form(office).errors["domain"]


async def test_a_form_that_fails_says_so(office: Office) -> None:
    """A fault of ours is shown in the form's place, with an id."""
    await opened(office)
    form(office).wire["private_metadata"] = "{"
    form(office).wire["callback_id"] = "relaycheck_several_domains"
    await office.slack.submit("dana", {"domain": "example.com", "where": "C0INCIDENT"})

    assert "went wrong on our side" in str(form(office).wire["blocks"])


async def test_domains_in_blocks_are_found(office: Office) -> None:
    """A message of another app has its words in blocks."""
    message = await office.slack.say("kai", "incident", "alert")
    text = {"type": "mrkdwn", "text": "relay at mx.example.com", "verbatim": True}
    block = {"type": "section", "expand": False, "text": text}
    changed = office.slack.workspace.keep(replace(message, blocks=(block,)))
    await office.slack.message_shortcut("dana", changed, MESSAGE)
    await office.settled()

    assert ["mx.example.com"] == [job.request.domain.ascii for job in office.jobs]
