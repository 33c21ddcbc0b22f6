"""Breaking the glass: somebody whom the operator named stands in for a missing verification.

For an incident: a host that policy keeps us from asking, or from asking all, is asked on a named
person's word, with a reason that stands on the card. It is offered where others can see the card,
and reaches neither who opted out nor what the address filter refuses (``bot.policy``).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.jobs import Job
from bot.model.glass import Glass
from bot.render import blocks, controls
from bot.render.inert import inert, mrkdwn
from bot.slack.asking.forms import answers, wrong
from bot.slack.cards.again import not_now
from bot.slack.cards.buttons import is_withheld_until_verified
from bot.slack.cards.press import (
    GONE,
    Press,
    kept_in_form,
    may_press,
    open_window,
    parse_submission,
)
from bot.slack.cards.stories import word_of
from bot.slack.journal import broken

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.render.controls import View
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

log = logging.getLogger(__name__)

FORM = "relaycheck_glass"
REASON, SURE = "reason", "sure"
_SHORTEST_REASON = 10
_LONGEST_REASON = 300
_TITLE = "Break the glass"
_YES = {"yes": "Ask them on my word"}
_NOT_YOU = (
    "Only those whom my operator named in `RELAYCHECK_BREAK_GLASS` can do this. "
    "`/relaycheck verify` tells how to verify a domain."
)
_SHARE_FIRST = "Share the result first: the glass is broken where others can see it."
_NOTHING = "Nothing here was withheld for lack of verification."
_PRESS_AGAIN = "That form stood open for too long. Please press the button again."
_TELL_WHY = f"Say why in {_SHORTEST_REASON} characters or more: everybody will see it on the card."
_TICK = "Tick it if that is what you want."


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app take the form."""

    @app.view(FORM)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(**await _submit(body, desk))


async def offer(press: Press, result: Result, desk: Desk) -> str:
    """Open the form that asks for reason and confirmation; return why it is not for this person."""
    error = await desk.permissions.glass.learn(press.user, desk.slack.client)
    if why := _why_not(press.user, result, desk):
        return f"{why} Slack did not say who is in the group ({error})." if error else why
    await open_window(desk.slack, press, _form(press, result))
    return ""


def _why_not(user: str, result: Result, desk: Desk) -> str:
    """Return why somebody cannot break the glass on a card; empty where they can."""
    if not desk.permissions.glass.knows(user):
        return _NOT_YOU
    if result.job.destination.private:
        return _SHARE_FIRST
    if not is_withheld_until_verified(result.report):
        return _NOTHING
    return not_now(result, desk)


def _form(press: Press, result: Result) -> View:
    shown = mrkdwn(inert(result.job.request.domain.shown, 300))
    told = (
        f"Mail servers of {shown} were not asked, or not all that was wanted, because nobody has "
        "verified that they are this workspace's. You can have them asked on your word: your name "
        "and your reason stand on the card. Who opted out is not asked."
    )
    return controls.modal(
        _TITLE,
        [
            blocks.section(told),
            controls.text_input("Reason", REASON, placeholder="What is happening, and since when"),
            controls.checkboxes("Are you sure?", SURE, _YES),
        ],
        callback_id=FORM,
        private_metadata=kept_in_form(result.handle, press.channel),
        submit=_TITLE,
    )


async def _submit(body: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Return what to acknowledge the form with: nothing, or what is wrong with its fields.

    Who may is asked again, of what is known here: an ack cannot wait for Slack.
    """
    press = parse_submission(body)
    result = await desk.results.find(press.team, press.value)
    if result is None or not may_press(press, result):
        return wrong(REASON, GONE)
    if not desk.permissions.glass.knows(press.user):
        return wrong(REASON, _PRESS_AGAIN)
    if why := _why_not(press.user, result, desk):
        return wrong(REASON, why)
    filled = answers(body["view"])
    reason = inert(str(filled[REASON]).strip(), _LONGEST_REASON)
    if len(reason) < _SHORTEST_REASON:
        return wrong(REASON, _TELL_WHY)
    if not filled[SURE]:
        return wrong(SURE, _TICK)
    return await _break(press, result, desk, reason)


async def _break(press: Press, result: Result, desk: Desk, reason: str) -> dict[str, Any]:
    domain = result.job.request.domain.ascii
    full = await desk.permissions.count_broken_glass(press.team, domain)
    if full is not None:
        _note(press, result, desk, f"refused: {full.why}")
        return wrong(REASON, f"{full.why[:1].upper()}{full.why[1:]}.")
    glass = Glass(by=press.user, reason=reason, at=desk.now())
    job = Job(
        key=press.trigger_id,
        request=result.job.request,
        destination=result.job.destination,
        again=result.handle,
        note=word_of(glass),
        by=press.user,
        glass=glass,
    )
    before, result.begun_at = result.begun_at, desk.now()
    asked = await desk.ask(job)
    if not asked.accepted:
        result.begun_at = before
        return wrong(REASON, asked.words)
    log.warning("glass broken domain=%s user=%s: %s", domain, press.user, reason)
    _note(press, result, desk, f"broken: {reason}")
    return {}


def _note(press: Press, result: Result, desk: Desk, outcome: str) -> None:
    domain, run_id = result.job.request.domain.ascii, result.story.run_id
    desk.journal.note(broken(press, desk.now(), outcome, domain=domain, run_id=run_id))
