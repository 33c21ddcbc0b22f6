"""What buttons ask anew: the same once more, with messages, in every form, at the other ports.

Each brings the messages that stand up to date. None is begun while the card is being checked, nor
within a minute of the last; whether it still makes sense is decided when it is pressed. "Check
again" never repeats a proof: a message is sent only where somebody confirmed just that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.jobs import Job
from bot.model.ports import WELL_KNOWN_PORTS
from bot.render.catalogue import CATALOGUE
from bot.slack.buttons import asks_every_port, is_provable
from bot.slack.desk import NO_CANARY, date
from bot.slack.press import tell

if TYPE_CHECKING:
    from bot.request import Request
    from bot.slack.desk import Desk
    from bot.slack.press import Press
    from bot.slack.results import Result

# The contract: at most once a minute an address.
AGAIN_AFTER = timedelta(minutes=1)
_NOTHING_TO_PROVE = "Nothing was accepted here that a message could prove."
_EVERY_FORM = "Every form was tried already: *Check again* repeats that."
_EVERY_PORT = "Ports 25, 465 and 587 were asked already: *Check again* repeats that."


@dataclass(frozen=True, slots=True)
class _Errand:
    """What to ask, and what the card says of it before the name of the person."""

    request: Request
    words: str


async def check_again(press: Press, result: Result, desk: Desk) -> None:
    """Ask the same again, anew, and send no message."""
    await _begin(
        press, result, desk, _Errand(replace(result.job.request, prove=False), "Checked again")
    )


async def prove(press: Press, result: Result, desk: Desk) -> None:
    """Ask again, and send a message wherever one is accepted."""
    if not desk.results.can_prove:
        await tell(desk.slack, press, NO_CANARY)
    elif not is_provable(result.report):
        await tell(desk.slack, press, _NOTHING_TO_PROVE)
    else:
        errand = _Errand(replace(result.job.request, prove=True), "Asked to prove delivery")
        await _begin(press, result, desk, errand)


async def try_variants(press: Press, result: Result, desk: Desk) -> None:
    """Ask again in every form that an old server may relay."""
    if result.job.request.variants:
        await tell(desk.slack, press, _EVERY_FORM)
        return
    request = replace(result.job.request, variants=True, prove=False, probe=True)
    await _begin(press, result, desk, _Errand(request, "Every form asked for"))


async def other_ports(press: Press, result: Result, desk: Desk) -> None:
    """Ask again at each port on which mail is handed over."""
    if asks_every_port(result.job.request):
        await tell(desk.slack, press, _EVERY_PORT)
        return
    ports = (*WELL_KNOWN_PORTS, *(result.job.request.ports or ()))
    request = replace(
        result.job.request, ports=tuple(dict.fromkeys(ports)), prove=False, probe=True
    )
    await _begin(press, result, desk, _Errand(request, "Ports 25, 465 and 587 asked for"))


def verdict(result: Result) -> str:
    """Return the word for a result's verdict."""
    judgement = result.report.judgement if result.report else None
    return CATALOGUE.verdicts[judgement.verdict].word if judgement else "no verdict"


async def _begin(press: Press, result: Result, desk: Desk, errand: _Errand) -> None:
    if not result.is_finished:
        await tell(desk.slack, press, "It is being checked right now.")
        return
    again_from = result.begun_at + AGAIN_AFTER
    if desk.now() < again_from:
        await tell(
            desk.slack,
            press,
            f"It was asked less than a minute ago: again from {date(again_from)}.",
        )
        return
    wanted = replace(
        result.job.destination,
        response_url=press.response_url or result.job.destination.response_url,
    )
    who_and_when = f"<@{press.user}> {date(desk.now())}"
    job = Job(
        key=press.trigger_id,
        request=errand.request,
        destination=wanted,
        again=result.handle,
        note=f"{errand.words} by {who_and_when}. Before: {verdict(result)}.",
        by=press.user,
    )
    # From now on it counts as asked: whoever presses meanwhile must not start a second check.
    before, result.begun_at = result.begun_at, desk.now()
    asked = await desk.ask(job)
    if not asked.accepted:
        result.begun_at = before
        await tell(desk.slack, press, asked.words)
