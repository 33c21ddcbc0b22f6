"""What buttons do to a result: take it in hand, show it to others.

Each returns why it was not done, to be told (mrkdwn). What was done is kept before it is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.deliver import deliver_elsewhere
from bot.deliver.outbox import PARENT, Outbox
from bot.render.card import slack_time
from bot.slack.cards.press import change_pressed, tell

if TYPE_CHECKING:
    from bot.deliver import Ledger, Slack
    from bot.deliver.web_api import Refusal
    from bot.slack.cards.press import Press
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

_UNCHANGED = "Slack did not let me change the card"


async def acknowledge(press: Press, result: Result, desk: Desk) -> str:
    """Let everybody see who has it in hand."""
    if result.claimed_by:
        return f"<@{result.claimed_by}> has it in hand already."
    result.claimed_by = press.user
    result.story.lines.append(f"<@{press.user}> has it in hand, {slack_time(desk.now())}.")
    await desk.results.keep(result)
    await show(press, result, desk)
    return ""


async def share(press: Press, result: Result, desk: Desk) -> str:
    """Show a private result to the channel it was asked for in."""
    wanted = result.job.destination
    if not wanted.private:
        return f"It is shared already: {desk.where(result)}."
    # What runs, or waits for its turn, still goes to the person alone.
    if not result.is_finished or desk.jobs.awaits(result.handle):
        return "It is being checked right now."
    wanted = replace(wanted, private=False, response_url=press.response_url)
    result.job = replace(result.job, destination=wanted)
    result.story.lines.append(f"Shared by <@{press.user}> {slack_time(desk.now())}.")
    await desk.results.keep(result)
    refusal = await show_all(result, desk.slack, desk.results.ledger(result.story.run_id))
    if refusal is not None:
        cards = result.story.worst_first()
        await deliver_elsewhere(cards, refusal, wanted, desk.slack, result.story.run_id)
    return ""


async def show(press: Press, result: Result, desk: Desk) -> None:
    """Bring the parent message up to date, where it stands or where its button was pressed."""
    card = result.story.parent()
    if PARENT not in result.story.standing:
        in_channel = not result.job.destination.private
        if not await change_pressed(desk.slack, press, card, in_channel=in_channel):
            await tell(desk.slack, press, f"{_UNCHANGED}. {result.story.lines[-1]}")
        return
    outbox = _outbox(result, desk.slack, desk.results.ledger(result.story.run_id))
    outbox.want(PARENT, card)
    outbox.finish()
    refusal = await outbox.keep_current()
    if refusal is not None:
        await tell(desk.slack, press, f"{_UNCHANGED} ({refusal.error}).")


async def show_all(result: Result, slack: Slack, ledger: Ledger) -> Refusal | None:
    """Bring every message of a result up to date, in its channel; return why that failed."""
    outbox = _outbox(result, slack, ledger)
    outbox.want(PARENT, result.story.parent())
    for host, card in result.story.hosts():
        outbox.want(host, card)
    outbox.finish()
    return await outbox.keep_current()


def _outbox(result: Result, slack: Slack, ledger: Ledger) -> Outbox:
    wanted = result.job.destination
    return Outbox(
        client=slack.client,
        channel=result.story.channel or wanted.channel,
        run_id=result.story.run_id,
        thread_ts=wanted.thread_ts,
        standing=result.story.standing,
        doubtful=result.story.doubtful,
        ledger=ledger,
        pace=slack.pace,
        turns=slack.turns,
    )
