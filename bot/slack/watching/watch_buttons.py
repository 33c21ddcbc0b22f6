"""What is pressed about watches: pause, resume, end in a list; *Watch* on a card, with its form.

Who may is decided at the press, of what is true then; the list is drawn anew after each.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.deliver.outbox import PARENT
from bot.model.schedule import Schedule
from bot.render import blocks, controls
from bot.render.card import slack_time
from bot.render.inert import inert, mrkdwn
from bot.render.watching import often
from bot.request.watching import Wanted
from bot.slack.asking import home
from bot.slack.asking.forms import answers, wrong
from bot.slack.cards.acts import show
from bot.slack.cards.press import (
    Press,
    change_pressed,
    kept_in_form,
    may_press,
    open_window,
    parse_press,
    parse_submission,
    tell,
)
from bot.slack.watching.stopped import BY, place_of
from bot.slack.watching.watch_list import (
    PAUSE,
    PREFIX,
    REMOVE,
    RESUME,
    SEPARATOR,
    listing,
    watches_seen,
)
from bot.slack.watching.watches import may_change, note, set_watch
from bot.store.watches import drop_watch, find_watch, keep_looks, pause_watch

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk
    from bot.store.watches import Watch

FORM = "relaycheck_watch"
OFTEN = "often"
_OFTEN = {str(hours): often(Schedule(hours)).capitalize() for hours in (24, 6, 7 * 24)}
_GONE = "That watch is not there any more: this is what there is."
_OLD_CARD = "This card is too old to be acted upon. `/relaycheck watch` sets a watch."


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app answer the buttons of a list, and the form."""

    @app.action(re.compile(rf"^{re.escape(PREFIX)}"))
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        press = parse_press(body)
        await ack()
        desk.afterwards.start(
            press.trigger_id, partial(pressed, press, desk), partial(tell, desk.slack, press)
        )

    @app.view(FORM)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        press = parse_submission(body)
        result = await desk.results.find(press.team, press.value)
        wrong_words = await _submit(press, result, body, desk)
        await ack(**(wrong(OFTEN, wrong_words) if wrong_words else {}))
        if result is not None and not wrong_words:
            mark = partial(_mark, press, result, desk)
            desk.afterwards.start(press.trigger_id, mark, partial(tell, desk.slack, press))


async def pressed(press: Press, desk: Desk) -> None:
    """Do what a button of a list asks for, and draw the list anew."""
    watch_id, _, page = press.value.partition(SEPARATOR)
    words = await _change(press, watch_id, desk) if watch_id else ""
    if press.view_id:
        await home.show(desk, press.team, press.user, words)
        return
    seen = await watches_seen(desk, press.team, press.user, press.channel)
    card = listing(seen, int(page) if page.isdecimal() else 0)
    if not await change_pressed(desk.slack, press, card, in_channel=False):
        words = words or card.text
    if words:
        await tell(desk.slack, press, words)


async def offer(press: Press, result: Result, desk: Desk) -> None:
    """Open the form that asks how often to look at the domain of a card."""
    shown = mrkdwn(inert(result.job.request.domain.shown, 300))
    told = (
        f"The mail servers of {shown} are asked again and again, plainly and without a message. "
        f"What changes is told to {place_of(_channel(press, result))}."
    )
    view = controls.modal(
        "Watch a domain",
        [blocks.section(told), controls.radio_buttons("How often?", OFTEN, _OFTEN)],
        callback_id=FORM,
        private_metadata=kept_in_form(result.handle, press.channel),
        submit="Watch",
    )
    await open_window(desk.slack, press, view)


async def _change(press: Press, watch_id: str, desk: Desk) -> str:
    """Pause, resume or end a watch; return what to say where it could not be done."""
    database = desk.watches.database
    watch = await find_watch(database, watch_id)
    if watch is None or watch.team != press.team:
        return _GONE
    if not may_change(watch, press.user, press.channel):
        return f"Only <@{watch.owner}> can do this, or who is in {place_of(watch.channel)}."
    what = press.action_id.removeprefix(PREFIX).partition(".")[0]
    if what == PAUSE:
        await pause_watch(database, watch.id, f"{BY}{press.user}")
    elif what == RESUME:
        if watch.looks.untold:
            await keep_looks(database, watch.id, replace(watch.looks, untold=False))
        await pause_watch(database, watch.id, "")
    elif what == REMOVE:
        await drop_watch(database, watch.id)
    else:
        return ""
    _note(press, desk, what, watch)
    return ""


async def _submit(press: Press, result: Result | None, body: dict[str, Any], desk: Desk) -> str:
    """Set the watch; return why it was not set (mrkdwn)."""
    if result is None or not may_press(press, result):
        return _OLD_CARD
    hours = int(answers(body["view"])[OFTEN])
    wanted = Wanted(domain=result.job.request.domain, schedule=Schedule(hours))
    asked = await set_watch(desk, wanted, _beside(press, result, desk))
    return "" if asked.accepted else asked.words


async def _mark(press: Press, result: Result, desk: Desk) -> None:
    """Leave a line on the card: who watches."""
    place = place_of(_channel(press, result))
    result.story.lines.append(f"Watched for {place} by <@{press.user}>, {slack_time(desk.now())}.")
    await desk.results.keep(result)
    await show(press, result, desk)


def _channel(press: Press, result: Result) -> str:
    """Return whom a watch that begins with a card tells: the channel, or who alone sees it."""
    wanted = result.job.destination
    return press.user if wanted.private else wanted.channel


def _beside(press: Press, result: Result, desk: Desk) -> Destination:
    """Return where such a watch is told of: in the card's thread, if the card stands in one."""
    wanted = result.job.destination
    place = _place(press, desk, _channel(press, result))
    if wanted.private:
        return place
    return replace(place, thread_ts=wanted.thread_ts or result.story.standing.get(PARENT))


def _place(press: Press, desk: Desk, channel: str) -> Destination:
    return Destination(team=press.team, channel=channel, user=press.user, asked_at=desk.now())


def _note(press: Press, desk: Desk, what: str, watch: Watch) -> None:
    note(desk, _place(press, desk, press.channel), what, "done", watch)
