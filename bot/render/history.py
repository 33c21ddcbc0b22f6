"""A domain's history in words: a line of marks for each host, and what changed at each point.

The same lines serve Slack and a terminal, which differ in how foreign text and a time are written.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bot.history import lines, turnings
from bot.model.verdict import Verdict
from bot.render.catalogue import CATALOGUE
from bot.render.inert import ELLIPSIS, cut, inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bot.history import Line, Sighting, Turning
    from bot.model.verdict import Judgement

    When = Callable[[datetime], str]

# As many marks as a phone shows in one line; the latest checks are the ones that are shown.
MARKS = 30
HOSTS = 15
TURNINGS = 12
RUNS = 3
_LAST = (99, 99)
_HOST_SHOWN = 60
# Where a host was not there: as wide as a mark.
ABSENT = "\u2796"  # heavy minus sign


def history(
    domain: str, sightings: Sequence[Sighting], when: When, *, as_mrkdwn: bool
) -> tuple[str, ...]:
    """Return the history of a domain as lines.

    Args:
        domain: As it is shown.
        sightings: What its checks found, the oldest first.
        when: How a time is written.
        as_mrkdwn: Whether the lines are to be read as mrkdwn, or literally.
    """
    show = (lambda text: mrkdwn(inert(text))) if as_mrkdwn else inert
    if not sightings:
        return (f"{show(domain)} was not checked yet.",)
    shown = sightings[-MARKS:]
    return (
        _heading(show(domain), shown, when),
        *_marks(shown, show),
        *_turnings(shown, show, when),
        _legend(shown),
    )


def overview(
    domains: Mapping[str, Sequence[Sighting]], when: When, *, as_mrkdwn: bool
) -> tuple[str, ...]:
    """Return a line for each domain: how it fared, what it was last, and when.

    Args:
        domains: What was found of each, the oldest first; in the order in which to show them.
        when: How a time is written.
        as_mrkdwn: Whether the lines are to be read as mrkdwn, or literally.
    """
    show = (lambda text: mrkdwn(inert(text))) if as_mrkdwn else inert
    if not domains:
        return ("Nothing was checked yet.",)
    return tuple(
        f"{''.join(_mark(each.judgement) for each in sightings[-MARKS:])} "
        f"{_subject(domain, show)}: {_word(sightings[-1].judgement) or 'no result'}, "
        f"{when(sightings[-1].at)}"
        for domain, sightings in domains.items()
    )


def _heading(domain: str, shown: Sequence[Sighting], when: When) -> str:
    if len(shown) == 1:
        return f"{domain}: one check, {when(shown[0].at)}"
    return f"{domain}: the last {len(shown)} checks, {when(shown[0].at)} to {when(shown[-1].at)}"


def _marks(shown: Sequence[Sighting], show: Callable[[str], str]) -> Iterator[str]:
    found = sorted(lines(shown), key=_rank)
    for line in found[:HOSTS]:
        marks = "".join(_mark(judgement) for judgement in line.judgements)
        yield f"{marks} {_subject(line.host, show)}: {_course(line)}"
    if len(found) > HOSTS:
        yield f"and {len(found) - HOSTS} more hosts"


def _rank(line: Line) -> tuple[int, int]:
    """Return how bad it is now, the worst first; what is not there any more comes last."""
    now = line.judgements[-1]
    return now.rank if now else _LAST


def _course(line: Line) -> str:
    """Say a line of marks in words, the latest first: colour alone tells nobody enough."""
    (now, count), *before = line.runs
    told = f"{_word(now) or 'not there any more'} {_times(count)}"
    earlier = [f"{_word(each) or 'not there'} {_times(n)}" for each, n in before[:RUNS]]
    more = [ELLIPSIS] if before[RUNS:] else []
    return f"{told}, before {', '.join([*earlier, *more])}" if before else told


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _turnings(shown: Sequence[Sighting], show: Callable[[str], str], when: When) -> Iterator[str]:
    found = turnings(shown)
    for turning in islice(found, TURNINGS):
        yield f"{when(turning.at)}: {_subject(turning.host, show)} {_turned(turning)}"
    if len(found) > TURNINGS:
        yield f"and {len(found) - TURNINGS} changes before"
    if not found and len(shown) > 1:
        yield "Nothing changed in this time."


def _turned(turning: Turning) -> str:
    """Return what happened to a host at one point."""
    before, after = _word(turning.before), _word(turning.after)
    if not after:
        return f"was not there any more, {before} before"
    return f"became {after}, {before} before" if before else f"is new: {after}"


def _word(judgement: Judgement | None) -> str:
    return CATALOGUE.verdicts[judgement.verdict].word if judgement else ""


def _mark(judgement: Judgement | None) -> str:
    return CATALOGUE.verdicts[judgement.verdict].mark if judgement else ABSENT


def _subject(host: str, show: Callable[[str], str]) -> str:
    return show(cut(host, _HOST_SHOWN)) if host else "the domain itself"


def _legend(shown: Sequence[Sighting]) -> str:
    """Say what the marks mean that are there, in the order of badness."""
    judgements = [each for line in lines(shown) for each in line.judgements]
    seen = {judgement.verdict for judgement in judgements if judgement}
    words = [CATALOGUE.verdicts[verdict] for verdict in Verdict if verdict in seen]
    told = [f"{each.mark} {each.word}" for each in words]
    return ", ".join([*told, *([f"{ABSENT} not there"] if None in judgements else [])])
