"""Tests of the app's name in a message."""

import pytest

from bot.sandbox.slack import Fault
from tests.slack.office import Office

US = "<@U0RELAYCHK>"


async def say(office: Office, text: str, thread_ts: str | None = None) -> str:
    """Say something in the incident channel as Dana; return the message's timestamp."""
    message = await office.slack.say("dana", "incident", text, thread_ts=thread_ts)
    await office.settled()
    return message.ts


async def test_a_mention_is_answered_in_its_thread(office: Office) -> None:
    """What is asked by name is answered under the message, parent and hosts."""
    ts = await say(office, f"{US} example.com please?")

    assert [] == office.jobs
    ts = await say(office, f"{US} example.com")
    texts = [reply.text for reply in office.slack.channel("incident").replies(ts)]
    assert "1 of 2 mail hosts" in texts[0]
    assert 3 == len(texts)


async def test_a_mention_in_a_thread_is_answered_there(office: Office) -> None:
    """In a thread the answer is one more reply."""
    root = await office.slack.say("kai", "incident", "mail bounces")
    await say(office, f"hey {US}", root.ts)
    await say(office, f"{US} <http://example.com|example.com>", root.ts)

    assert "1 of 2 mail hosts" in str(office.slack.channel("incident").replies(root.ts))


async def test_options_count_in_a_mention_too(office: Office) -> None:
    """Asked for in private, the result is a direct message."""
    await say(office, f"{US} example.com --private")

    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    assert "1 of 2 mail hosts" in office.slack.channel(dm).messages[0].text


@pytest.mark.parametrize(("text", "said"), [("localhost", "localhost"), ("", "/relaycheck")])
async def test_what_cannot_be_done_is_told_to_the_person_alone(
    office: Office, text: str, said: str
) -> None:
    """Usage is an ephemeral answer in the thread."""
    await say(office, f"{US} {text}")

    assert said in office.told()


async def test_the_same_event_twice_is_one_check(office: Office) -> None:
    """Events are delivered again when Slack is in doubt."""
    await say(office, f"{US} example.com")
    await office.slack.again(office.slack.deliveries[-1])
    await office.settled()

    assert 1 == len(office.jobs)


async def test_a_refusal_is_told(office: Office) -> None:
    """When no more work is taken, the person reads why."""
    await office.desk.jobs.drain(1)
    await say(office, f"{US} example.com")

    assert "restarted" in office.told()


async def test_words_that_slack_refuses_there_come_directly(office: Office) -> None:
    """An ephemeral answer that Slack does not take is a direct message."""
    office.slack.faults.add(Fault(method="chat.postEphemeral", error="user_not_in_channel"))
    await say(office, f"{US} localhost")

    dm = office.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    assert "localhost" in office.slack.channel(dm).messages[0].text
