"""What changed since the last report, in words: fixed, still open, worse, with both times.

The comparing itself is ``bot.watch``'s. The same words serve Slack and a terminal, which differ in
how a time is written.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.model.verdict import Reason
from bot.render.catalogue import CATALOGUE
from bot.render.inert import escape, inert, mrkdwn
from bot.watch import Turn, changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.model.report import Report
    from bot.model.verdict import Judgement
    from bot.watch import Change

    When = Callable[[datetime], str]

HOST_SHOWN = 80
_NAMED = 3
_UNTOLD = (Turn.NEW, Turn.SAME)


def host_change(
    report: Report, previous: Report | None, host: str, when: When, *, as_mrkdwn: bool
) -> str:
    """Return what changed at a host; "" where nothing did, or there is nothing to compare with.

    Args:
        report: The new report.
        previous: The last one of the same domain.
        host: The MX host's name.
        when: How a time is written.
        as_mrkdwn: Whether the result is to be read as mrkdwn, or literally.
    """
    found = {change.host: change for change in _changes(report, previous)}
    change = found.get(host)
    if change is None or change.turn in _UNTOLD:
        return ""
    return then_and_now(change, when, as_mrkdwn=as_mrkdwn)


def then_and_now(change: Change, when: When, *, as_mrkdwn: bool) -> str:
    """Return what a host was and when, if it was there, and what it is and since when."""
    show = mrkdwn if as_mrkdwn else str
    told = [f"{CATALOGUE.turns[change.turn]}."]
    if change.before is not None:
        told.append(f"Then ({when(change.before_at)}): {_stood(change.before)}.")
    told.append(f"Now ({when(change.after_at)}): {_stood(change.after)}.")
    if change.unasked:
        told.append(f"Open then and not asked again: {show(inert(', '.join(change.unasked)))}.")
    return " ".join(told)


def domain_change(report: Report, previous: Report | None, when: When, *, as_mrkdwn: bool) -> str:
    """Return what changed at a domain's hosts, the worst first; "" where there is no last report.

    Args:
        report: The new report.
        previous: The last one of the same domain.
        when: How a time is written.
        as_mrkdwn: Whether the result is to be read as mrkdwn, or literally.
    """
    found = _changes(report, previous)
    if previous is None or not found:
        return ""
    told = [
        f"{_small(CATALOGUE.turns[turn])}: {_names(list(alike), as_mrkdwn=as_mrkdwn)}"
        for turn, alike in groupby(found, key=lambda change: change.turn)
        if turn is not Turn.SAME
    ]
    since = when(previous.started_at)
    return f"Since {since}: {'; '.join(told)}." if told else f"As it was {since}."


def _changes(report: Report, previous: Report | None) -> tuple[Change, ...]:
    """Compare; a check that is to ask DNS alone has nothing to say of any server."""
    asked = report.judgement is None or report.judgement.reason is not Reason.DISABLED
    return changes(previous, report) if previous and report.finished and asked else ()


def _stood(judgement: Judgement | None) -> str:
    return escape(CATALOGUE.reasons[judgement.reason].headline) if judgement else "not there"


def _names(alike: list[Change], *, as_mrkdwn: bool) -> str:
    show = mrkdwn if as_mrkdwn else str
    names = [show(inert(change.host, HOST_SHOWN)) for change in alike[:_NAMED]]
    more = f" and {len(alike) - _NAMED} more" if len(alike) > _NAMED else ""
    return ", ".join(names) + more


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
