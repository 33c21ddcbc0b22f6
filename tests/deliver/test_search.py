"""Looking for a message that may stand: what is certain, and what cannot be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.deliver.search import EVENT, Found, find, metadata
from bot.sandbox.slack import Fault

if TYPE_CHECKING:
    from tests.deliver.scripted import Stage

INCIDENT = "C0INCIDENT"


@pytest.fixture
def readable(stage: Stage) -> Stage:
    """A Slack in which the operator has granted the reading of channels."""
    stage.slack.state.scopes |= {"channels:history"}
    return stage


async def post(stage: Stage, run_id: str, part: str = "", thread_ts: str | None = None) -> str:
    """Post a part of a run's result; return where it stands."""
    answer = await stage.out.client.chat_postMessage(
        channel=INCIDENT,
        text="card",
        thread_ts=thread_ts,
        metadata=metadata(run_id, part),
    )
    return str(answer["ts"])


async def look(stage: Stage, part: str = "", thread_ts: str | None = None) -> Found | None:
    """Look for a part of RUN1."""
    return await find(stage.out.client, INCIDENT, "RUN1", part, thread_ts=thread_ts)


@pytest.mark.parametrize(
    ("part", "payload"),
    [
        ("", {"run_id": "RUN1"}),
        ("mx.example.com", {"run_id": "RUN1", "part": "mx.example.com"}),
    ],
)
def test_a_message_is_known_by_run_and_part(part: str, payload: dict[str, Any]) -> None:
    """The parent names its run alone; what stands below names its part too."""
    assert {"event_type": EVENT, "event_payload": payload} == metadata("RUN1", part)


async def test_a_parent_is_found_in_its_channel(readable: Stage) -> None:
    """Among messages of people and of other runs, the one of this run."""
    await post(readable, "RUN0")
    ts = await post(readable, "RUN1")
    await readable.slack.say("dana", "incident", "what is this?")

    assert Found(ts) == await look(readable)


async def test_a_part_is_found_in_its_thread(readable: Stage) -> None:
    """Below its parent, beside the other parts, and not in the channel itself."""
    parent = await post(readable, "RUN1")
    await post(readable, "RUN1", "mx1.example.com", parent)
    ts = await post(readable, "RUN1", "mx2.example.com", parent)

    assert Found(ts) == await look(readable, "mx2.example.com", parent)
    assert Found(None) == await look(readable, "mx2.example.com")


async def test_what_is_nowhere_certainly_does_not_stand(readable: Stage) -> None:
    """All of the channel was read, so it may be posted without a doubt."""
    await post(readable, "RUN0")
    await post(readable, "RUN1", "mx1.example.com")

    assert Found(None) == await look(readable)


@pytest.mark.parametrize(("others", "known"), [(200, Found(None)), (201, None)])
async def test_behind_the_latest_nothing_is_certain(
    readable: Stage, others: int, known: Found | None
) -> None:
    """Where there is more than was read, what was not found may stand further up."""
    for number in range(others):
        await readable.slack.say("dana", "incident", f"message {number}")
    assert known == await look(readable)

    ts = await post(readable, "RUN1")
    assert Found(ts) == await look(readable)


async def test_without_the_scope_nothing_is_known(stage: Stage) -> None:
    """The app asks for no such scope: a message that stands is not found, nor said to be away."""
    await post(stage, "RUN1")

    assert await look(stage) is None


async def test_when_slack_does_not_answer_nothing_is_known(readable: Stage) -> None:
    """A refusal is no empty channel."""
    await post(readable, "RUN1")
    readable.slack.faults.add(Fault(method="conversations.history", error="ratelimited"))

    assert await look(readable) is None


async def test_a_thread_that_is_gone_is_not_known(readable: Stage) -> None:
    """Slack says that there is no such thread: what stood in it cannot be looked for."""
    assert await look(readable, "mx1.example.com", "1.1") is None
