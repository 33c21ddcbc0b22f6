"""App Home: a field for a quick check, the latest checks a person may see, their watches, and us.

Those are their own, and what is not private in channels where they asked for something themselves.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.deliver.calls import insist
from bot.jobs import Job
from bot.render import blocks, controls
from bot.render.card import slack_time
from bot.render.catalogue import CATALOGUE
from bot.render.inert import inert
from bot.slack.asking.status import status
from bot.slack.watching.watch_list import rows, watches_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.render.blocks import Block
    from bot.render.controls import View
    from bot.slack.desk import Desk
    from bot.store.cards import SeenCard
    from bot.store.watches import Watch

QUICK_CHECK = "home_quick_check"
_RECENT = 20
_WATCHES = 10


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app show its Home, and answer the field on it."""

    @app.event("app_home_opened")
    async def _(body: dict[str, Any]) -> None:
        event = body["event"]
        if event.get("tab") == "home":
            team, user = str(body.get("team_id", "")), str(event["user"])
            tell = partial(show, desk, team, user)
            desk.afterwards.start(str(body["event_id"]), tell, tell)

    @app.action(QUICK_CHECK)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        words = await _quick_check(body, desk)
        await ack()
        tell = partial(show, desk, str(body["team"]["id"]), str(body["user"]["id"]))
        desk.afterwards.start(str(body["trigger_id"]), partial(tell, words), tell)


def home_view(  # noqa: PLR0913 - all that is shown, by name
    desk: Desk,
    user: str,
    seen: Sequence[SeenCard],
    state: str,
    said: str = "",
    *,
    watched: Sequence[Watch] = (),
) -> View:
    """Return one person's Home.

    Args:
        desk: Where a result's card is found.
        user: Whose it is, a user id.
        seen: The checks that this person may see, the latest first.
        state: How busy we are and who we are (mrkdwn).
        said: What to say about what was just typed (mrkdwn).
        watched: The watches that are this person's.
    """
    shown: list[Block] = [
        blocks.header("Can a stranger send mail through a domain's servers?"),
        controls.quick_input("Domain", QUICK_CHECK, placeholder="example.com"),
        *([blocks.section(said)] if said else []),
        blocks.context(["The result comes to you as a direct message."]),
        blocks.divider(),
        blocks.header("Latest checks"),
        *([blocks.section(_line(desk, user, each)) for each in seen] or [_NONE]),
        blocks.divider(),
        blocks.header("Your watches"),
        *(rows(watched[:_WATCHES]) or [_NO_WATCH]),
        *([_MORE] if len(watched) > _WATCHES else []),
        blocks.divider(),
        blocks.section(state),
    ]
    return controls.home(shown)


_NONE = blocks.section("None yet. In a channel: `/relaycheck example.com`.")
_NO_WATCH = blocks.section("None yet. In a channel: `/relaycheck watch example.com`.")
_MORE = blocks.context(["`/relaycheck watches` has them all."])


async def _quick_check(body: dict[str, Any], desk: Desk) -> str:
    request = desk.read(str(body["actions"][0].get("value") or ""))
    if isinstance(request, str):
        return request
    user = str(body["user"]["id"])
    asked = await desk.ask(
        Job(
            key=str(body["trigger_id"]),
            request=request,
            destination=Destination(
                team=str(body["team"]["id"]), channel=user, user=user, asked_at=desk.now()
            ),
        )
    )
    return asked.words


async def show(desk: Desk, team: str, user: str, said: str = "") -> None:
    """Show somebody their Home as it is now; ``said``: what to say about what they just did."""
    seen = await desk.results.seen_by(team, user, _RECENT)
    me = Destination(team=team, channel=user, user=user, asked_at=desk.now())
    watched = await watches_seen(desk, team, user)
    view = home_view(desk, user, seen, await status(desk, "", me), said, watched=watched)
    await insist(
        "views.publish",
        lambda _: desk.slack.client.views_publish(user_id=user, view=view),
        desk.slack,
    )


def _line(desk: Desk, user: str, seen: SeenCard) -> str:
    card = seen.card
    words = CATALOGUE.verdicts[seen.judgement.verdict] if seen.judgement else None
    verdict = f"{words.mark} {words.word}" if words else "no verdict"
    parts = [
        verdict if card.ended_at else "⏳ still asking",
        f"`{inert(card.shown)}`",
        slack_time(card.begun_at),
        "" if card.person == user else f"asked by <@{card.person}>",
        "private" if card.private else desk.link(seen.channel or card.channel, seen.ts),
    ]
    return " · ".join(filter(None, parts))
