"""Tests of the workflow step: what it asks for, and what it gives back."""

import json
from typing import Any

import pytest

from bot.sandbox.slack import Fault
from tests.deliver.scripted import LIKELY_OPEN, host, progress
from tests.slack.office import Office


async def step(office: Office, domain: str, channel: str = "C0INCIDENT") -> dict[str, Any]:
    """Let a workflow take the step; return what it was told, or nothing."""
    event = {
        "type": "function_executed",
        "function": {"id": "Fn1", "callback_id": "check_domain"},
        "function_execution_id": "Fx1",
        "inputs": {"domain": domain, "channel": channel, "user": "U0DANA"},
        "bot_access_token": "xwfp-1",
    }
    await office.slack.event(event)
    await office.settled()
    told = [call for call in office.slack.state.calls if call.method.startswith("functions.")]
    return dict(told[-1].arguments) if told else {}


async def test_the_step_gives_verdict_hosts_and_link(office: Office) -> None:
    """A workflow can branch on the verdict, name the open hosts, and link to the card."""
    told = await step(office, "example.com")

    outputs = json.loads(told["outputs"])
    assert "Fx1" == told["function_execution_id"]
    assert "likely_open" == outputs["verdict"]
    assert "mx2.example.com" == outputs["open_hosts"]
    assert outputs["permalink"].endswith(office.parent().ts.replace(".", ""))


async def test_the_card_stands_where_the_workflow_says(office: Office) -> None:
    """The result is posted in the channel that was given, for the person that was given."""
    await step(office, "example.com")

    assert "1 of 2 mail hosts" in office.parent().text
    assert "U0DANA" == office.jobs[0].destination.user


@pytest.mark.parametrize(("domain", "error"), [("localhost", "localhost"), ("a&b", "a&b")])
async def test_what_cannot_be_checked_ends_the_step(
    office: Office, domain: str, error: str
) -> None:
    """A mistake in the domain is the step's error, in plain words."""
    told = await step(office, domain)

    assert error in told["error"]
    assert "`" not in told["error"]


async def test_a_refusal_ends_the_step(office: Office) -> None:
    """When no more work is taken, the workflow hears why."""
    await office.desk.jobs.drain(1)

    assert "restarted" in (await step(office, "example.com"))["error"]


async def test_the_step_is_not_answered_with_anothers_check(office: Office) -> None:
    """Each step has its own check, however lately the same was asked."""
    await office.check()

    assert "likely_open" in (await step(office, "example.com"))["outputs"]
    assert 2 == len(office.jobs)


async def test_without_a_message_there_is_no_link(office: Office) -> None:
    """Where the result could not be posted in the channel, the link is empty."""
    told = await step(office, "example.com", "C0GENERAL")

    assert "" == json.loads(told["outputs"])["permalink"]


async def test_a_link_that_slack_refuses_is_empty(office: Office) -> None:
    """A link that cannot be had does not fail the step."""
    office.slack.faults.add(Fault(method="chat.getPermalink", error="message_not_found"))

    assert "" == json.loads((await step(office, "example.com"))["outputs"])["permalink"]


@pytest.mark.parametrize("domain", ["example.com", "localhost"], ids=["complete", "fail"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="functions.*", error="ratelimited", status=429),
        Fault(method="functions.*", error="internal_error", status=500),
        Fault(method="functions.*", lose_reply=True),
    ],
    ids=["429", "500", "lost-reply"],
)
async def test_the_workflow_hears_of_its_step_through_faults(
    office: Office, fault: Fault, domain: str
) -> None:
    """A workflow that waits is told in the end, however Slack failed meanwhile."""
    office.slack.faults.add(fault)
    await step(office, domain)

    last = office.slack.state.calls[-1]
    assert last.method.startswith("functions.")
    assert "" == last.error
    assert 1 == len(office.jobs) or domain == "localhost"


async def test_a_check_without_a_verdict_is_an_error(office: Office) -> None:
    """A check that failed ends the step with an error, not with silence."""
    office.courses = [[progress(host(1, LIKELY_OPEN))]]

    assert "without a verdict" in (await step(office, "example.com"))["error"]
