"""Tests of a result on its way to the person, where the channel is closed."""

from dataclasses import replace

import pytest

from bot.deliver.fallback import deliver_elsewhere, pack
from bot.deliver.outbox import POSTED_AGAIN
from bot.deliver.web_api import Refusal
from bot.render import blocks
from bot.render.card import MAX_BLOCKS, MAX_CHARACTERS, Card, characters
from bot.sandbox.slack import Fault, Message
from tests.deliver.scripted import Stage


def card(text: str, size: int = 1) -> Card:
    """Return a card of so many blocks."""
    return Card(text, [blocks.section(f"{text} {number}") for number in range(size)])


CARDS = [card("parent"), card("mx1"), card("mx2")]


def direct_messages(stage: Stage) -> tuple[Message, ...]:
    """Return what the app wrote to Dana directly."""
    return stage.slack.channel(stage.slack.workspace.direct("U0DANA", "U0RELAYCHK").id).messages


@pytest.mark.parametrize(
    ("refusal", "line"),
    [
        (Refusal("not_in_channel"), "/invite @relaycheck"),
        (Refusal("channel_not_found"), "/invite @relaycheck"),
        (Refusal("is_archived"), "archived"),
        (Refusal("token_revoked"), "token"),
        (Refusal("missing_scope", "needed scope chat:write"), "needed scope chat:write"),
        (Refusal("restricted_action"), "restricted_action"),
    ],
)
async def test_it_says_why_it_comes_another_way(stage: Stage, refusal: Refusal, line: str) -> None:
    """The result comes with one line on what would make it better next time."""
    await deliver_elsewhere(CARDS, refusal, stage.destination("general"), stage.out, "7F3A")

    first, *rest = stage.slack.channel("general").messages
    assert line in first.text
    assert line in str(first.blocks)
    assert "mx1" in rest[0].text


async def test_a_private_result_has_nothing_to_explain(stage: Stage) -> None:
    """What was asked for in private comes as it is."""
    wanted = stage.destination(private=True)
    await deliver_elsewhere(CARDS, None, wanted, stage.out, "7F3A")

    assert "parent" == stage.slack.channel("incident").ephemerals("U0DANA")[0].text


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/response/x"])
async def test_without_a_response_url_of_slacks_it_is_a_direct_message(
    stage: Stage, url: str
) -> None:
    """No response_url, or one that leads elsewhere: the app writes to the person."""
    wanted = replace(stage.destination("general"), response_url=url)
    await deliver_elsewhere(CARDS, Refusal("not_in_channel"), wanted, stage.out, "7F3A")

    first, *rest = direct_messages(stage)
    assert "parent" in first.text
    assert [first.ts, first.ts] == [message.thread_ts for message in rest]


async def test_what_the_response_url_did_not_take_is_a_direct_message(stage: Stage) -> None:
    """Nothing is lost when a response_url ends in the middle."""
    stage.slack.faults.add(Fault(method="response_url", delay_s=0.0))
    stage.slack.faults.add(Fault(method="response_url", error="used_url", status=404, times=None))
    await deliver_elsewhere(
        CARDS, Refusal("not_in_channel"), stage.destination("general"), stage.out, "7F3A"
    )

    assert 1 == len(stage.slack.channel("general").messages)
    assert ["mx1\n\nmx2"] == [message.text for message in direct_messages(stage)]


async def test_what_may_have_come_twice_says_so(stage: Stage) -> None:
    """When the answers of a response_url were lost, the direct message says what that means."""
    stage.slack.faults.add(Fault(method="response_url", status=500, times=None))
    await deliver_elsewhere(
        CARDS, Refusal("not_in_channel"), stage.destination("general"), stage.out, "7F3A"
    )

    first, *_ = direct_messages(stage)
    assert POSTED_AGAIN in first.text


async def test_a_result_that_nobody_takes_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """When every way is closed, the log says which check could not be delivered, and why."""
    stage.slack.state.revoked = True
    wanted = replace(stage.destination(), response_url="")
    await deliver_elsewhere(CARDS, Refusal("token_revoked"), wanted, stage.out, "7F3A")

    assert "result not delivered run=7F3A: token_revoked" in caplog.text


def test_hosts_share_messages_within_slacks_limits() -> None:
    """Many hosts fit into few messages, none of which is too large."""
    packed = pack([card("parent"), *(card(f"mx{n}", 10) for n in range(12))], 4)

    assert 4 == len(packed)
    assert ["parent"] == [packed[0].text]
    assert all(len(each.blocks) <= MAX_BLOCKS for each in packed)
    assert all(characters(each.blocks) <= MAX_CHARACTERS for each in packed)


def test_hosts_that_do_not_fit_are_counted() -> None:
    """What is left out is said in the first message."""
    packed = pack([card("parent"), *(card(f"mx{n}", 40) for n in range(12))], 4)

    assert 4 == len(packed)
    assert "The cards of 9 more hosts do not fit here." in packed[0].text


def test_a_card_without_blocks_stands_alone() -> None:
    """Text without blocks is not joined to blocks: Slack would not show it."""
    packed = pack([card("parent"), Card("only text", []), card("mx1")], 4)

    assert ["parent", "only text", "mx1"] == [each.text for each in packed]
