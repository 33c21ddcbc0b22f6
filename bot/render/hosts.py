"""MX hosts as the lines of a list: the worst first, one line for each, many alike folded into one.

Both the parent message and the terminal show these lines. Knows words, not blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from bot.model.finding import Severity
from bot.model.verdict import Verdict
from bot.render.catalogue import CATALOGUE, severity
from bot.render.evidence import deciding_attempt, gist, worst_place
from bot.render.inert import cut, inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.model.finding import Finding
    from bot.model.report import MxReport, Progress, Waiting
    from bot.model.verdict import Judgement

HOST_SHOWN = 80
REPLY_SHOWN = 90
_FEW = 6
# Of many hosts, how many alike are shown one by one before the rest folds.
_ONE_BY_ONE = {Verdict.OPEN: 6, Verdict.LIKELY_OPEN: 6, Verdict.INCONCLUSIVE: 3}
_NAMED_IN_FOLD = 3
WAITING_MARK = "⏳"
WAITING_WORD = "ASKING"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLine:
    """One line: mark and word of the verdict, the host or hosts, why, and what else is amiss.

    ``verdict`` is None while the host is being asked. ``awaited`` says what will have come of it by
    ``until``, where something is waited for on purpose.
    """

    mark: str
    word: str
    verdict: Verdict | None
    hosts: str
    because: str
    reply: str = ""
    flags: str = ""
    awaited: str = ""
    until: datetime | None = None


def host_lines(progress: Progress) -> tuple[HostLine, ...]:
    """Return the lines for every MX host of a check: at most some twenty, whatever the number."""
    report = progress.report
    judged = [(mx.judgement, mx) for mx in report.mx if mx.judgement is not None]
    judged.sort(key=lambda pair: pair[0].rank)
    lines: list[HostLine] = []
    for judgement, group in groupby(judged, key=lambda pair: pair[0]):
        alike = [mx for _, mx in group]
        shown = _one_by_one(judgement, len(alike), len(report.mx), is_over=report.finished)
        lines += [_later(_line(mx, judgement), mx, progress.waiting) for mx in alike[:shown]]
        if alike[shown:]:
            lines.append(_folded(alike[shown:], judgement))
    waiting = [mx for mx in report.mx if mx.judgement is None]
    return (*lines, *_waiting_lines(waiting, progress))


def flags(mx: MxReport) -> str:
    """Return what else is amiss at a host, in short labels: ``no PTR, on a blocklist``."""
    return ", ".join(dict.fromkeys(_labels(mx)))


def findings_of(mx: MxReport) -> Iterator[Finding]:
    """Yield every finding of a host, its addresses and its endpoints."""
    yield from mx.findings
    for address in mx.addresses:
        yield from address.findings
        for endpoint in address.endpoints:
            yield from endpoint.findings


def _labels(mx: MxReport) -> Iterator[str]:
    found = (f for f in findings_of(mx) if severity(f) is Severity.WARNING)
    yield from (CATALOGUE.tags[finding.tag].label for finding in found)


def _one_by_one(judgement: Judgement, alike: int, total: int, *, is_over: bool) -> int:
    """Return how many of those alike get a line of their own; in the end clean hosts share one."""
    shared = is_over and judgement.verdict.is_clean
    if alike == 1 or (total <= _FEW and not shared):
        return alike
    shown = _ONE_BY_ONE.get(judgement.verdict, 0)
    return alike if alike - shown == 1 else shown


def _line(mx: MxReport, judgement: Judgement) -> HostLine:
    words = CATALOGUE.verdicts[judgement.verdict]
    place = worst_place(mx)
    attempt = deciding_attempt(place.endpoint) if place else None
    return HostLine(
        mark=words.mark,
        word=words.word,
        verdict=judgement.verdict,
        hosts=inert(mx.host, HOST_SHOWN),
        because=CATALOGUE.reasons[judgement.reason].brief,
        reply=cut(gist(attempt.reply), REPLY_SHOWN) if attempt else "",
        flags=flags(mx),
    )


def _folded(alike: Sequence[MxReport], judgement: Judgement) -> HostLine:
    line = _line(alike[0], judgement)
    amiss = [label for mx in alike for label in dict.fromkeys(_labels(mx))]
    counted = ", ".join(f"{label} ({amiss.count(label)})" for label in dict.fromkeys(amiss))
    return HostLine(
        mark=line.mark,
        word=line.word,
        verdict=line.verdict,
        hosts=_names(alike),
        because=f"each {line.because}" if len(alike) > 1 else line.because,
        reply="",
        flags=counted,
    )


def _names(alike: Sequence[MxReport]) -> str:
    names = [inert(mx.host, HOST_SHOWN) for mx in alike[:_NAMED_IN_FOLD]]
    if more := len(alike) - len(names):
        return f"{len(alike)} hosts ({', '.join(names)} and {more} more)"
    return ", ".join(names)


def _waiting_lines(hosts: Sequence[MxReport], progress: Progress) -> Iterator[HostLine]:
    if progress.report.finished:
        words = CATALOGUE.verdicts[Verdict.NOT_PROBED]
        mark, word, verdict = words.mark, words.word, Verdict.NOT_PROBED
    else:
        mark, word, verdict = WAITING_MARK, WAITING_WORD, None
    shown = hosts if len(progress.report.mx) <= _FEW else hosts[:_NAMED_IN_FOLD]
    for mx in shown:
        awaited = "the check ended before its answer" if verdict else _awaited(mx, progress.waiting)
        line = HostLine(
            mark=mark, word=word, verdict=verdict, hosts=inert(mx.host, HOST_SHOWN), because=awaited
        )
        yield line if verdict else _later(line, mx, progress.waiting)
    if rest := hosts[len(shown) :]:
        yield HostLine(
            mark=mark, word=word, verdict=verdict, hosts=_names(rest), because="not answered yet"
        )


def _awaited(mx: MxReport, waiting: Iterable[Waiting]) -> str:
    awaited = [w for w in waiting if w.host == mx.host and w.until is None]
    if not awaited:
        return "not answered yet"
    texts = dict.fromkeys(CATALOGUE.awaited[w.what] for w in awaited)
    return ", ".join(texts)


def _later(line: HostLine, mx: MxReport, waiting: Iterable[Waiting]) -> HostLine:
    """Say in a host's line what is waited for on purpose, and until when."""
    ends = [(w.until, w.what) for w in waiting if w.host == mx.host and w.until is not None]
    if not ends:
        return line
    until, what = min(ends)
    return replace(line, awaited=CATALOGUE.awaited[what], until=until)
