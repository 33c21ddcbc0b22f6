"""The card of one MX host: what it did, how to close it, and how to see it for oneself.

One reply in the thread, updated in place. What a person needs at night comes first: the verdict and
the repair; then the evidence and the lines to ask by hand. What does not fit is left off, the last
of these first.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.model.finding import Severity, Tag
from bot.model.report import Outcome
from bot.render import blocks
from bot.render.addresses import posture
from bot.render.card import ALWAYS, Card, Part, asked_at, compose, slack_time
from bot.render.catalogue import CATALOGUE, asks, rank, repair, severity, title, why
from bot.render.comparison import host_change
from bot.render.delisting import delisting
from bot.render.evidence import (
    decisive_lines,
    minutes_old,
    places,
    quoted,
    sentence,
    worst_place,
)
from bot.render.hosts import WAITING_MARK, findings_of
from bot.render.inert import escape, inert, mrkdwn
from bot.render.remedies import remedies_for
from bot.render.telnet import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.model.finding import Finding
    from bot.model.report import Attempt, MxReport, Report
    from bot.render.blocks import Block, Element
    from bot.render.card import CardContext
    from bot.render.remedies import Remedy, Span

HOST_SHOWN = 100
_FINDINGS = 6
_FORMS = 6
_TYPED = 30
# Said already: in the verdict, with what was asked, with the way off the lists.
_SAID = (
    Tag.OPEN_RELAY_LIKELY,
    Tag.OPEN_RELAY_PROVED,
    Tag.ADDRESS_FORBIDDEN,
    Tag.POSSIBLE_BYPASS,
    Tag.BLOCKLISTED,
)
_KINDS = ("control", "foreign", "own_domain", "null", "any_domain")


def mx_card(
    report: Report,
    mx: MxReport,
    context: CardContext,
    actions: Sequence[Element] = (),
) -> Card:
    """Return the card of one MX host as it stands.

    Args:
        report: The check so far.
        mx: The host, one of the report's.
        context: Who asked, and when.
        actions: Buttons and menus for its last row; none: no such row.
    """
    mark, head = headline(mx)
    change = host_change(report, context.previous, mx.host, slack_time, as_mrkdwn=True)
    parts = [
        Part(ALWAYS, [blocks.header(f"{mark} {head}")]),
        *([Part(ALWAYS, [blocks.section(change)])] if change else []),
        *body(report, mx),
        Part(ALWAYS, [blocks.context([_origin(report, mx, context)])]),
        *([Part(ALWAYS, [blocks.actions(actions)])] if actions else []),
    ]
    return compose(_text(report, mx, head, change), parts)


def headline(mx: MxReport) -> tuple[str, str]:
    """Return the mark and the line that say how a host stands, inert."""
    host = inert(mx.host, HOST_SHOWN)
    if mx.judgement is None:
        return WAITING_MARK, f"{host}: being asked"
    mark = CATALOGUE.verdicts[mx.judgement.verdict].mark
    return mark, f"{host}: {CATALOGUE.reasons[mx.judgement.reason].headline}"


def body(report: Report, mx: MxReport) -> Iterator[Part]:
    """Yield what a card says of a host between its headline and its small print."""
    said = sentence(report, mx) or "It is being asked; this card fills in as it answers."
    told = blocks.words(f"{said} {_next(report, mx)}".strip())
    yield Part(ALWAYS, [blocks.rich_text(blocks.paragraph(told))])
    if remedies := remedies_for(mx):
        yield Part(1, [closing(*remedies)])
    yield from _part(2, delisting(mx))
    yield from _part(4, _asked(mx))
    yield from _part(3, _evidence(mx))
    yield from _part(5, posture(mx))
    yield from _part(6, _also(mx))
    yield from _part(7, _by_hand(report, mx))


def _next(report: Report, mx: MxReport) -> str:
    """Return what to do about a verdict; while the check runs, that is being done."""
    if not report.finished or mx.judgement is None:
        return ""
    return CATALOGUE.reasons[mx.judgement.reason].next


def closing(remedy: Remedy, *others: Remedy) -> Block:
    """Return how to close a host, in the order of doing: find, set, load, look; then the way back.

    What is to be set stands before the step that loads it.
    """
    steps = [list(_spans(told)) for told in remedy.told]
    load = [blocks.words("Load it: "), blocks.code(remedy.check)] if remedy.check else []
    look = blocks.words(". Then look at " if load else "Look at ")
    last = [*load, look, *_spans(remedy.looked_at), blocks.words(" Check again here.")]
    way_back = f"To undo: {remedy.undo}\nSource: "
    source = [
        blocks.words(way_back),
        blocks.link(remedy.reference, remedy.reference.removeprefix("https://")),
    ]
    if others:
        source.append(blocks.words(f"\nIf that was not it: {others[0].title} (in the export)."))
    title = blocks.strong(f"Close it. {remedy.title}")
    if remedy.config:
        doing = [
            blocks.bullets(steps, ordered=True),
            blocks.preformatted(remedy.config),
            blocks.bullets([last], ordered=True, after=len(steps)),
        ]
    else:
        doing = [blocks.bullets([*steps, last], ordered=True)]
    return blocks.rich_text(
        blocks.paragraph(title, blocks.words(f"\n{remedy.cause}")),
        *doing,
        blocks.paragraph(*source),
    )


def _spans(spans: Iterable[Span]) -> Iterator[Element]:
    return (blocks.code(text) if is_typed else blocks.words(text) for text, is_typed in spans)


def _asked(mx: MxReport) -> Iterator[Block]:
    """Yield what was asked at the deciding endpoint and what was answered."""
    place = worst_place(mx)
    if place is None or not place.endpoint.attempts:
        return
    plain = [a for kind in _KINDS for a in place.endpoint.attempts if a.kind == kind]
    other = [a for a in place.endpoint.attempts if a.kind not in _KINDS]
    telling = [a for a in other if a.outcome is Outcome.ACCEPTED or a.kind.startswith("proof")]
    lines = [list(_answered(list(alike))) for _, alike in groupby(plain, _answer)]
    lines += [list(_answered([attempt])) for attempt in telling[:_FORMS]]
    if rest := len(other) - len(telling[:_FORMS]):
        lines.append([blocks.words(f"{rest} other forms are in the exported report.")])
    heading = blocks.paragraph(blocks.strong(f"Asked at {inert(place.at)}"))
    yield blocks.rich_text(heading, blocks.bullets(lines))


def _answer(attempt: Attempt) -> tuple[Outcome, str]:
    return attempt.outcome, quoted(attempt.reply)


def _answered(alike: Sequence[Attempt]) -> Iterator[Element]:
    """Yield attempts that got the same answer as one line."""
    outcome, reply = _answer(alike[0])
    yield blocks.words(f"{', '.join(asks(attempt.kind) for attempt in alike)}: ")
    yield blocks.strong(CATALOGUE.outcomes[outcome])
    if reply:
        yield blocks.words(" ")
        yield blocks.code(reply)


def _evidence(mx: MxReport) -> Iterator[Block]:
    place = worst_place(mx)
    lines = decisive_lines(place.endpoint) if place else ()
    if lines:
        heading = blocks.paragraph(blocks.strong("Evidence"))
        yield blocks.rich_text(heading, blocks.preformatted("\n".join(lines)))


def _also(mx: MxReport) -> Iterator[Block]:
    """Yield what else is amiss, the weightiest first: why it matters where it does, the repair."""
    found = [f for f in findings_of(mx) if f.tag not in _SAID]
    found.sort(key=rank)
    if found:
        lines = [list(_amiss(finding)) for finding in found[:_FINDINGS]]
        yield blocks.rich_text(blocks.paragraph(blocks.strong("Also")), blocks.bullets(lines))


def _amiss(finding: Finding) -> Iterator[Element]:
    yield blocks.strong(f"{title(finding)}. ")
    reason = f"{why(finding)} " if severity(finding) is Severity.WARNING else ""
    yield blocks.words(f"{reason}{repair(finding)}")


def _by_hand(report: Report, mx: MxReport) -> Iterator[Block]:
    told = by_hand(report, mx)
    if mx.judgement is None or not told.lines:
        return
    typed = blocks.preformatted("\n".join(told.lines[:_TYPED]))
    yield blocks.rich_text(
        blocks.paragraph(blocks.strong("By hand, from outside: what relaycheck typed")),
        typed,
    )
    yield blocks.rich_text(
        blocks.paragraph(blocks.strong("What the reply to the outside RCPT means")),
        # Lines of one paragraph, not a list: ten list items would take as much again in JSON.
        blocks.paragraph(blocks.words("\n".join(f"• {line}" for line in told.reading))),
    )


def _part(want: int, found: Iterator[Block]) -> Iterator[Part]:
    yield from (Part(want + number, [block]) for number, block in enumerate(found))


def _origin(report: Report, mx: MxReport, context: CardContext) -> str:
    told = []
    place = worst_place(mx)
    if place is not None:
        told.append(mrkdwn(inert(place.at)))
        if place.endpoint.timing:
            told.append(f"{place.endpoint.timing.total_ms} ms")
    if age := max((minutes_old(each.endpoint) for each in places(mx)), default=0):
        told.append(f"answer reused, {age} min old")
    if mx.preference is not None:
        told.append(f"preference {mx.preference}")
    told += [asked_at(context), f"report {mrkdwn(inert(report.id, 40))}"]
    return " · ".join(told)


def _text(report: Report, mx: MxReport, head: str, change: str) -> str:
    told = [escape(head), change, sentence(report, mx, as_mrkdwn=True), escape(_next(report, mx))]
    told += [f"Close it: {escape(remedy.title)}." for remedy in remedies_for(mx)[:1]]
    found = {f.tag: f for f in findings_of(mx) if severity(f) is Severity.WARNING}
    told += [f"{title(f, as_mrkdwn=True)}." for f in list(found.values())[:_FINDINGS]]
    return "\n".join(filter(None, told))
