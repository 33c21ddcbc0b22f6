"""Tests of messages kept current in a channel, through everything that Slack may refuse."""

import asyncio
from dataclasses import replace

import pytest

from bot.deliver.message import Pace
from bot.deliver.outbox import PARENT, POSTED_AGAIN, Outbox
from bot.deliver.web_api import Refusal
from bot.render import blocks
from bot.render.card import Card
from bot.sandbox.slack import Fault
from tests.deliver.scripted import PACE, Stage


def card(text: str = "a finding") -> Card:
    """Return a small card."""
    return Card(text, [blocks.header(text)])


def outbox(stage: Stage, *, pace: Pace = PACE, thread_ts: str | None = None) -> Outbox:
    """Return an outbox of the incident channel."""
    return Outbox(
        client=stage.out.client,
        channel="C0INCIDENT",
        run_id="7F3A",
        pace=pace,
        thread_ts=thread_ts,
    )


async def shown(box: Outbox, **cards: Card) -> Refusal | None:
    """Say what is wanted, the parent under the name of `parent`, and wait until it is shown."""
    for key, each in cards.items():
        box.want(PARENT if key == "parent" else key, each)
    box.finish()
    return await box.keep_current()


async def test_replies_wait_for_the_parent(stage: Stage) -> None:
    """There is no reply before there is a message to reply to."""
    box = outbox(stage)

    assert None is await shown(box, parent=card("parent"), mx1=card("mx1"), mx2=card("mx2"))
    assert "parent" == stage.parent().text
    assert ["mx1", "mx2"] == [reply.text for reply in stage.replies()]


async def test_in_a_thread_everything_is_a_reply(stage: Stage) -> None:
    """Asked for in a thread, parent and hosts stand in that thread."""
    root = await stage.slack.say("dana", "incident", "look at example.com")
    box = outbox(stage, thread_ts=root.ts)
    await shown(box, parent=card("parent"), mx1=card("mx1"))

    assert ["parent", "mx1"] == [m.text for m in stage.slack.channel("incident").replies(root.ts)]


async def test_what_is_said_aloud_is_seen_in_the_channel(stage: Stage) -> None:
    """A reply may be for the whole channel; a message that is no reply is there already."""
    root = await stage.slack.say("dana", "incident", "watched")
    for thread_ts in (root.ts, None):
        box = outbox(stage, thread_ts=thread_ts)
        box.aloud = frozenset({PARENT})
        assert None is await shown(box, parent=card("worse"), mx1=card("mx1"))
    aloud = [message for message in stage.slack.channel("incident").messages if message.broadcast]

    assert [("worse", root.ts)] == [(message.text, message.thread_ts) for message in aloud]


async def test_a_change_while_a_call_is_under_way_is_sent_after_it(stage: Stage) -> None:
    """What is wanted while Slack is being told something else is not lost."""
    stage.slack.faults.add(Fault(method="chat.postMessage", delay_s=0.1))
    box = outbox(stage)
    box.want(PARENT, card("first"))
    keeping = asyncio.create_task(box.keep_current())
    await asyncio.sleep(0.05)
    box.want(PARENT, card("second"))
    box.finish()
    await keeping

    assert "second" == stage.parent().text


async def test_after_many_changes_it_speaks_more_calmly(stage: Stage) -> None:
    """The first changes may follow each other quickly, later ones take their time."""
    box = outbox(stage, pace=replace(PACE, brisk=1, calm_s=30.0))
    box.want(PARENT, card("first"))
    keeping = asyncio.create_task(box.keep_current())
    await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    box.want(PARENT, card("second"))
    await asyncio.sleep(0.1)
    keeping.cancel()

    assert 0 == stage.calls("chat.update")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="chat.*", error="ratelimited", status=429, times=2),
        Fault(method="chat.*", error="internal_error", status=500, times=2),
        Fault(method="chat.*", error="", status=503, times=2),
        Fault(method="chat.*", error="fatal_error", times=2),
    ],
)
async def test_what_passes_is_waited_out(stage: Stage, fault: Fault) -> None:
    """Rate limits and server errors delay a message and lose none."""
    stage.slack.faults.add(fault)
    box = outbox(stage)

    assert None is await shown(box, parent=card("parent"))
    assert stage.parent().text.startswith("parent")


async def test_retry_after_is_kept(stage: Stage) -> None:
    """For as long as Slack says, nothing is sent; then what is wanted by then."""
    fault = Fault(method="chat.update", error="ratelimited", status=429, retry_after_s=1)
    box = outbox(stage)
    box.want(PARENT, card("first"))
    keeping = asyncio.create_task(box.keep_current())
    await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    stage.slack.faults.add(fault)
    box.want(PARENT, card("second"))
    await stage.slack.until(lambda: stage.calls("chat.update"))
    box.want(PARENT, card("third"))
    box.finish()
    await keeping

    updates = [call for call in stage.slack.state.calls if call.method == "chat.update"]
    assert ["second", "third"] == [call.arguments["text"] for call in updates]
    assert updates[1].at - updates[0].at >= 0.9


async def test_changes_go_on_while_posts_must_wait(stage: Stage) -> None:
    """Of many replies that Slack takes slowly, the parent is kept current all the while."""
    box = outbox(stage, pace=replace(PACE, patience_s=60.0))
    box.want(PARENT, card("first"))
    keeping = asyncio.create_task(box.keep_current())
    await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    stage.slack.faults.add(
        Fault(method="chat.postMessage", error="ratelimited", status=429, retry_after_s=30)
    )
    box.want("mx1", card("mx1"))
    await stage.slack.until(lambda: stage.calls("chat.postMessage") > 1)
    box.want(PARENT, card("second"))
    await stage.slack.until(lambda: "second" == stage.parent().text)
    keeping.cancel()

    assert 2 == stage.calls("chat.postMessage")


async def test_after_one_limit_posts_keep_their_distance(stage: Stage) -> None:
    """A channel that takes one post a second is not asked to take more a second time."""
    box = outbox(stage, pace=replace(PACE, interval_s=30.0, patience_s=60.0))
    box.want(PARENT, card("parent"))
    keeping = asyncio.create_task(box.keep_current())
    await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    stage.slack.faults.add(Fault(method="chat.postMessage", error="ratelimited", status=429))
    for name in ("mx1", "mx2"):
        box.want(name, card(name))
    await stage.slack.until(stage.replies)
    await asyncio.sleep(0.1)
    keeping.cancel()

    assert ["mx1"] == [reply.text for reply in stage.replies()]


async def test_replies_follow_a_parent_that_was_posted_anew(stage: Stage) -> None:
    """After a parent was deleted, what is new stands under the new one."""
    box = outbox(stage)
    await shown(box, parent=card("first"))
    stage.slack.workspace.delete(stage.parent())
    await shown(box, parent=card("second"))
    await shown(box, mx1=card("mx1"))

    assert ["mx1"] == [reply.text for reply in stage.replies()]


async def test_patience_ends(stage: Stage) -> None:
    """A Slack that never comes back is given up after a while, and the refusal returned."""
    stage.slack.faults.add(Fault(method="chat.*", error="internal_error", status=500, times=None))
    box = outbox(stage, pace=replace(PACE, patience_s=0.1))

    refusal = await shown(box, parent=card("parent"))

    assert refusal is not None
    assert "internal_error" == refusal.error


async def test_a_lost_answer_is_posted_again_and_says_so(stage: Stage) -> None:
    """When Slack's answer to a post is lost, the message is posted again, marked as such."""
    stage.slack.faults.add(Fault(method="chat.postMessage", lose_reply=True))
    box = outbox(stage)
    await shown(box, parent=card("parent"))

    first, second = stage.slack.channel("incident").parents
    assert "parent" == first.text
    assert POSTED_AGAIN in second.text


async def test_a_lost_answer_to_a_change_needs_no_mark(stage: Stage) -> None:
    """A change is the same twice: it is sent again as it is."""
    box = outbox(stage)
    await shown(box, parent=card("first"))
    stage.slack.faults.add(Fault(method="chat.update", lose_reply=True))
    await shown(box, parent=card("second"))

    assert "second" == stage.parent().text


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
async def test_a_refused_card_is_made_plainer_once_and_stays_so(stage: Stage, error: str) -> None:
    """A card that Slack refuses is shown as its text with its buttons."""
    stage.slack.faults.add(Fault(method="chat.postMessage", error=error))
    button: dict[str, object] = {
        "type": "button",
        "action_id": "x",
        "text": {"type": "plain_text", "text": "Again"},
    }
    full = Card("a finding", [blocks.header("A finding"), blocks.actions([button])])
    box = outbox(stage)
    await shown(box, parent=full)

    assert "a finding" == stage.parent().text
    assert ["section", "actions"] == [block["type"] for block in stage.parent().blocks]


async def test_a_card_refused_twice_becomes_text(stage: Stage) -> None:
    """Where even the plain card is refused, its text stands alone, and nothing said is lost."""
    stage.slack.faults.add(Fault(method="chat.postMessage", error="invalid_blocks", times=2))
    box = outbox(stage)
    await shown(box, parent=card("a finding"))

    assert "a finding" == stage.parent().text
    assert () == stage.parent().blocks


async def test_text_that_is_refused_too_ends_it(stage: Stage) -> None:
    """There is nothing plainer than text: the refusal is returned."""
    stage.slack.faults.add(Fault(method="chat.postMessage", error="msg_too_long", times=None))

    refusal = await shown(outbox(stage), parent=card())

    assert refusal is not None
    assert "msg_too_long" == refusal.error


async def test_a_message_that_is_gone_is_posted_anew(stage: Stage) -> None:
    """A card that somebody deleted while it filled in stands again."""
    box = outbox(stage)
    await shown(box, parent=card("first"))
    stage.slack.workspace.delete(stage.parent())
    await shown(box, parent=card("second"))

    assert "second" == stage.parent().text


async def test_a_message_that_is_always_gone_ends_it(stage: Stage) -> None:
    """Posting anew has an end."""
    box = outbox(stage)
    await shown(box, parent=card("0"))
    for number in range(1, 5):
        stage.slack.workspace.delete(stage.parent())
        refusal = await shown(box, parent=card(str(number)))

    assert refusal is not None
    assert "message_not_found" == refusal.error


@pytest.mark.parametrize(
    "error", ["not_in_channel", "is_archived", "restricted_action", "something_new"]
)
async def test_a_closed_channel_ends_it(stage: Stage, error: str) -> None:
    """Where the app may not post, the refusal is returned at once, also one that nobody foresaw."""
    stage.slack.faults.add(Fault(method="chat.postMessage", error=error))

    refusal = await shown(outbox(stage), parent=card())

    assert refusal is not None
    assert error == refusal.error
    assert 1 == stage.calls("chat.postMessage")


async def test_of_those_that_wait_the_most_urgent_goes_first(stage: Stage) -> None:
    """What waits while the parent is posted goes by its order, not by its coming."""
    box = outbox(stage)
    box.want(PARENT, card("parent"))
    for order, name in ((3, "closed"), (2, "waiting"), (1, "open")):
        box.want(name, card(name), order=order)
    box.finish()
    await box.keep_current()

    assert ["open", "waiting", "closed"] == [reply.text for reply in stage.replies()]
