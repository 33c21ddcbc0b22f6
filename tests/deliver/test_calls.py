"""Tests of Web API calls that stand alone."""

from dataclasses import replace

import pytest

from bot.deliver.calls import insist, open_view, say, tell_alone
from bot.deliver.outbox import POSTED_AGAIN
from bot.deliver.web_api import Refusal
from bot.render import blocks, controls
from bot.sandbox.slack import Fault
from bot.sandbox.slack.response_url import Place
from tests.deliver.scripted import PACE, Stage

INCIDENT = "C0INCIDENT"


def window() -> controls.View:
    """Return a small modal."""
    return controls.modal("Evidence", [blocks.section("250 Ok")], callback_id="x")


def direct(stage: Stage) -> list[str]:
    """Return what the app wrote to Dana directly."""
    dm = stage.slack.workspace.direct("U0DANA", "U0RELAYCHK").id
    return [message.text for message in stage.slack.channel(dm).messages]


def alone(stage: Stage) -> list[str]:
    """Return what Dana alone sees in the incident channel."""
    return [message.text for message in stage.slack.channel("incident").ephemerals("U0DANA")]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="auth.test", error="ratelimited", status=429, times=3),
        Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=1),
        Fault(method="auth.test", error="internal_error", status=503, times=3),
        Fault(method="auth.test", lose_reply=True, times=3),
    ],
    ids=["429", "429-retry-after", "503", "lost-reply"],
)
async def test_what_passes_is_waited_out(stage: Stage, fault: Fault) -> None:
    """A call is made again until Slack has taken it."""
    stage.slack.faults.add(fault)
    slow = replace(stage.out, pace=replace(PACE, patience_s=5.0))

    answer = await insist("auth.test", lambda _: stage.out.client.auth_test(), slow)

    assert not isinstance(answer, Refusal)


async def test_patience_ends_and_the_refusal_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """A Slack that asks for more time than there is has refused, and the log says what."""
    stage.slack.faults.add(
        Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=3600)
    )

    answer = await insist("auth.test", lambda _: stage.out.client.auth_test(), stage.out)

    assert Refusal("ratelimited", retry_after_s=3600.0) == answer
    assert "Slack refused auth.test: ratelimited" in caplog.text


async def test_a_missing_scope_is_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """What does not pass is refused at once, and the log names the scope that is missing."""
    stage.slack.state.scopes = frozenset({"commands"})

    refusal = await say(stage.out, INCIDENT, "hello")

    assert refusal == Refusal("missing_scope", "needed scope chat:write")
    assert "chat.postMessage: missing_scope (needed scope chat:write)" in caplog.text
    assert 1 == stage.calls("chat.postMessage")


async def test_what_may_stand_twice_says_so(stage: Stage) -> None:
    """A post whose answer was lost is made again, marked."""
    stage.slack.faults.add(Fault(method="chat.postMessage", lose_reply=True))

    assert None is await say(stage.out, INCIDENT, "got worse")
    first, second = stage.slack.channel("incident").parents
    assert ("got worse", f"got worse\n{POSTED_AGAIN}") == (first.text, second.text)


async def test_a_broadcast_is_a_reply_that_the_channel_sees(stage: Stage) -> None:
    """What got worse is said in the thread and in the channel."""
    root = await stage.slack.say("dana", "incident", "look")
    await say(stage.out, INCIDENT, "got worse", thread_ts=root.ts, broadcast=True)

    (reply,) = stage.slack.channel("incident").replies(root.ts)
    assert reply.broadcast


async def test_a_window_opens_while_its_trigger_is_good(stage: Stage) -> None:
    """A window survives a rate limit within the three seconds."""
    stage.slack.faults.add(Fault(method="views.open", error="ratelimited", status=429))

    assert None is await open_view(stage.out, stage.slack.state.views.trigger("U0DANA"), window())
    assert 1 == len(stage.slack.state.views.stack("U0DANA"))


async def test_a_window_whose_answer_was_lost_is_open(stage: Stage) -> None:
    """When the second try finds the trigger used, the first has opened the window."""
    stage.slack.faults.add(Fault(method="views.open", lose_reply=True))

    assert None is await open_view(stage.out, stage.slack.state.views.trigger("U0DANA"), window())
    assert 1 == len(stage.slack.state.views.stack("U0DANA"))


async def test_a_trigger_that_somebody_used_opens_nothing(stage: Stage) -> None:
    """Without a lost answer, a used trigger is a refusal."""
    trigger = stage.slack.state.views.trigger("U0DANA")
    await open_view(stage.out, trigger, window())

    assert Refusal("exchanged_trigger_id") == await open_view(stage.out, trigger, window())


async def test_the_response_url_comes_first(stage: Stage) -> None:
    """Where there is a response_url, it is answered, and nothing else is called."""
    url = stage.slack.state.response_url(Place(INCIDENT, "U0DANA"))

    assert None is await tell_alone(stage.out, "U0DANA", "No.", channel=INCIDENT, response_url=url)
    assert ["No."] == alone(stage)
    assert [] == stage.slack.state.calls


async def test_an_expired_response_url_leads_to_the_channel(stage: Stage) -> None:
    """Where the response_url is no longer good, the person is told where they look."""
    url = stage.slack.state.origin + "/response/expired"
    await tell_alone(stage.out, "U0DANA", "No.", channel=INCIDENT, response_url=url)

    assert ["No."] == alone(stage)


async def test_a_channel_that_is_closed_leads_to_the_person(stage: Stage) -> None:
    """Who cannot be told where they are is written to."""
    await tell_alone(stage.out, "U0DANA", "No.", channel="C0GENERAL")

    assert ["No."] == direct(stage)


async def test_a_foreign_response_url_is_not_used(stage: Stage) -> None:
    """A response_url that does not lead to Slack counts as none."""
    await tell_alone(stage.out, "U0DANA", "No.", response_url="http://127.0.0.1:1/response/x")

    assert ["No."] == direct(stage)


async def test_words_whose_answers_were_all_lost_are_marked(stage: Stage) -> None:
    """What a response_url may have taken says so where it comes a second time."""
    stage.slack.faults.add(
        Fault(method="response_url", error="internal_error", status=500, times=None)
    )
    url = stage.slack.state.response_url(Place(INCIDENT, "U0DANA"))
    await tell_alone(stage.out, "U0DANA", "No.", response_url=url)

    assert [f"No.\n{POSTED_AGAIN}"] == direct(stage)


async def test_ephemeral_words_are_repeated_with_their_mark(stage: Stage) -> None:
    """An ephemeral message whose answer was lost is sent again, and says so."""
    stage.slack.faults.add(Fault(method="chat.postEphemeral", lose_reply=True))
    await tell_alone(stage.out, "U0DANA", "No.", channel=INCIDENT)

    assert ["No.", f"No.\n{POSTED_AGAIN}"] == alone(stage)


async def test_a_person_who_cannot_be_reached_is_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """When every way is closed, the refusal is returned and logged."""
    stage.slack.state.revoked = True

    refusal = await tell_alone(stage.out, "U0DANA", "No.", channel=INCIDENT)

    assert Refusal("token_revoked") == refusal
    assert "chat.postMessage: token_revoked" in caplog.text
