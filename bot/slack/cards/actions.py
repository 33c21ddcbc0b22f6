"""Buttons pressed on a check's cards, and pages turned in a modal.

Acknowledged at once, done afterwards. A handle is looked up in the presser's own workspace, and
whether they may is decided now: a private result is its owner's, another is for those who can see
the channel it stands in. A press that comes too late is answered with what is true now.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.render.pages import TURN
from bot.slack.cards import buttons, views
from bot.slack.cards.acts import acknowledge, share
from bot.slack.cards.again import check_again, other_ports, prove, try_variants
from bot.slack.cards.export import export
from bot.slack.cards.glass import offer
from bot.slack.cards.press import GONE, Press, may_press, parse_press, tell
from bot.slack.journal import pressed as of_press
from bot.slack.watching import watch_buttons

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.cards.result import Result
    from bot.slack.desk import Desk

Act: TypeAlias = Callable[[Press, "Result", "Desk"], Awaitable[str | None]]
"""What a button does; what it returns says why it was not done, and is told (mrkdwn)."""

_ACTS: dict[str, Act] = {
    buttons.CHECK_AGAIN: check_again,
    buttons.PROVE: prove,
    buttons.VARIANTS: try_variants,
    buttons.PORTS: other_ports,
    buttons.BREAK_GLASS: offer,
    buttons.ACKNOWLEDGE: acknowledge,
    buttons.SHARE: share,
    buttons.EVIDENCE: views.show_evidence,
    buttons.EXPORT: export,
    buttons.WATCH: watch_buttons.offer,
}
_NOT_YOURS = "This result is somebody else's: ask for your own with `/relaycheck`."


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app answer its buttons."""

    def listener(act: Callable[[Press, Desk], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            press = parse_press(body)
            await ack()
            desk.afterwards.start(
                press.trigger_id, partial(act, press, desk), partial(tell, desk.slack, press)
            )

        return listen

    app.action(re.compile(rf"^{re.escape(buttons.PREFIX)}"))(listener(pressed))
    app.action(re.compile(rf"^{TURN}\."))(listener(views.turn_page))


async def pressed(press: Press, desk: Desk) -> None:
    """Do what a button on a card asks for, if this person may ask it; note what came of it."""
    handle = press.value.partition(buttons.SEPARATOR)[0]
    result = await desk.results.find(press.team, handle)
    domain = result.job.request.domain.ascii if result else ""
    run_id = result.story.run_id if result else ""
    outcome = "failed"
    try:
        why_not = await _act(press, result, desk)
        outcome = f"refused: {why_not}" if why_not else "done"
    finally:
        desk.journal.note(of_press(press, desk.now(), outcome, domain=domain, run_id=run_id))
    if why_not:
        await tell(desk.slack, press, why_not)


async def _act(press: Press, result: Result | None, desk: Desk) -> str | None:
    act = _ACTS.get(press.action_id)
    if result is None or act is None:
        return GONE
    if not may_press(press, result):
        return _NOT_YOURS
    return await act(press, result, desk)
