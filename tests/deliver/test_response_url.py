"""Tests of the way back through a response_url."""

import aiohttp
import pytest

from bot.deliver.outbox import POSTED_AGAIN
from bot.deliver.response_url import Taken, is_slacks, put_in_place, respond
from bot.render import blocks
from bot.render.card import Card
from bot.sandbox.slack import Fault, Message
from bot.sandbox.slack.response_url import Place
from tests.deliver.scripted import Stage

SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api_url", "expected"),
    [
        ("https://hooks.slack.com/commands/T/1/x", SLACK, True),
        ("https://hooks.slack-gov.com/commands/T/1/x", SLACK, True),
        ("http://hooks.slack.com/commands/T/1/x", SLACK, False),
        ("https://hooks.slack.com:8443/x", SLACK, False),
        ("https://hooks.slack.com.evil.example/x", SLACK, False),
        ("https://hooks.slack.com@evil.example/x", SLACK, False),
        ("http://169.254.169.254/latest/meta-data", SLACK, False),
        ("http://127.0.0.1:4000/response/x", SLACK, False),
        ("http://127.0.0.1:4000/response/x", "http://127.0.0.1:4000/api/", True),
        ("http://127.0.0.1:4001/response/x", "http://127.0.0.1:4000/api/", False),
        ("https://hooks.slack.com/x", "http://127.0.0.1:4000/api/", False),
    ],
)
def test_only_slack_is_answered(url: str, api_url: str, expected: bool) -> None:
    """A response_url that leads anywhere but to Slack, or to the stand-in, is not used."""
    assert expected is is_slacks(url, api_url)


def cards(count: int) -> list[Card]:
    """Return so many small cards."""
    return [Card(f"card {number}", [blocks.header(str(number))]) for number in range(count)]


async def sent(stage: Stage, count: int, *, in_channel: bool = True) -> Taken:
    """Send cards by a fresh response_url of the channel that the app is no member of."""
    url = stage.destination("general").response_url
    return await respond(stage.out.session, url, cards(count), in_channel=in_channel, retry_s=0.01)


def told(stage: Stage) -> tuple[Message, ...]:
    """Return what stands in that channel, whoever may see it."""
    return stage.slack.channel("general").everything


@pytest.mark.parametrize(("in_channel", "seen_by"), [(True, None), (False, "U0DANA")])
async def test_it_reaches_the_channel_or_the_person(
    stage: Stage, in_channel: bool, seen_by: str | None
) -> None:
    """The result is for everybody in the channel, or for the person who asked alone."""
    assert Taken(2) == await sent(stage, 2, in_channel=in_channel)
    assert [("card 0", seen_by), ("card 1", seen_by)] == [
        (message.text, message.ephemeral_to) for message in told(stage)
    ]


async def test_five_are_taken(stage: Stage) -> None:
    """Slack takes five; how many it took is returned."""
    assert Taken(5) == await sent(stage, 7)
    assert 5 == len(told(stage))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="response_url", error="ratelimited", status=429, times=2),
        Fault(method="response_url", error="internal_error", status=503, times=2),
    ],
)
async def test_what_passes_is_waited_out(stage: Stage, fault: Fault) -> None:
    """Rate limits and server errors are tried again."""
    stage.slack.faults.add(fault)

    assert Taken(1) == await sent(stage, 1)


async def test_a_refused_card_becomes_plainer(stage: Stage) -> None:
    """A card that is refused comes as its text."""
    stage.slack.faults.add(Fault(method="response_url", error="invalid_blocks", times=2))

    assert Taken(1) == await sent(stage, 1)
    assert () == told(stage)[0].blocks


async def test_tries_have_an_end(stage: Stage) -> None:
    """A server that keeps failing is given up, and nothing was taken."""
    stage.slack.faults.add(
        Fault(method="response_url", error="internal_error", status=500, times=None)
    )

    assert Taken(0, doubtful=True) == await sent(stage, 1)


async def test_a_wait_beyond_all_patience_is_not_waited(stage: Stage) -> None:
    """A Retry-After of hours ends it: the message goes another way."""
    stage.slack.faults.add(
        Fault(method="response_url", error="ratelimited", status=429, retry_after_s=7200)
    )

    assert Taken(0) == await sent(stage, 1)


async def test_a_lost_answer_is_sent_again_and_says_so(stage: Stage) -> None:
    """What Slack may have taken stands a second time with a mark."""
    stage.slack.faults.add(Fault(method="response_url", lose_reply=True))

    assert Taken(1) == await sent(stage, 1)
    assert ["card 0", f"card 0\n{POSTED_AGAIN}"] == [message.text for message in told(stage)]


async def test_what_takes_a_place_needs_no_mark(stage: Stage) -> None:
    """A message put in the place of another is the same twice."""
    await sent(stage, 1)
    (message,) = told(stage)
    url = stage.slack.state.response_url(Place(message.channel, "U0DANA", message.ts))
    stage.slack.faults.add(Fault(method="response_url", lose_reply=True))

    assert await put_in_place(stage.out.session, url, Card("changed", []), in_channel=True)
    assert ["changed"] == [each.text for each in told(stage)]


async def test_an_expired_url_is_given_up_at_once(stage: Stage) -> None:
    """A response_url that Slack no longer takes is not tried again."""
    url = f"{stage.slack.base_url.removesuffix('/api/')}/response/unknown"

    assert Taken(0) == await respond(stage.out.session, url, cards(1), in_channel=True)


async def test_nobody_there_is_no_exception(session: aiohttp.ClientSession) -> None:
    """A network that fails is a refusal like any other."""
    url = "http://127.0.0.1:1/response/x"

    assert Taken(0) == await respond(session, url, cards(1), in_channel=True, retry_s=0.001)


async def test_a_pressed_message_is_put_right_in_place(stage: Stage) -> None:
    """By the response_url of a press, the message that was pressed on changes."""
    await sent(stage, 1)
    (message,) = told(stage)
    place = Place(message.channel, "U0DANA", message.ts)
    url = stage.slack.state.response_url(place)

    assert await put_in_place(stage.out.session, url, Card("changed", []), in_channel=True)
    assert ["changed"] == [each.text for each in told(stage)]
