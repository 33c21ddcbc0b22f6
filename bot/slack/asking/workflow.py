"""The step `check_domain` of a workflow: a domain in; verdict, open hosts and a link out.

So that an incident workflow can branch on the answer. The step needs the manifest of
``relaycheck manifest --workflow``. Its job says which execution waits; whoever finishes the job
completes it, in this process or in the next.
"""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.deliver.calls import insist
from bot.deliver.outbox import PARENT
from bot.deliver.web_api import Refusal
from bot.jobs import Job

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.deliver import Slack
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

STEP = "check_domain"


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app take the step."""

    @app.function(STEP)
    async def _(body: dict[str, Any]) -> None:
        execution = str(body["event"]["function_execution_id"])
        give_up = partial(_give_up, desk.slack, execution)
        desk.afterwards.start(execution, partial(_begin, body, desk), give_up)


async def complete(job: Job, result: Result, slack: Slack) -> None:
    """Tell the workflow that waits for a job, if one does, how it ended."""
    report = result.report
    if not job.step:
        return
    if report is None or report.judgement is None:
        await _give_up(slack, job.step, "The check ended without a verdict.")
        return
    hosts = [mx.host for mx in report.mx if mx.judgement and mx.judgement.verdict.is_open]
    outputs = {
        "verdict": report.judgement.verdict.value,
        "open_hosts": ", ".join(hosts),
        "permalink": await _permalink(job, result, slack),
    }
    await insist(
        "functions.completeSuccess",
        lambda _: slack.client.functions_completeSuccess(
            function_execution_id=job.step, outputs=outputs
        ),
        slack,
    )


async def _begin(body: dict[str, Any], desk: Desk) -> None:
    event = body["event"]
    execution, inputs = str(event["function_execution_id"]), event["inputs"]
    request = desk.read(str(inputs["domain"]))
    if isinstance(request, str):
        await _give_up(desk.slack, execution, request)
        return
    asked = await desk.ask(
        Job(
            key=f"step {execution}",
            request=request,
            destination=Destination(
                team=str(body.get("team_id", "")),
                channel=str(inputs["channel"]),
                user=str(inputs["user"]),
                asked_at=desk.now(),
                private=request.private,
            ),
            step=execution,
        )
    )
    if not asked.accepted:
        await _give_up(desk.slack, execution, asked.words)


async def _give_up(slack: Slack, execution: str, words: str) -> None:
    """End the step with an error; Slack shows its text literally."""
    error = html.unescape(words).replace("`", "")
    await insist(
        "functions.completeError",
        lambda _: slack.client.functions_completeError(
            function_execution_id=execution, error=error
        ),
        slack,
    )


async def _permalink(job: Job, result: Result, slack: Slack) -> str:
    ts = result.story.standing.get(PARENT)
    if ts is None:
        return ""
    channel = result.story.channel or job.destination.channel
    answer = await insist(
        "chat.getPermalink",
        lambda _: slack.client.chat_getPermalink(channel=channel, message_ts=ts),
        slack,
    )
    return "" if isinstance(answer, Refusal) else str(answer["permalink"])
