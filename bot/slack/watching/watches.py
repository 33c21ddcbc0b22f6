"""The words `watch` and `unwatch`: a watch is set, changed, and ended.

A watch is its owner's, and everybody's in the channel that it tells. To set one counts as a check
that its owner asks for; its looks count against the rate for all alone, so a workspace has only so
many watches. Whether the channel is open to us shows with the first look, which begins at once.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.jobs import Job
from bot.render.card import slack_time
from bot.render.inert import escape, inert
from bot.render.watching import often
from bot.request import Request, UsageError
from bot.request.watching import parse_unwatch, parse_watch
from bot.settings import ProbePolicy
from bot.slack.desk import Asked
from bot.slack.journal import said
from bot.slack.watching.stopped import place_of
from bot.store.audit import Act
from bot.store.watches import Looks, Watch, change_watch, drop_watch, keep_watch, watches_of

if TYPE_CHECKING:
    from bot.deliver import Destination
    from bot.request.watching import Wanted
    from bot.slack.desk import Desk, Watches

_OFF = "No mail server is asked from here (`RELAYCHECK_PROBE_POLICY` is off): nothing to watch."


async def watch(desk: Desk, text: str, place: Destination) -> str:
    """Set a watch as it was typed, and say what will follow (mrkdwn)."""
    try:
        wanted = parse_watch(text, allowed_suffixes=desk.allowed_suffixes)
    except UsageError as error:
        return escape(inert(error.message, 600))
    return (await set_watch(desk, wanted, place)).words


async def unwatch(desk: Desk, text: str, place: Destination) -> str:
    """End a watch as it was typed, and say so (mrkdwn)."""
    try:
        wanted = parse_unwatch(text, allowed_suffixes=desk.allowed_suffixes)
    except UsageError as error:
        return escape(inert(error.message, 600))
    channel = _channel(wanted, place)
    every = await watches_of(desk.watches.database, place.team)
    same = [each for each in every if each.domain == wanted.domain]
    here = [each for each in same if each.channel == channel]
    ended = [each for each in here if may_change(each, place.user, place.channel)]
    name = _name(wanted)
    if not ended:
        elsewhere = [place_of(each.channel) for each in same if each.owner == place.user]
        where = f" You watch it for {', '.join(elsewhere)}." if elsewhere else ""
        return f"{name} is not watched for {place_of(channel)}.{where}"
    await drop_watch(desk.watches.database, ended[0].id)
    note(desk, place, f"unwatch {wanted.domain.ascii}", "ended", ended[0])
    return f"{name} is no longer watched for {place_of(channel)}."


async def set_watch(desk: Desk, wanted: Wanted, place: Destination) -> Asked:
    """Set a watch, or change the one that there is."""
    channel = _channel(wanted, place)
    every = await watches_of(desk.watches.database, place.team)
    known = [each for each in every if (each.domain, each.channel) == (wanted.domain, channel)]
    made = _changed(known[0], wanted, place) if known else _new(wanted, place, channel)
    if not known:
        why_not = await _why_not(desk, wanted, place) or await _keep(desk.watches, made)
    elif may_change(known[0], place.user, place.channel):
        why_not = ""
        await change_watch(desk.watches.database, made)
    else:
        why_not = f"{_name(wanted)} is watched there already, for <@{known[0].owner}>."
    how = often(wanted.schedule)
    note(desk, place, f"watch {wanted.domain.ascii} {how}", why_not or "set", made)
    if why_not:
        return Asked(why_not, accepted=False)
    follows = "What changes is told there."
    if not known:
        follows = "What the first look finds is told there in a moment, then only what changes."
    return Asked(
        f"{_name(wanted)} is watched {how} for {place_of(channel)}. {follows} "
        "`/relaycheck watches` pauses and ends it.",
        accepted=True,
    )


def may_change(watch: Watch, user: str, channel: str) -> bool:
    """Whether somebody may pause or end a watch: their own, or one of the channel they are in."""
    return user == watch.owner or channel == watch.channel


def note(desk: Desk, place: Destination, what: str, outcome: str, about: Watch) -> None:
    """Note in the audit what somebody did to a watch."""
    line = said(Act.WATCH, place, f"{what} {about.channel}", outcome, domain=about.domain.ascii)
    desk.journal.note(line)


async def _keep(watches: Watches, made: Watch) -> str:
    """Keep a new watch; return why there is no room for it (mrkdwn)."""
    if await keep_watch(watches.database, made, most=watches.most):
        return ""
    return (
        f"This workspace has {watches.most} watches, as many as it may: "
        "`/relaycheck watches` shows them, and ends one."
    )


async def _why_not(desk: Desk, wanted: Wanted, place: Destination) -> str:
    """Return why a watch may not be set (mrkdwn); empty where it may."""
    name = wanted.domain.ascii
    if desk.permissions.policy is ProbePolicy.OFF:
        return _OFF
    if desk.permissions.policy is ProbePolicy.VERIFIED and (
        await desk.permissions.is_verified(place.team, name) is False
    ):
        return f"Only verified domains are asked here: `/relaycheck verify {inert(name, 300)}`."
    first_look = Job(
        key=f"watch {secrets.token_urlsafe(9)}",
        request=Request(domain=wanted.domain, shown=wanted.domain.shown),
        destination=place,
    )
    full = await desk.permissions.count(first_look)
    return f"Not now: {full.limit}; set it from {slack_time(full.again_at)} on." if full else ""


def _new(wanted: Wanted, place: Destination, channel: str) -> Watch:
    return Watch(
        id=secrets.token_urlsafe(9),
        team=place.team,
        channel=channel,
        owner=place.user,
        domain=wanted.domain,
        schedule=wanted.schedule,
        made_at=place.asked_at,
        due_at=place.asked_at,
        # Asked for in a thread, it goes on there.
        looks=Looks(thread_ts=(place.thread_ts or "") if channel == place.channel else ""),
    )


def _changed(known: Watch, wanted: Wanted, place: Destination) -> Watch:
    """Return a watch as it is asked for now; what its looks have come to stays."""
    now = place.asked_at
    due_at = wanted.schedule.next_after(now, anchor=known.made_at, salt=known.id)
    return replace(
        known,
        owner=place.user,
        schedule=wanted.schedule,
        due_at=now if known.paused else min(known.due_at, due_at),
        paused="",
    )


def _channel(wanted: Wanted, place: Destination) -> str:
    """Return whom a watch tells: a channel, or who set it in a direct message.

    That may be one between people, where the app is not; to a person's id it can always post.
    """
    return wanted.channel or (place.user if place.channel.startswith("D") else place.channel)


def _name(wanted: Wanted) -> str:
    return f"`{inert(wanted.domain.shown, 600)}`"
