"""Tests of a check's way into its channel, against the stand-in of Slack."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.deliver import deliver
from bot.deliver.delivery import INTERRUPTED
from bot.deliver.ledger import ELSEWHERE, NoLedger
from bot.deliver.outbox import PARENT, POSTED_AGAIN
from bot.model.report import Progress
from bot.sandbox.slack import Fault
from tests.deliver.scripted import LIKELY_OPEN, Stage, host, progress, script, story

HOSTS = (host(1), host(2, LIKELY_OPEN))
DONE = progress(*HOSTS, finished=True)


async def test_a_check_is_one_message_and_a_reply_for_each_host(stage: Stage) -> None:
    """In the channel stands one parent message; in its thread one card for each MX host."""
    told = story()
    await deliver(script([progress(), DONE]), told, stage.destination(), stage.out)

    assert {PARENT, "mx1.example.com", "mx2.example.com"} == set(told.standing)
    assert stage.parent().ts == told.standing[PARENT]
    assert DONE == told.last
    assert "1 of 2 mail hosts" in stage.parent().text
    assert ["mx2.example.com", "mx1.example.com"] == [  # the worst first
        reply.text.partition(":")[0] for reply in stage.replies()
    ]


async def test_a_message_is_posted_once_and_then_changed_in_place(stage: Stage) -> None:
    """While facts arrive, the message that stands is changed, and no second one posted."""
    go = asyncio.Event()
    steps = script([progress(host(1, None)), go, progress(host(1), finished=True)])
    delivery = asyncio.create_task(deliver(steps, story(), stage.destination(), stage.out))
    early = await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    go.set()
    await delivery

    assert "asking its mail host" in early[0].text
    assert early[0].ts == stage.parent().ts
    assert "closed" in stage.parent().text.lower()
    assert 2 == stage.calls("chat.postMessage")  # the parent, one host


async def test_changes_are_gathered(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What became old before it could be sent is never sent."""
    monkeypatch.setattr("bot.deliver.delivery._REST", 0)  # a script gathers nothing meanwhile
    steps = [progress(*[host(n, None) for n in range(1, count)]) for count in range(2, 40)]

    await deliver(script([*steps, DONE]), story(), stage.destination(), stage.out)

    assert stage.calls("chat.update") < len(steps) / 2


async def test_cards_under_way_wait_for_acks(stage: Stage) -> None:
    """While somebody waits for an ack no early card is written, of however many checks."""
    asked, calm = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        asked.set()
        await calm.wait()

    busy = replace(stage.out, calm=wait)
    go = asyncio.Event()
    deliveries = [
        asyncio.create_task(
            deliver(script([progress(), go, DONE]), story(), stage.destination(), busy)
        )
        for _ in range(2)
    ]
    await asked.wait()
    await asyncio.sleep(0)
    assert 0 == stage.calls("chat.postMessage")

    calm.set()
    await stage.slack.until(lambda: len(stage.slack.channel("incident").parents) == 2)
    go.set()
    await asyncio.gather(*deliveries)


async def test_a_card_that_did_not_change_is_not_sent_again(stage: Stage) -> None:
    """The same card twice is one call."""
    await deliver(script([DONE, DONE]), story(), stage.destination(), stage.out)
    await deliver(script([]), story(), stage.destination("payload-incidents"), stage.out)

    assert 0 == stage.calls("chat.update")


async def test_messages_unfurl_nothing_and_name_their_check(stage: Stage) -> None:
    """Links do not unfurl, names do not link, and the metadata holds the check's id."""
    await deliver(script([DONE]), story(), stage.destination(), stage.out)

    (posted, *_) = [c for c in stage.slack.state.calls if c.method == "chat.postMessage"]
    assert "false" == str(posted.arguments["unfurl_links"]).lower()
    assert "false" == str(posted.arguments["unfurl_media"]).lower()
    assert "none" == posted.arguments["parse"]
    assert {"run_id": "7F3A"} == (stage.parent().metadata or {})["event_payload"]


async def test_a_fault_in_the_check_ends_in_a_finished_card(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception is told on the card with an id that the log has too."""
    steps = script([progress(host(1, None)), RuntimeError("boom")])

    await deliver(steps, story(), stage.destination(), stage.out)

    logged = next(r for r in caplog.records if r.exc_info)
    error_id = logged.getMessage().rpartition("error_id=")[2]
    assert 8 == len(error_id)
    assert error_id in stage.parent().text


async def test_a_fault_before_any_progress_ends_in_a_card_too(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Even a check that fails at once leaves a card that names the domain and the error."""
    await deliver(script([RuntimeError("boom")]), story(), stage.destination(), stage.out)

    assert "`example.com`" in stage.parent().text
    assert caplog.records[0].getMessage().rpartition("error_id=")[2] in stage.parent().text


async def test_an_interrupted_check_says_so(stage: Stage) -> None:
    """When the process stops, the card is finished and asks to try again."""
    steps = script([progress(host(1, None)), asyncio.Event()])
    delivery = asyncio.create_task(deliver(steps, story(), stage.destination(), stage.out))
    await stage.slack.until(lambda: stage.slack.channel("incident").parents)
    delivery.cancel()

    with pytest.raises(asyncio.CancelledError):
        await delivery

    assert INTERRUPTED in stage.parent().text


async def test_an_interruption_does_not_cut_the_last_card_off(stage: Stage) -> None:
    """Stopped while Slack is being told the end, it is told the end, and nothing of a stop."""
    stage.slack.faults.add(Fault(method="chat.postMessage", delay_s=0.3))
    delivery = asyncio.create_task(deliver(script([DONE]), story(), stage.destination(), stage.out))
    await asyncio.sleep(0.1)
    delivery.cancel()

    with pytest.raises(asyncio.CancelledError):
        await delivery

    assert "1 of 2 mail hosts" in stage.parent().text
    assert INTERRUPTED not in stage.parent().text


async def test_last_words_are_bounded_in_time(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Slack that does not answer cannot hold the end of the process up."""
    monkeypatch.setattr("bot.deliver.delivery.LAST_WORDS_S", 0.05)
    stage.slack.faults.add(Fault(method="chat.postMessage", delay_s=2.0))
    steps = script([progress(host(1, None)), asyncio.Event()])
    delivery = asyncio.create_task(deliver(steps, story(), stage.destination(), stage.out))
    await asyncio.sleep(0.05)
    delivery.cancel()

    with pytest.raises(asyncio.CancelledError):
        await delivery

    assert "interrupted before its card was finished run=7F3A" in caplog.messages


async def test_a_private_check_is_seen_by_one_person(stage: Stage) -> None:
    """A private result comes as ephemeral messages, and leaves nothing in the channel."""
    await deliver(script([progress(), DONE]), story(), stage.destination(private=True), stage.out)

    channel = stage.slack.channel("incident")
    assert () == channel.messages
    assert "1 of 2 mail hosts" in channel.ephemerals("U0DANA")[0].text
    assert "mx2.example.com" in channel.ephemerals("U0DANA")[1].text


class Noted(NoLedger):
    """A ledger that remembers when it was told what, and how many had seen the result by then."""

    def __init__(self, stage: Stage) -> None:
        self.told: list[tuple[str, str, int]] = []
        self._stage = stage

    def _seen(self) -> int:
        return len(self._stage.slack.channel("incident").ephemerals("U0DANA"))

    async def about_to_post(self, part: str, channel: str) -> None:
        """Remember an intent."""
        self.told.append(("about to", part, self._seen()))

    async def posted(self, part: str, channel: str, ts: str, *, doubtful: bool = False) -> None:
        """Remember that it was done."""
        self.told.append(("done", part, self._seen()))


async def test_what_goes_to_one_person_is_known_before_it_goes(stage: Stage) -> None:
    """Whoever goes on after a crash in between knows that it may have been sent."""
    ledger = Noted(stage)
    private = stage.destination(private=True)
    await deliver(script([DONE]), story(), private, stage.out, ledger)

    (intent, done) = ledger.told
    assert ("about to", ELSEWHERE, 0) == intent
    assert ("done", ELSEWHERE) == done[:2]
    assert 0 < done[2]


async def test_what_one_person_may_have_got_before_says_so(stage: Stage) -> None:
    """After a crash while it was sent it is sent once more, and marked."""
    told = story(doubtful=frozenset({ELSEWHERE}))
    private = stage.destination(private=True)
    await deliver(script([DONE]), told, private, stage.out)

    first, *others = stage.slack.channel("incident").ephemerals("U0DANA")
    assert POSTED_AGAIN in first.text
    assert not any(POSTED_AGAIN in each.text for each in others)


@pytest.mark.parametrize("channel", ["general", "security-private"])
async def test_where_it_may_not_post_the_result_comes_all_the_same(
    stage: Stage, channel: str
) -> None:
    """Where the app is no member the result goes by response_url, and says how to invite it."""
    await deliver(script([progress(), DONE]), story(), stage.destination(channel), stage.out)

    (first, *cards) = stage.slack.channel(channel).messages
    assert "1 of 2 mail hosts" in first.text
    assert "/invite @relaycheck" in first.text
    assert "mx2.example.com" in cards[0].text


async def test_a_failing_outbox_is_one_more_reason_to_go_elsewhere(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours in posting is logged, and the result takes the other way."""

    class Broken:
        """A client that nobody could have foreseen."""

        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    stage.out = type(stage.out)(
        client=Broken(),  # type: ignore[arg-type] # that is the point
        session=stage.out.session,
        api_url=stage.out.api_url,
        pace=stage.out.pace,
    )
    await deliver(script([DONE]), story(), stage.destination(), stage.out)

    assert "outbox failed run=7F3A" in caplog.messages
    assert "1 of 2 mail hosts" in stage.slack.channel("incident").messages[0].text


async def test_a_check_is_followed_to_its_end_after_slack_refused(stage: Stage) -> None:
    """A refusal while the check runs does not end the check: its end is what is delivered."""
    stage.slack.state.revoked = True
    seen: list[Progress] = []

    async def steps() -> AsyncIterator[Progress]:
        for each in (progress(), progress(host(1, None)), DONE):
            seen.append(each)
            yield each
            await asyncio.sleep(0.05)

    await deliver(steps(), story(), stage.destination(), stage.out)

    assert 3 == len(seen)
    assert "token" in stage.slack.channel("incident").messages[0].text


async def test_a_later_check_brings_the_same_messages_up_to_date(stage: Stage) -> None:
    """What stands from an earlier check is changed, and nothing new is posted."""
    told = story()
    await deliver(script([DONE]), told, stage.destination(), stage.out)
    posts = stage.calls("chat.postMessage")
    later = story(standing=told.standing, lines=["Checked again."])
    await deliver(
        script([progress(host(1), host(2), finished=True)]), later, stage.destination(), stage.out
    )

    assert posts == stage.calls("chat.postMessage")
    assert "Checked again." in stage.parent().text
    assert "likely" not in stage.replies()[1].text


async def test_a_host_that_is_not_there_any_more_is_told(stage: Stage) -> None:
    """What an earlier check said of a host that the latest did not find stands no longer."""
    told = story()
    await deliver(script([DONE]), told, stage.destination(), stage.out)
    posts = stage.calls("chat.postMessage")
    later = story(standing=told.standing)
    await deliver(script([progress(host(1), finished=True)]), later, stage.destination(), stage.out)

    assert posts == stage.calls("chat.postMessage")
    gone, still = sorted(stage.replies(), key=lambda reply: reply.text.count("mx1"))
    assert "mx2.example.com: the latest check found no such mail host" in gone.text
    assert not gone.blocks
    assert "closed" in still.text.lower()


async def test_checks_in_one_channel_take_turns(stage: Stage) -> None:
    """What Slack has refused one check, the next does not try: it waits for the channel to open."""
    now = asyncio.get_running_loop().time
    stage.out.turns.refused("C0INCIDENT", now(), 0.2)
    telling = asyncio.create_task(deliver(script([DONE]), story(), stage.destination(), stage.out))
    await asyncio.sleep(0.05)
    before = stage.calls("chat.postMessage")
    await telling

    assert 0 == before
    assert "1 of 2 mail hosts" in stage.parent().text
