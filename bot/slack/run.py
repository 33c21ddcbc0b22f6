"""What a job does: check, show it, and say aloud when it got worse."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.check import check
from bot.deliver import LAST_WORDS_S, deliver, deliver_elsewhere
from bot.deliver.outbox import PARENT
from bot.deliver.web_api import answer_or_refusal
from bot.logs import about
from bot.render.card import Card
from bot.render.catalogue import CATALOGUE
from bot.render.inert import inert

if TYPE_CHECKING:
    from bot.deliver import Slack
    from bot.edges import World
    from bot.jobs import Job, Run
    from bot.model.verdict import Judgement
    from bot.slack.results import Result, Results


def make_run(world: World, slack: Slack, results: Results) -> Run:
    """Return what a job does."""

    async def run(job_id: str, job: Job) -> None:
        with about(job_id):
            await do(job_id, job)

    async def do(job_id: str, job: Job) -> None:
        known = results.find(job.destination.team, job.again)
        before = known.report.judgement if known and known.report else None
        result = results.begin(job_id, job)
        progress = check(job.request, replace(world, new_id=lambda: job_id))
        await deliver(progress, result.story, job.destination, slack)
        await _tell_if_worse(result, before, slack)

    return run


def make_give_back(slack: Slack) -> Run:
    """Return what is done with a job that was never begun: the person is told, and can ask again.

    By response_url, to that person alone: a queue of such words would flood the channel.
    """

    async def give_back(job_id: str, job: Job) -> None:
        domain = inert(job.request.domain.shown)
        words = f"`{domain}` was not checked: relaycheck is being restarted. Please ask again."
        alone = replace(job.destination, private=True)
        async with asyncio.timeout(LAST_WORDS_S):
            await deliver_elsewhere([Card(words, [])], None, alone, slack, job_id)

    return give_back


async def _tell_if_worse(result: Result, before: Judgement | None, slack: Slack) -> None:
    """Broadcast a reply when the verdict got worse than it was; silence is for everything else."""
    now = result.report.judgement if result.report else None
    ts = result.story.standing.get(PARENT)
    if before is None or now is None or ts is None or now.rank >= before.rank:
        return
    then_word = CATALOGUE.verdicts[before.verdict].word
    now_word = CATALOGUE.verdicts[now.verdict].word
    await answer_or_refusal(
        slack.client.chat_postMessage(
            channel=result.job.destination.channel,
            thread_ts=ts,
            reply_broadcast=True,
            text=f"{result.story.shown} got worse: {then_word} before, {now_word} now.",
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
    )
