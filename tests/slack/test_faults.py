"""Every fault of Slack's that is known, from the signed request to what the person ends up with.

Each test is named after the fault; ``pytest tests/slack/test_faults.py --collect-only -q`` is the
list. What a module does about a fault is tested beside that module.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.deliver.web_api import make_client
from bot.sandbox.slack import Fault, Message
from bot.sandbox.slack.http_delivery import signed
from bot.slack.cards.buttons import ACKNOWLEDGE, CHECK_AGAIN, EVIDENCE, EXPORT
from bot.slack.front.bolt import make_app
from bot.slack.front.installation import Tokens
from bot.slack.front.socket_mode import SocketMode
from tests.deliver.scripted import host, progress
from tests.slack.office import FINISHED, Office, opened

BEGUN = progress(host(1), host(2, None))
VERDICT = "1 of 2 mail hosts"
HOSTS = ("mx1.example.com", "mx2.example.com")


def direct(office: Office, user: str = "U0DANA") -> tuple[Message, ...]:
    """Return what the app wrote to a person directly."""
    dm = office.slack.workspace.direct(user, "U0RELAYCHK").id
    return office.slack.channel(dm).messages


def everything(messages: tuple[Message, ...]) -> str:
    """Return all that messages say."""
    return "\n".join(message.text for message in messages)


async def ask(office: Office, channel: str = "incident", text: str = "example.com") -> None:
    """Ask as Dana, and wait for the end."""
    delivery = await office.slack.slash_command("dana", channel, text)
    assert delivery.in_time
    await office.settled()


async def interrupted(office: Office) -> asyncio.Event:
    """Ask, and stop the check while its card stands unfinished; the event lets it go on."""
    go_on = asyncio.Event()
    office.courses = [[BEGUN, go_on, FINISHED]]
    await office.slack.slash_command("dana", "incident", "example.com")
    (parent,) = await office.slack.until(lambda: office.slack.channel("incident").parents)
    await office.slack.until(lambda: office.slack.channel("incident").replies(parent.ts))
    return go_on


# ---------------------------------------------------------------------------- the place is closed
@pytest.mark.parametrize(
    ("fault", "channel"),
    [("not_in_channel", "general"), ("channel_not_found", "security-private")],
    ids=["not_in_channel", "channel_not_found"],
)
async def test_place(office: Office, fault: str, channel: str) -> None:
    """Where the app is no member, the whole result comes by response_url, and how to invite it."""
    await ask(office, channel)

    seen = everything(office.slack.channel(channel).messages)
    assert fault in [call.error for call in office.slack.state.calls]
    assert all(each in seen for each in (VERDICT, *HOSTS, "/invite @relaycheck"))


async def test_is_archived(office: Office) -> None:
    """A channel archived while its check ran: the result comes directly, and says why."""
    go_on = await interrupted(office)
    incident = office.slack.channel("incident").channel
    office.slack.workspace.keep_channel(replace(incident, archived=True))
    go_on.set()
    await office.settled()

    assert all(each in everything(direct(office)) for each in (VERDICT, *HOSTS, "archived"))


async def test_token_revoked(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """With the token gone the response_url, which needs none, brings the result and the reason."""
    go_on = await interrupted(office)
    office.slack.state.revoked = True
    go_on.set()
    await office.settled()

    seen = everything(office.slack.channel("incident").messages)
    assert all(each in seen for each in (VERDICT, *HOSTS, "no longer takes this app's token"))
    assert "token_revoked" in caplog.text


async def test_missing_scope(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The person and the log both read which scope is missing."""
    office.slack.state.scopes = frozenset({"commands"})
    await ask(office)

    seen = everything(office.slack.channel("incident").messages)
    assert all(each in seen for each in (VERDICT, *HOSTS, "needed scope chat:write"))
    assert "needed scope chat:write" in caplog.text


async def test_missing_scope_for_files(office: Office) -> None:
    """Where files may not be sent, the export opens as a window."""
    card = await office.check()
    office.slack.state.scopes -= {"files:write"}
    await office.slack.press("dana", card, EXPORT)
    await office.settled()

    assert "Report as JSON" in str(office.slack.state.views.stack("U0DANA")[0].wire["title"])


# ---------------------------------------------------------------------------- the card is refused
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"], ids=["post", "update"])
@pytest.mark.parametrize("fault", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
async def test_card(office: Office, fault: str, method: str) -> None:
    """A refused card degrades once, to its text with its buttons: nothing that it said is lost."""
    office.slack.faults.add(Fault(method=method, error=fault))
    office.courses = [[BEGUN, FINISHED]]
    await ask(office)

    parent = office.parent()
    replies = office.slack.channel("incident").replies(parent.ts)
    assert VERDICT in parent.text
    assert all(each in everything(replies) for each in HOSTS)
    assert [fault] == [call.error for call in office.slack.state.calls if call.error]
    assert "relaycheck.export" in str(parent.blocks)


async def test_message_not_found(office: Office) -> None:
    """A card that was deleted while its check ran stands again, with its replies below."""
    go_on = await interrupted(office)
    office.slack.workspace.delete(office.parent())
    go_on.set()
    await office.settled()

    assert "message_not_found" in [call.error for call in office.slack.state.calls]
    assert VERDICT in office.parent().text
    assert 1 == len(office.slack.channel("incident").parents)


# ---------------------------------------------------------------------------- Slack is not itself
TRANSIENT = {
    "ratelimited": Fault(error="ratelimited", status=429, times=3),
    "http-500": Fault(error="internal_error", status=500, times=3),
    "http-502": Fault(error="fatal_error", status=502, times=3),
    "http-503": Fault(error="service_unavailable", status=503, times=3),
    "timeout": Fault(delay_s=0.4),
    "lost-reply": Fault(lose_reply=True),
}


@pytest.fixture
async def hasty() -> AsyncIterator[Office]:
    """The office, whose patience with one call is short."""
    timeout = aiohttp.ClientTimeout(total=0.3)
    async with aiohttp.ClientSession(timeout=timeout) as session, opened(session) as office:
        yield office


@pytest.mark.parametrize("fault", TRANSIENT)
async def test_transient_while_it_is_updated(hasty: Office, fault: str) -> None:
    """What passes is waited out, and one card stands, finished."""
    hasty.slack.faults.add(replace(TRANSIENT[fault], method="chat.update"))
    hasty.courses = [[BEGUN, FINISHED]]
    await ask(hasty)

    assert VERDICT in hasty.parent().text
    assert 1 == len(hasty.slack.channel("incident").parents)


@pytest.mark.parametrize("fault", TRANSIENT)
async def test_transient_while_it_is_posted(hasty: Office, fault: str) -> None:
    """A post that may have been taken stands a second time, and says so; else there is one."""
    hasty.slack.faults.add(replace(TRANSIENT[fault], method="chat.postMessage"))
    await ask(hasty)

    texts = [message.text for message in hasty.slack.channel("incident").parents]
    marked = [text for text in texts if "may stand twice" in text]
    assert all(VERDICT in text for text in marked or texts)
    assert (0 if fault == "ratelimited" else 1) == len(marked)


@pytest.mark.parametrize("fault", TRANSIENT)
async def test_transient_at_a_press(hasty: Office, fault: str) -> None:
    """A press that was acknowledged shows its effect, whatever Slack does meanwhile."""
    await ask(hasty)
    hasty.slack.faults.add(replace(TRANSIENT[fault], method="chat.update"))
    await hasty.slack.press("kai", hasty.parent(), ACKNOWLEDGE)
    await hasty.settled()

    assert "<@U0KAI> has it" in hasty.parent().text


@pytest.mark.parametrize("fault", TRANSIENT)
async def test_transient_at_an_answer(hasty: Office, fault: str) -> None:
    """What one person is told reaches them."""
    await ask(hasty)
    hasty.slack.faults.add(replace(TRANSIENT[fault], method="response_url"))
    await hasty.slack.press("kai", hasty.parent(), CHECK_AGAIN)
    await hasty.settled()

    assert "less than a minute ago" in hasty.told(user="U0KAI")


# ---------------------------------------------------------------------------- too late
@pytest.mark.parametrize("fault", ["expired_url", "used_url"])
async def test_response_url(office: Office, fault: str) -> None:
    """When the response_url is over as well, the result is a direct message."""
    office.slack.faults.add(Fault(method="response_url", error=fault, status=404, times=None))
    await ask(office, "general")

    seen = everything(direct(office))
    assert all(each in seen for each in (VERDICT, *HOSTS, "/invite @relaycheck"))


@pytest.mark.parametrize("fault", ["expired_trigger_id", "exchanged_trigger_id"])
async def test_trigger(office: Office, fault: str) -> None:
    """Whose window Slack no longer opens is asked to try again."""
    card = await office.check()
    reply = office.slack.channel("incident").replies(card.ts)[1]
    office.slack.faults.add(Fault(method="views.open", error=fault))
    await office.slack.press("kai", reply, EVIDENCE)
    await office.settled()

    assert "Please try again" in office.told(user="U0KAI")


# ---------------------------------------------------------------------------- delivered twice
async def test_duplicate_command(office: Office) -> None:
    """A command that is delivered twice is one check and one card."""
    await ask(office)
    again = await office.slack.again(office.slack.deliveries[0])
    await office.settled()

    assert again.in_time
    assert 1 == len(office.slack.channel("incident").parents)


async def test_duplicate_press(office: Office) -> None:
    """A press that is delivered twice is done once."""
    card = await office.check()
    await office.slack.press("kai", card, ACKNOWLEDGE)
    await office.slack.again(office.slack.deliveries[-1])
    await office.settled()

    assert 1 == office.parent().text.count("has it")


async def test_duplicate_event(office: Office) -> None:
    """A mention that is delivered twice is answered once."""
    await office.slack.say("dana", "incident", "<@U0RELAYCHK> example.com")
    await office.slack.again(office.slack.deliveries[0])
    await office.settled()

    assert 1 == len(office.jobs)


# ---------------------------------------------------------------------------- the way in
async def test_dead_ticket(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """After tickets that Slack refused, Socket Mode comes back with a fresh one."""
    monkeypatch.setattr("bot.slack.front.socket_mode.PING_S", 0.1)
    slack, desk = office.slack, office.desk
    client = make_client(None, slack.base_url, desk.slack.session)
    tokens = Tokens(slack.state.bot_token, slack.state.app_token, None)
    sockets = SocketMode(make_app(client, tokens, desk), slack.state.app_token)
    slack.courier.request_url = None
    slack.state.sockets.refuse_next = 3
    sockets.start()
    await slack.connected(2)
    await slack.state.sockets.disconnect()
    slack.state.sockets.refuse_next = 2
    slack.state.sockets.drop()
    await slack.connected(2)
    await ask(office)
    await sockets.close()

    assert 5 == slack.state.sockets.refused
    assert VERDICT in office.parent().text


@pytest.mark.parametrize(
    ("channel", "text"),
    [("C0PAYLOAD", "example.com"), ("incident", "payload.example.com"), ("incident", "payload={}")],
    ids=["channel", "domain", "form-in-a-form"],
)
async def test_payload_in_a_form(office: Office, channel: str, text: str) -> None:
    """A command whose form says "payload" somewhere is a command, and is answered as one."""
    delivery = await office.slack.slash_command("dana", channel, text)
    await office.settled()

    assert delivery.in_time
    assert "ephemeral" == delivery.body["response_type"]


ODD = {
    "timestamp-word": ("X-Slack-Request-Timestamp", "yesterday"),
    "timestamp-fraction": ("X-Slack-Request-Timestamp", "1700000000.5"),
    "timestamp-negative": ("X-Slack-Request-Timestamp", "-1"),
    "timestamp-huge": ("X-Slack-Request-Timestamp", "9" * 400),
    "timestamp-arabic-digits": ("X-Slack-Request-Timestamp", "\u0661\u0667" + 8 * "\u0660"),
    "timestamp-old": ("X-Slack-Request-Timestamp", "1700000000"),
    "timestamp-none": ("X-Slack-Request-Timestamp", ""),
    "signature-short": ("X-Slack-Signature", "v0=ab"),
    "signature-v1": ("X-Slack-Signature", "v1=" + 64 * "a"),
    "signature-not-ascii": ("X-Slack-Signature", "v0=" + 64 * "é"),
    "signature-of-another-body": ("X-Slack-Signature", "v0=" + 64 * "a"),
    "signature-none": ("X-Slack-Signature", ""),
}


@pytest.mark.parametrize("odd", ODD)
async def test_unsigned(office: Office, odd: str) -> None:
    """An odd timestamp or signature is 401, never 500, and nothing is done."""
    body = urlencode({"command": "/relaycheck", "text": "example.com"}).encode()
    state = office.slack.state
    headers: dict[str, Any] = signed(state.signing_secret, body, str(int(time.time())))
    headers |= {"Content-Type": "application/x-www-form-urlencoded", ODD[odd][0]: ODD[odd][1]}
    url = office.slack.courier.request_url
    assert url
    async with office.desk.slack.session.post(url, data=body, headers=headers) as answer:
        assert 401 == answer.status

    assert [] == office.jobs
