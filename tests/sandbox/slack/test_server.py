"""The Web API as slack_sdk meets it: tokens, scopes, limits, faults, uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Fault
from bot.sandbox.slack.response_url import Place

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn


async def error_of(call: object) -> str:
    """Return the error name that a call is answered with."""
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc]
    return str(caught.value.response["error"])


async def test_auth_test_names_the_app(slack: StandIn, client: AsyncWebClient) -> None:
    """auth.test says who the token is, and its scopes in a header."""
    answer = await client.auth_test()

    assert ("U0RELAYCHK", "T0SANDBOX") == (answer["user_id"], answer["team_id"])
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


async def test_token_is_asked_for(slack: StandIn, session: aiohttp.ClientSession) -> None:
    """No token, a wrong one, an app token in its place and a revoked one each have their name."""
    for token, error in (
        (None, "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        (slack.state.app_token, "not_allowed_token_type"),
    ):
        client = AsyncWebClient(token, base_url=slack.base_url, session=session)
        assert error == await error_of(client.auth_test())
    slack.state.revoked = True
    client = AsyncWebClient(slack.state.bot_token, base_url=slack.base_url, session=session)
    assert "token_revoked" == await error_of(client.auth_test())


async def test_token_in_a_form_counts(slack: StandIn, session: aiohttp.ClientSession) -> None:
    """A token may stand in the body, as the oldest clients have it."""
    url, token = f"{slack.base_url}auth.test", slack.state.bot_token
    async with session.post(url, data={"token": token}) as response:
        assert (await response.json())["ok"]


async def test_missing_scope_says_which(slack: StandIn, client: AsyncWebClient) -> None:
    """The answer names the scope that is needed and those that are there."""
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user="U0DANA")

    assert "users:read" == caught.value.response["needed"]
    assert "commands" in caught.value.response["provided"]


@pytest.mark.parametrize("body", ["[1]", "no json"])
async def test_body_that_is_no_object_has_no_arguments(
    slack: StandIn, session: aiohttp.ClientSession, body: str
) -> None:
    """Broken JSON is an absence of arguments, never a crash."""
    headers = {
        "Authorization": f"Bearer {slack.state.bot_token}",
        "Content-Type": "application/json",
    }
    url = f"{slack.base_url}chat.postMessage"
    async with session.post(url, data=body, headers=headers) as response:
        assert "invalid_arguments" == (await response.json())["error"]


async def test_unknown_method_is_said(slack: StandIn, client: AsyncWebClient) -> None:
    """A method that the stand-in does not know fails loudly."""
    assert "unknown_method" == await error_of(client.api_call("chat.nonsense"))


async def test_every_call_is_kept(slack: StandIn, client: AsyncWebClient) -> None:
    """Tests can look at what was asked, with which arguments, and how it ended."""
    await client.chat_postMessage(channel="C0INCIDENT", text="x", unfurl_links=False)

    call = slack.state.calls[0]
    assert ("chat.postMessage", "") == (call.method, call.error)
    assert call.arguments["unfurl_links"] is False


async def test_too_many_posts_are_rate_limited(slack: StandIn, client: AsyncWebClient) -> None:
    """The eleventh post at once into a channel is 429 with Retry-After, which the SDK waits for."""
    for _ in range(10):
        await client.chat_postMessage(channel="C0INCIDENT", text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0INCIDENT", text="x")

    assert (429, "1") == (
        caught.value.response.status_code,
        caught.value.response.headers["Retry-After"],
    )
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler())
    assert (await client.chat_postMessage(channel="C0INCIDENT", text="x"))["ok"]


async def test_limits_can_be_left_out(slack: StandIn, client: AsyncWebClient) -> None:
    """Without rate limits nothing is counted."""
    slack.state.rates = None
    for _ in range(12):
        await client.chat_postMessage(channel="C0INCIDENT", text="x")

    assert 12 == len(slack.channel("incident").messages)


async def test_faults_happen_to_calls(slack: StandIn, client: AsyncWebClient) -> None:
    """An error, a status and a lost reply at will."""
    slack.faults.add(Fault(method="chat.postMessage", error="invalid_blocks"))
    slack.faults.add(Fault(method="chat.postMessage", status=503))
    slack.faults.add(Fault(method="auth.test", error="ratelimited", status=429, retry_after_s=7))

    assert "invalid_blocks" == await error_of(
        client.chat_postMessage(channel="C0INCIDENT", text="x")
    )
    assert "internal_error" == await error_of(
        client.chat_postMessage(channel="C0INCIDENT", text="x")
    )
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert "7" == caught.value.response.headers["Retry-After"]
    assert () == slack.channel("incident").messages


async def test_lost_reply_has_done_its_work(slack: StandIn, client: AsyncWebClient) -> None:
    """Slack may have posted what it did not answer for."""
    client.retry_handlers.clear()
    slack.faults.add(Fault(method="chat.postMessage", lose_reply=True))

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0INCIDENT", text="x")

    assert 1 == len(slack.channel("incident").messages)


async def test_response_url_over_http(slack: StandIn, session: aiohttp.ClientSession) -> None:
    """A good body is ok, broken JSON and bad content are refused, and faults happen here too."""
    url = slack.state.response_url(Place("C0GENERAL", "U0DANA"))
    async with session.post(url, json={"text": "hi"}) as response:
        assert "ok" == await response.text()
    async with session.post(url, data=b"{") as response:
        assert (400, "invalid_payload") == (response.status, (await response.json())["error"])
    async with session.post(url, json={"text": ""}) as response:
        assert (400, "no_text") == (response.status, (await response.json())["error"])
    slack.faults.add(Fault(method="response_url", status=500))
    async with session.post(url, json={"text": "hi"}) as response:
        assert 500 == response.status
    async with session.post(f"{slack.state.origin}/response/x", json={"text": "hi"}) as response:
        assert 404 == response.status


async def test_file_is_uploaded_in_three_steps(slack: StandIn, client: AsyncWebClient) -> None:
    """files_upload_v2 of slack_sdk works, and the file can be saved but never run."""
    await client.files_upload_v2(
        channel="C0INCIDENT",
        content="<b>report</b>",
        filename="report.html",
        initial_comment="Here",
    )

    message = slack.channel("incident").messages[0]
    assert ("Here", "report.html") == (message.text, message.files[0]["name"])
    assert client.session is not None
    async with client.session.get(message.files[0]["url_private"]) as response:
        assert b"<b>report</b>" == await response.read()
        assert "attachment" == response.headers["Content-Disposition"]


async def test_an_upload_can_fail_at_will(slack: StandIn, client: AsyncWebClient) -> None:
    """The second step of an upload is no method, and has its faults under a name of its own."""
    slack.faults.add(Fault(method="upload", error="internal_error", status=503))

    with pytest.raises(SlackRequestError, match="503"):
        await client.files_upload_v2(filename="a", content="b")


async def test_upload_of_another_length_is_refused(
    slack: StandIn, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """What is uploaded has the length that was announced, to an address that was given out."""
    answer = await client.files_getUploadURLExternal(filename="a", length=3)
    for url in (answer["upload_url"], f"{slack.state.origin}/upload/F0"):
        async with session.post(url, data=b"four") as response:
            assert 400 == response.status
    async with session.get(f"{slack.state.origin}/files/{answer['file_id']}/a") as response:
        assert 404 == response.status
