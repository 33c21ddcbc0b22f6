"""What buttons ask anew: the same once more, with messages, in every form, at the other ports.

Each brings the messages that stand up to date. None is begun while the card is being checked, nor
within a minute of the last; whether it still makes sense is decided when it is pressed. "Check
again" never repeats a proof: a message is sent only where somebody confirmed just that. Each
returns why it was not begun, to be told (mrkdwn).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.jobs import Job
from bot.model.ports import WELL_KNOWN_PORTS
from bot.render.card import slack_time
from bot.render.catalogue import CATALOGUE
from bot.slack.cards.buttons import asks_every_port, is_provable
from bot.slack.desk import NO_CANARY

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model.glass import Glass
    from bot.request import Request
    from bot.slack.cards.press import Press
    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

# The contract: at most once a minute an address.
AGAIN_AFTER = timedelta(minutes=1)
# So long whoever repairs a host may look again on the word of who broke the glass.
GLASS_HOLDS = timedelta(hours=1)
_NOTHING_TO_PROVE = "Nothing was accepted here that a message could prove."
_EVERY_FORM = "Every form was tried already: *Check again* repeats that."
_EVERY_PORT = "Ports 25, 465 and 587 were asked already: *Check again* repeats that."


@dataclass(frozen=True, slots=True)
class _Errand:
    """What to ask, and what the card says of it before the name of the person."""

    request: Request
    words: str


async def check_again(press: Press, result: Result, desk: Desk) -> str:
    """Ask the same again, anew, and send no message."""
    request = replace(result.job.request, prove=False)
    return await _begin(press, result, desk, _Errand(request, "Checked again"))


async def prove(press: Press, result: Result, desk: Desk) -> str:
    """Ask again, and send a message wherever one is accepted."""
    if not desk.results.can_prove:
        return NO_CANARY
    if not is_provable(result.report):
        return _NOTHING_TO_PROVE
    errand = _Errand(replace(result.job.request, prove=True), "Asked to prove delivery")
    return await _begin(press, result, desk, errand)


async def try_variants(press: Press, result: Result, desk: Desk) -> str:
    """Ask again in every form that an old server may relay."""
    if result.job.request.variants:
        return _EVERY_FORM
    request = replace(result.job.request, variants=True, prove=False, probe=True)
    return await _begin(press, result, desk, _Errand(request, "Every form asked for"))


async def other_ports(press: Press, result: Result, desk: Desk) -> str:
    """Ask again at each port on which mail is handed over."""
    if asks_every_port(result.job.request):
        return _EVERY_PORT
    ports = (*WELL_KNOWN_PORTS, *(result.job.request.ports or ()))
    request = replace(
        result.job.request, ports=tuple(dict.fromkeys(ports)), prove=False, probe=True
    )
    return await _begin(press, result, desk, _Errand(request, "Ports 25, 465 and 587 asked for"))


def verdict(result: Result) -> str:
    """Return the word for a result's verdict."""
    judgement = result.report.judgement if result.report else None
    return CATALOGUE.verdicts[judgement.verdict].word if judgement else "no verdict"


def not_now(result: Result, desk: Desk) -> str:
    """Return why a result cannot be asked anew at this moment (mrkdwn); empty where it can."""
    if not result.is_finished or desk.jobs.awaits(result.handle):
        return "It is being checked right now."
    again_from = result.begun_at + AGAIN_AFTER
    if desk.now() < again_from:
        return f"It was asked less than a minute ago: again from {slack_time(again_from)}."
    return ""


def _still_broken(result: Result, wanted: Request, now: datetime) -> Glass | None:
    """Return the glass that was broken for a card, while it holds, and for no more than it was.

    Every form and every message need a word of their own: without one they are withheld, and the
    card offers the glass for them.
    """
    glass, before = result.job.glass, result.job.request
    is_more = (wanted.variants and not before.variants) or (wanted.prove and not before.prove)
    return glass if glass and not is_more and now < glass.at + GLASS_HOLDS else None


async def _begin(press: Press, result: Result, desk: Desk, errand: _Errand) -> str:
    if why := not_now(result, desk):
        return why
    wanted = replace(
        result.job.destination,
        response_url=press.response_url or result.job.destination.response_url,
    )
    who_and_when = f"<@{press.user}> {slack_time(desk.now())}"
    job = Job(
        key=press.trigger_id,
        request=errand.request,
        destination=wanted,
        again=result.handle,
        note=f"{errand.words} by {who_and_when}. Before: {verdict(result)}.",
        glass=_still_broken(result, errand.request, desk.now()),
        by=press.user,
    )
    # From now on it counts as asked: whoever presses meanwhile must not start a second check.
    before, result.begun_at = result.begun_at, desk.now()
    asked = await desk.ask(job)
    if asked.accepted:
        return ""
    result.begun_at = before
    return asked.words
