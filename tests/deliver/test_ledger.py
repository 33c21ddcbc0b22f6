"""Tests of deliveries that another process continues: what it is told, and what it makes of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.deliver import deliver
from bot.deliver.ledger import ELSEWHERE
from bot.deliver.outbox import PARENT, POSTED_AGAIN
from bot.sandbox.slack import Fault
from tests.deliver.scripted import Stage, host, progress, script, story

if TYPE_CHECKING:
    from bot.deliver import Story

DONE = progress(host(1), host(2), finished=True)


@dataclass
class Kept:
    """A ledger in memory, and what a process that dies would leave in it."""

    standing: dict[str, str] = field(default_factory=dict)
    intended: list[str] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)

    async def about_to_post(self, part: str, channel: str) -> None:
        """Keep the intent."""
        self.intended.append(part)
        self.channels.add(channel)

    async def posted(self, part: str, channel: str, ts: str, *, doubtful: bool = False) -> None:
        """Keep the place."""
        self.standing[part] = ts
        self.doubts |= {part} if doubtful else set()
        self.channels.add(channel)

    def story(self) -> Story:
        """Return the story as the next process begins it."""
        doubtful = frozenset(self.intended).difference(self.standing) | self.doubts
        return story(standing=dict(self.standing), doubtful=doubtful)


async def interrupted(stage: Stage, kept: Kept, told: Story) -> None:
    """Deliver a check that never ends, until its first card stands; then stop."""
    steps = script([progress(host(1, None)), asyncio.Event()])
    delivery = asyncio.create_task(deliver(steps, told, stage.destination(), stage.out, kept))
    await stage.slack.until(lambda: kept.standing or stage.slack.channel("incident").parents)
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery


async def test_each_message_is_intended_and_then_placed(stage: Stage) -> None:
    """The ledger knows of a message before Slack does, and where it stands right after."""
    kept, told = Kept(), story()
    await deliver(script([DONE]), told, stage.destination(), stage.out, kept)

    assert [PARENT, "mx1.example.com", "mx2.example.com"] == kept.intended
    assert told.standing == kept.standing
    assert {stage.destination().channel} == kept.channels


async def test_an_interrupted_delivery_says_nothing(stage: Stage) -> None:
    """Another process goes on with it: its card is left as it stands, and is known."""
    kept = Kept()
    await interrupted(stage, kept, story())

    assert stage.parent().ts == kept.standing[PARENT]
    assert "nterrupted" not in str(stage.parent())


async def test_the_next_process_changes_what_stands(stage: Stage) -> None:
    """After a restart the one card is finished; no second one is posted."""
    kept = Kept()
    await interrupted(stage, kept, story())
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    assert stage.parent().ts == kept.standing[PARENT]
    assert "both mail hosts refuse" in stage.parent().text
    assert POSTED_AGAIN not in str(stage.parent())
    assert 2 == len(stage.replies())


async def test_what_slack_was_being_told_is_awaited(stage: Stage) -> None:
    """A message on its way when the process is stopped is not left in doubt."""
    kept = Kept()
    stage.slack.faults.add(Fault(method="chat.postMessage", delay_s=0.3))
    await interrupted(stage, kept, story())

    assert {PARENT} == kept.standing.keys()


async def test_a_message_in_doubt_is_posted_again_and_says_so(stage: Stage) -> None:
    """When the process died between posting and knowing, the card may stand twice."""
    kept = Kept(intended=[PARENT])
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    assert POSTED_AGAIN in str(stage.parent())
    assert not any(POSTED_AGAIN in str(reply) for reply in stage.replies())


async def test_a_doubt_outlives_the_process_that_had_it(stage: Stage) -> None:
    """Whichever process finishes the card, it goes on saying that it may stand twice."""
    kept = Kept(intended=[PARENT])
    await interrupted(stage, kept, kept.story())
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    assert "both mail hosts refuse" in stage.parent().text
    assert POSTED_AGAIN in str(stage.parent())


async def test_an_end_that_cannot_be_told_is_handed_over(stage: Stage) -> None:
    """When Slack is away and the process is stopped, the next one tells the end."""
    kept, told = Kept(), story()
    stage.slack.faults.add(Fault(method="chat.*", error="fatal_error", status=500, times=None))
    delivery = asyncio.create_task(
        deliver(script([DONE]), told, stage.destination(), stage.out, kept)
    )
    await stage.slack.until(
        lambda: stage.calls("chat.postMessage") > 4
    )  # the check is over by then
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    stage.slack.faults.clear()
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    assert "both mail hosts refuse" in stage.parent().text


async def test_a_private_result_is_sent_once(stage: Stage) -> None:
    """What went to the person already is not sent again after a restart."""
    kept, where = Kept(), stage.destination(private=True)
    await deliver(script([DONE]), story(), where, stage.out, kept)
    told = len(stage.slack.channel("incident").ephemerals())
    await deliver(script([DONE]), kept.story(), where, stage.out, kept)

    assert {ELSEWHERE} == kept.standing.keys()
    assert told == len(stage.slack.channel("incident").ephemerals()) > 0


async def test_an_interrupted_private_result_is_not_begun(stage: Stage) -> None:
    """Nothing of it was shown yet: the next process sends all of it."""
    kept, where = Kept(), stage.destination(private=True)
    steps = script([progress(host(1, None)), asyncio.Event()])
    delivery = asyncio.create_task(deliver(steps, story(), where, stage.out, kept))
    await asyncio.sleep(0)
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery

    assert {} == kept.standing
    assert () == stage.slack.channel("incident").ephemerals()


@pytest.mark.parametrize("stands", [True, False])
async def test_a_doubt_is_resolved_where_the_channel_may_be_read(
    stage: Stage, *, stands: bool
) -> None:
    """What stands is found and changed in place, what does not is posted, and nobody doubts."""
    stage.slack.state.scopes |= {"channels:history"}
    first, kept = Kept(), Kept(intended=[PARENT, "mx1.example.com"])
    if stands:
        await deliver(script([DONE]), story(), stage.destination(), stage.out, first)
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    assert POSTED_AGAIN not in str(stage.parent())
    assert {"mx1.example.com", "mx2.example.com"} == {
        reply.text.partition(":")[0] for reply in stage.replies()
    }
    assert (3 if stands else 2) == len(stage.replies())  # of mx2 nobody knew that it stood
    assert set() == kept.doubts


async def test_a_doubt_stays_where_not_all_can_be_read(stage: Stage) -> None:
    """In a channel so busy that the message may stand further up, nothing is certain."""
    stage.slack.state.scopes |= {"channels:history"}
    for number in range(205):
        await stage.slack.say("dana", "incident", f"message {number}")
    kept = Kept(intended=[PARENT])
    await deliver(script([DONE]), kept.story(), stage.destination(), stage.out, kept)

    own = stage.slack.channel("incident").parents[-1]
    assert POSTED_AGAIN in str(own)
    assert {PARENT} == kept.doubts
