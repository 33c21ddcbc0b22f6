"""Web API calls that stand alone: a step completed, a Home shown, an answer to one person.

The outbox sends what is newest; here one call is made until Slack has taken it, and what Slack
refuses is logged by its name. Nothing that was acknowledged to a person ends without a word to
them: who cannot be answered where they pressed is written to directly.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.deliver.outbox import POSTED_AGAIN
from bot.deliver.response_url import is_slacks, respond
from bot.deliver.web_api import Refusal, Remedy, answer_or_refusal
from bot.render.card import Card

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.deliver.destination import Slack

log = logging.getLogger(__name__)

# docs.slack.dev/interactivity/handling-user-interaction: a trigger opens one view, within 3 s.
TRIGGER_S = 3.0
_IS_OPEN = frozenset({"exchanged_trigger_id", "trigger_exchanged"})


async def insist(
    name: str,
    call: Callable[[bool], Awaitable[AsyncSlackResponse]],
    slack: Slack,
    *,
    patience_s: float | None = None,
) -> AsyncSlackResponse | Refusal:
    """Make one call, again and again while what hinders it may pass.

    Args:
        name: Slack's name of the method, for the log.
        call: Makes the call; it is told whether an earlier try may have been taken, its answer
            lost.
        slack: The way out, and its pace: how long to wait between tries.
        patience_s: For how many seconds to try; None: as the pace says.

    Returns:
        Slack's answer, or the refusal that did not pass; it is in the log.
    """
    now = asyncio.get_running_loop().time
    pace = slack.pace
    until = now() + (pace.patience_s if patience_s is None else patience_s)
    backoff_s, doubtful = pace.backoff_s, False
    while True:
        answer = await answer_or_refusal(call(doubtful))
        if not isinstance(answer, Refusal):
            return answer
        log.warning("Slack refused %s: %s (%s)", name, answer.error, answer.detail)
        doubtful = doubtful or answer.unsure
        wait_s = backoff_s if answer.retry_after_s is None else answer.retry_after_s
        if answer.remedy is not Remedy.WAIT or now() + wait_s > until:
            return answer
        await asyncio.sleep(wait_s)
        backoff_s = min(2 * backoff_s, pace.backoff_max_s)


async def open_view(slack: Slack, trigger_id: str, view: Mapping[str, object]) -> Refusal | None:
    """Open a modal while its trigger is good; return why it is not open."""
    doubted = False

    def call(doubtful: bool) -> Awaitable[AsyncSlackResponse]:  # noqa: FBT001 - as insist calls it
        nonlocal doubted
        doubted = doubtful
        return slack.client.views_open(trigger_id=trigger_id, view=dict(view))

    answer = await insist("views.open", call, slack, patience_s=TRIGGER_S)
    if not isinstance(answer, Refusal) or (doubted and answer.error in _IS_OPEN):
        return None
    return answer


async def say(
    slack: Slack, channel: str, text: str, *, thread_ts: str | None = None, broadcast: bool = False
) -> Refusal | None:
    """Post a text (mrkdwn), marked where it may stand twice; return why it does not stand.

    ``channel`` may be a user's id. ``broadcast``: a reply is shown in the channel as well.
    """
    answer = await insist(
        "chat.postMessage",
        lambda doubtful: slack.client.chat_postMessage(
            channel=channel,
            text=_marked(text, doubtful=doubtful),
            thread_ts=thread_ts,
            reply_broadcast=broadcast,
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
        ),
        slack,
    )
    return answer if isinstance(answer, Refusal) else None


async def tell_alone(  # noqa: PLR0913 - one person, and every way in which they may be reached
    slack: Slack,
    user: str,
    text: str,
    *,
    channel: str = "",
    thread_ts: str | None = None,
    response_url: str = "",
) -> Refusal | None:
    """Tell one person something (mrkdwn) that nobody else sees.

    By the response_url of what they did, else in the channel that they look at, else directly; a
    way that is closed leads to the next.

    Returns:
        Why no way was open; it is in the log.
    """
    if response_url and is_slacks(response_url, slack.api_url):
        told = await respond(
            slack.session,
            response_url,
            [Card(text, [])],
            in_channel=False,
            retry_s=slack.pace.backoff_s,
        )
        if told.count:
            return None
        text = _marked(text, doubtful=told.doubtful)
    if channel:
        answer = await insist(
            "chat.postEphemeral",
            lambda doubtful: slack.client.chat_postEphemeral(
                channel=channel,
                user=user,
                text=_marked(text, doubtful=doubtful),
                thread_ts=thread_ts,
                parse="none",
                link_names=False,
            ),
            slack,
        )
        if not isinstance(answer, Refusal):
            return None
    return await say(slack, user, text)


def _marked(text: str, *, doubtful: bool) -> str:
    return f"{text}\n{POSTED_AGAIN}" if doubtful else text
