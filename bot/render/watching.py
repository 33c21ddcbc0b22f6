"""What a watch says in its channel: that it has begun, and what has changed, as before and after.

Which changes are told, ``bot.settling`` says; here are their words. Both messages say who set the
watch, and how to end it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.render import blocks
from bot.render.card import ALWAYS, Card, Part, compose, slack_time
from bot.render.catalogue import CATALOGUE
from bot.render.comparison import HOST_SHOWN, then_and_now
from bot.render.evidence import sentence
from bot.render.inert import escape, inert, mrkdwn
from bot.render.parent import DOMAIN_SHOWN, ID_SHOWN, headline, summarise
from bot.watch import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model.report import Report
    from bot.model.schedule import Schedule
    from bot.watch import Change

MARK = "👀"
# So many hosts are told of one by one, and so many get their whole card below.
_TOLD = 6
_CARDS = 3
_OPENED = (Turn.WORSE, Turn.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A watch as its messages name it: whose it is (a user's id), and how often it looks."""

    owner: str
    schedule: Schedule


def often(schedule: Schedule) -> str:
    """Return how often a watch looks, in words."""
    days, hours = divmod(schedule.hours, 24)
    if hours:
        return "every hour" if schedule.hours == 1 else f"every {schedule.hours} hours"
    return {1: "daily", 7: "weekly"}.get(days, f"every {days} days")


def begun(report: Report, watch: Set) -> Card:
    """Return the message with which a watch begins: how the domain stands, and what will follow.

    Args:
        report: What the first look found.
        watch: Whose watch it is, and how often it looks.
    """
    mark, head = headline(report)
    follows = (
        f"{MARK} Watched {often(watch.schedule)} from now on, for <@{watch.owner}>. "
        "What changes is told in this thread, what gets worse in the channel too."
    )
    story = summarise(report, as_mrkdwn=True)
    parts = [
        Part(ALWAYS, [blocks.header(f"{mark} {head}")]),
        *([Part(1, [blocks.section(story)])] if story else []),
        Part(ALWAYS, [blocks.section(follows)]),
        Part(ALWAYS, [blocks.context([_origin(report)])]),
    ]
    return compose("\n".join(filter(None, [escape(head), story, follows])), parts)


def changed(report: Report, changes: Sequence[Change], watch: Set) -> Card:
    """Return the message that tells of changes.

    Args:
        report: What the look found that made them certain.
        changes: At least one, the worst first.
        watch: Whose watch it is, and how often it looks.
    """
    mark, head = _headline(report, changes)
    told = [_told(report, change) for change in changes[:_TOLD]]
    if len(changes) > _TOLD:
        told.append(f"{len(changes) - _TOLD} more hosts changed.")
    small = f"{MARK} watched {often(watch.schedule)} for <@{watch.owner}> · {_origin(report)}"
    parts = [
        Part(ALWAYS, [blocks.header(f"{mark} {head}")]),
        *(Part(rank, [blocks.section(each)]) for rank, each in enumerate(told)),
        Part(ALWAYS, [blocks.context([small])]),
    ]
    return compose("\n".join([escape(head), *told]), parts)


def is_aloud(changes: Sequence[Change]) -> bool:
    """Whether changes are for the whole channel to hear: a stranger's mail is accepted."""
    return any(change.turn in _OPENED for change in changes)


def opened(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the hosts whose whole card belongs below: it says how to close them."""
    return tuple(change.host for change in changes if change.turn in _OPENED)[:_CARDS]


def _headline(report: Report, changes: Sequence[Change]) -> tuple[str, str]:
    """Return the mark of the domain as it stands, and what happened to it in a line."""
    mark, head = headline(report)
    worst = changes[0]
    if worst.turn in _OPENED:
        return mark, head
    alike = [change.host for change in changes if change.turn is worst.turn]
    host = inert(worst.host, HOST_SHOWN)
    where = host if len(alike) == 1 else f"{len(alike)} of its hosts"
    domain = inert(report.domain.unicode, DOMAIN_SHOWN)
    return mark, f"{domain}: {CATALOGUE.turns[worst.turn].lower()} on {where}"


def _told(report: Report, change: Change) -> str:
    """Return one host's change as mrkdwn: then, now, what it means, and by what that is known."""
    host = mrkdwn(inert(change.host, HOST_SHOWN))
    lines = [
        f"*{host}* {then_and_now(change, slack_time, as_mrkdwn=True)}",
        escape(CATALOGUE.means[change.turn]),
    ]
    for mx in report.mx:
        if mx.host == change.host and mx.judgement is not None:
            next_step = CATALOGUE.reasons[mx.judgement.reason].next
            if mx.judgement.verdict.is_open:
                next_step = "How to close it is on its card in the thread."
            lines.append(f"{sentence(report, mx, as_mrkdwn=True)} {next_step}".strip())
    return "\n".join(lines)


def _origin(report: Report) -> str:
    report_id = mrkdwn(inert(report.id, ID_SHOWN))
    domain = escape(inert(report.domain.ascii.replace("`", "'"), DOMAIN_SHOWN))
    return f"report {report_id} · `/relaycheck unwatch {domain}` ends it"
