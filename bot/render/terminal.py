"""The same cards for a terminal: while a check runs, and once it is done.

Everything is put together from ``rich.text.Text``, never from markup, and foreign text is inert, so
no escape sequence of a server's reaches the terminal. Verdicts are words first and colours second.
Lines to be copied stand without a frame around them, and are left whole: the terminal itself breaks
one that is too wide, which a copy does not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.model.report import Progress
from bot.model.verdict import Verdict
from bot.render.addresses import address_facts
from bot.render.card import plain_time
from bot.render.catalogue import title
from bot.render.comparison import domain_change, host_change
from bot.render.hosts import host_lines
from bot.render.inert import inert
from bot.render.mx_card import body
from bot.render.mx_card import headline as mx_headline
from bot.render.parent import headline, summarise, weightiest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from bot.model.report import MxReport, Report
    from bot.render.blocks import Block, Element
    from bot.render.hosts import HostLine

STYLES = {
    Verdict.OPEN: "bold red",
    Verdict.LIKELY_OPEN: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.NOT_PROBED: "bold",
    Verdict.CLOSED: "bold green",
    Verdict.NO_MAIL: "bold",
    None: "bold cyan",
}
# So many hosts each get a card; of more, those that need somebody's attention.
_FEW = 3


def live(progress: Progress) -> RenderableType:
    """Return a running check as it stands: its headline, and a line for each MX host."""
    return Group(Text(headline(progress.report)[1], style="bold"), _hosts(host_lines(progress)))


def final(report: Report, previous: Report | None = None) -> RenderableType:
    """Return a finished check: the message for the channel, then the cards of its hosts.

    To be printed with ``crop=False``, for the lines to be copied.

    Args:
        report: The check.
        previous: The last report of the same domain, to compare with.
    """
    cards = (part for mx in _shown(report) for part in _card(report, mx, previous))
    return Group(*_overview(report, previous), *cards)


def _overview(report: Report, previous: Report | None) -> Iterator[RenderableType]:
    verdict = report.judgement.verdict if report.judgement else None
    yield Text(headline(report)[1], style=STYLES[verdict])
    if summary := summarise(report, cards="below"):
        yield Text(summary)
    yield _hosts(host_lines(Progress(report)))
    yield from (Text(f"- {title(finding)}") for finding in weightiest(report))
    if since := domain_change(report, previous, plain_time, as_mrkdwn=False):
        yield Text(since)
    told = [f"from {inert(report.vantage.ehlo)}", f"{report.duration_ms / 1000:.1f} s"]
    if report.domain.unicode != report.domain.ascii:
        told.insert(0, f"in DNS: {inert(report.domain.ascii)}")
    yield Text(", ".join((*told, f"report {inert(report.id)}")), style="dim")


def _shown(report: Report) -> Iterator[MxReport]:
    """Yield the hosts that get a card, the worst first."""
    ranked = sorted(report.mx, key=lambda mx: mx.judgement.rank if mx.judgement else (9, 9))
    for mx in ranked:
        is_clean = mx.judgement is not None and mx.judgement.verdict.is_clean
        if len(ranked) <= _FEW or not is_clean:
            yield mx


def _hosts(lines: Iterable[HostLine]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    for line in lines:
        later = f", {line.awaited} {line.until:%H:%M:%S %Z}" if line.until else ""
        told = Text(f"{line.hosts}: {line.because}{later}")
        if line.reply:
            told.append(f" ({line.reply})")
        if line.flags:
            told.append(f"; {line.flags}", style="yellow")
        grid.add_row(Text(line.word, style=STYLES[line.verdict]), told)
    return grid


def _card(report: Report, mx: MxReport, previous: Report | None) -> Iterator[RenderableType]:
    verdict = mx.judgement.verdict if mx.judgement else None
    yield Text()
    yield Rule(Text(mx_headline(mx)[1], style=STYLES[verdict]), align="left", characters="-")
    if change := host_change(report, previous, mx.host, plain_time, as_mrkdwn=False):
        yield Text(change)
    for part in body(report, mx):
        for block in part.blocks:
            yield from _facts(mx) if "fields" in block else _rich_text(block)


def _facts(mx: MxReport) -> Iterator[RenderableType]:
    for label, value in address_facts(mx, mx.addresses[0]):
        yield Text.assemble((f"{label}: ", "bold"), value)


def _rich_text(block: Block) -> Iterator[RenderableType]:
    for element in _elements(block):
        match element["type"]:
            case "rich_text_list":
                yield from _bullets(element)
            case "rich_text_preformatted":
                lines = _flat(element).plain.splitlines()
                yield Text(
                    "\n".join(f"  {line}" for line in lines), no_wrap=True, overflow="ignore"
                )
            case _:
                yield _flat(element)


def _bullets(element: Element) -> Iterator[RenderableType]:
    first = cast("int", element.get("offset", 0)) + 1
    for number, item in enumerate(_elements(element), start=first):
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(f"{number}." if element["style"] == "ordered" else "-", _flat(item))
        yield Padding(grid, (0, 0, 0, 1))


def _flat(element: Element) -> Text:
    """Return the words of a paragraph or list item, with their styles; a link as its address."""
    text = Text()
    for part in _elements(element):
        if part["type"] == "link":
            text.append(str(part["url"]))
        else:
            style = cast("dict[str, bool]", part.get("style", {}))
            shown = "bold" if style.get("bold") else "cyan" if style.get("code") else None
            text.append(str(part["text"]), style=shown)
    return text


def _elements(element: Element) -> list[Element]:
    return cast("list[Element]", element["elements"])
