"""The parent message of a check: the verdict in words, a line for each MX host, what to do next.

It is read in an incident channel at a glance, so the worst comes first and it stays short: some ten
lines for three hosts. The same message serves while the check runs; then it says what is awaited.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.finding import Tag
from bot.model.verdict import Verdict
from bot.render import blocks
from bot.render.card import ALWAYS, Card, Part, asked_by, compose, slack_clock, slack_time
from bot.render.catalogue import CATALOGUE, fill, rank, title
from bot.render.comparison import domain_change
from bot.render.evidence import sentence
from bot.render.hosts import WAITING_MARK, host_lines
from bot.render.inert import escape, inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.model.finding import Finding
    from bot.model.report import MxReport, Progress, Report
    from bot.render.blocks import Block, Element
    from bot.render.card import CardContext
    from bot.render.hosts import HostLine

DOMAIN_SHOWN = 80
ID_SHOWN = 40
IN_THREAD = "in the thread"
_FAULT_MARK = "⚠️"
_ALSO = 4
# The summary has said it.
_SAID = (Tag.MX_NULL, Tag.MX_NONE, Tag.NXDOMAIN)
# Delivery may add a line.
_SPARE = 500


def parent(progress: Progress, context: CardContext, actions: Sequence[Element] = ()) -> Card:
    """Return the parent message of a check as it stands.

    Args:
        progress: The check so far.
        context: Who asked, and when.
        actions: Buttons and menus for its last row; none: no such row.
    """
    report = progress.report
    mark, head = headline(report)
    summary = summarise(report)
    lines = host_lines(progress)
    if len(lines) == 1 and _worst(report) and not report.error_id:
        # The summary has just told its story.
        lines = (replace(lines[0], because="", reply=""),)
    also = weightiest(report)
    since = domain_change(report, context.previous, slack_time, as_mrkdwn=True)
    parts = [
        Part(ALWAYS, [blocks.header(f"{mark} {head}")]),
        *_one(ALWAYS, summary and blocks.rich_text(blocks.paragraph(blocks.words(summary)))),
        *_one(1, lines and blocks.rich_text(blocks.bullets(list(_parts(line)) for line in lines))),
        *_one(2, also and blocks.rich_text(blocks.bullets([blocks.words(title(f))] for f in also))),
        *_one(1, since and blocks.context([since])),
        Part(ALWAYS, [blocks.context([_origin(report, context)])]),
        *_one(ALWAYS, actions and blocks.actions(actions)),
    ]
    told = [escape(head), summarise(report, as_mrkdwn=True), *map(_as_text, lines)]
    told += [*(title(finding, as_mrkdwn=True) for finding in also), since]
    return compose("\n".join(filter(None, told)), parts, spare=_SPARE)


def headline(report: Report) -> tuple[str, str]:
    """Return the mark and the line that say how a domain stands, inert."""
    domain = inert(report.domain.unicode, DOMAIN_SHOWN)
    if report.error_id:
        return _FAULT_MARK, f"{domain}: relaycheck failed"
    if not report.finished:
        return WAITING_MARK, _running(domain, report)
    if report.judgement is None:
        return _FAULT_MARK, f"{domain}: no verdict"
    words = CATALOGUE.verdicts[report.judgement.verdict]
    if not report.mx:
        return words.mark, f"{domain}: {CATALOGUE.reasons[report.judgement.reason].headline}"
    return words.mark, _counted(report, domain, report.judgement.verdict)


def summarise(report: Report, *, cards: str = IN_THREAD, as_mrkdwn: bool = False) -> str:
    """Return the worst host's story and what to do; or why there is no host to tell about.

    Args:
        report: The check so far.
        cards: Where the reader finds the cards of the hosts.
        as_mrkdwn: Whether the result is to be read as mrkdwn, or literally.
    """
    show = mrkdwn if as_mrkdwn else str
    if report.error_id:
        error_id = show(inert(report.error_id, ID_SHOWN))
        return f"The fault is ours, not the mail hosts'. Error {error_id}: relaycheck's log has it."
    worst = _worst(report)
    if worst is not None and worst.judgement is not None:
        # While it runs, what is to be done about a verdict is being done.
        next_step = CATALOGUE.reasons[worst.judgement.reason].next if report.finished else ""
        if worst.judgement.verdict.is_open:
            next_step = f"How to close it is on its card {cards}."
        name = f"{show(inert(worst.host, DOMAIN_SHOWN))}: " if len(report.mx) > 1 else ""
        return f"{name}{sentence(report, worst, as_mrkdwn=as_mrkdwn)} {next_step}".strip()
    if report.judgement is not None and not report.mx:
        named = {"domain": report.domain.unicode, "host": report.domain.unicode}
        words = CATALOGUE.reasons[report.judgement.reason]
        return f"{fill(words.sentence, named, as_mrkdwn=as_mrkdwn)} {words.next}".strip()
    return ""


def weightiest(report: Report) -> list[Finding]:
    """Return what was found about the domain itself, the weightiest first."""
    found = [finding for finding in report.findings if finding.tag not in _SAID]
    return sorted(found, key=rank)[:_ALSO]


def _counted(report: Report, domain: str, worst: Verdict) -> str:
    same = [mx for mx in report.mx if mx.judgement and mx.judgement.verdict is worst]
    return CATALOGUE.verdicts[worst].headline(domain, len(same), len(report.mx))


def _running(domain: str, report: Report) -> str:
    if not report.mx:
        return f"{domain}: looking up its mail hosts"
    verdicts = {mx.judgement.verdict for mx in report.mx if mx.judgement}
    left = sum(mx.judgement is None for mx in report.mx)
    # Once every host has answered, what is still awaited is said in its line.
    still = f", {left} still to answer" if verdicts and left else ""
    bad = [verdict for verdict in Verdict if verdict.is_open and verdict in verdicts]
    if bad:
        return _counted(report, domain, bad[0]) + still
    hosts = "its mail host" if len(report.mx) == 1 else f"{len(report.mx)} mail hosts"
    return f"{domain}: asking {hosts}{still}"


def _worst(report: Report) -> MxReport | None:
    """Return the host to tell about: the worst of those that are not clean."""
    ranked = [
        (mx.judgement.rank, index)
        for index, mx in enumerate(report.mx)
        if mx.judgement and not mx.judgement.verdict.is_clean
    ]
    return report.mx[min(ranked)[1]] if ranked else None


def _one(want: int, block: Block | object) -> Iterator[Part]:
    if isinstance(block, dict):
        yield Part(want, [block])


def _parts(line: HostLine) -> Iterator[Element]:
    yield blocks.words(f"{line.mark} ")
    yield blocks.strong(line.word)
    yield blocks.words(f" {line.hosts}: {line.because}" if line.because else f" {line.hosts}")
    if line.until:
        yield blocks.words(f", {line.awaited} ")
        yield blocks.clock(line.until)
    if line.reply:
        yield blocks.words(" ")
        yield blocks.code(line.reply)
    if line.flags:
        yield blocks.words(f" · {line.flags}")


def _as_text(line: HostLine) -> str:
    reply = f" ({mrkdwn(line.reply)})" if line.reply else ""
    flags = f" · {escape(line.flags)}" if line.flags else ""
    later = f", {line.awaited} {slack_clock(line.until)}" if line.until else ""
    because = f": {escape(line.because)}" if line.because else ""
    return f"{line.word} {mrkdwn(line.hosts)}{because}{later}{reply}{flags}"


def _origin(report: Report, context: CardContext) -> str:
    """Return who asked, when, from where, how long it took, and the report's id, as mrkdwn."""
    told = [asked_by(context), f"from {mrkdwn(inert(report.vantage.ehlo, DOMAIN_SHOWN))}"]
    if report.domain.unicode != report.domain.ascii:
        told.insert(0, f"in DNS: {mrkdwn(inert(report.domain.ascii, DOMAIN_SHOWN))}")
    if report.finished:
        told.append(f"{report.duration_ms / 1000:.1f} s")
    told.append(f"report {mrkdwn(inert(report.id, ID_SHOWN))}")
    return " · ".join(told)
