"""Where results go: JSON lines for programs, cards for people; everything else to stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager, nullcontext
from importlib import metadata
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group
from rich.live import Live

from bot.render import terminal
from bot.render.inert import inert
from bot.render.report_html import to_html
from bot.render.report_json import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from bot.model.report import Progress, Report

_REFRESHES_PER_S = 8
_LONGEST = 2000


class Output(Protocol):
    """Somebody who is told how the checks go."""

    def progress(self, progress: Progress) -> None:
        """Take a check as it stands."""

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Take the last word of a check, and the report of the domain before it."""


class JsonLines:
    """One report a line on stdout as each finishes, in ASCII, whatever the locale."""

    def progress(self, progress: Progress) -> None:
        """Say nothing: a program waits for the whole report."""

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Write the report, at once; a program compares it with what it kept itself."""
        del previous
        print(json.dumps(to_json(report), separators=(",", ":")), flush=True)  # noqa: T201


class Page:
    """One report as an HTML page on stdout."""

    def progress(self, progress: Progress) -> None:
        """Say nothing: a page is written whole."""

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Write the page, in ASCII, whatever the locale: all else is a character reference."""
        del previous
        page = to_html(report, version=metadata.version("relaycheck"))
        print(page.encode("ascii", "xmlcharrefreplace").decode())  # noqa: T201


class Cards:
    """The cards of each check when it is done and, on a terminal, of those that run below them."""

    def __init__(self, console: Console, screen: Live | None) -> None:
        self._console = console
        self._screen = screen
        self._running: dict[str, RenderableType] = {}

    def progress(self, progress: Progress) -> None:
        """Show a running check in its place."""
        if self._screen:
            self._running[progress.report.id] = terminal.live(progress)
            self._screen.update(Group(*self._running.values()))

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Print the cards of a check above those that still run."""
        self._running.pop(report.id, None)
        if self._screen:
            self._screen.update(Group(*self._running.values()))
        self._console.print(terminal.final(report, previous), end="\n\n", crop=False)


@contextmanager
def open_output(*, as_json: bool, as_html: bool = False) -> Iterator[Output]:
    """Open what the results of this run are written to; a page takes one result."""
    if as_json or as_html:
        yield JsonLines() if as_json else Page()
        return
    console = Console(highlight=False)
    screen = Live(
        console=console,
        refresh_per_second=_REFRESHES_PER_S,
        transient=True,
        redirect_stderr=sys.stderr.isatty(),  # else it would end up on stdout
    )
    with screen if console.is_terminal else nullcontext():
        yield Cards(console, screen if console.is_terminal else None)


def say(sentence: str) -> None:
    """Tell the operator something on stderr; the text may be foreign."""
    print(f"relaycheck: {inert(sentence, _LONGEST)}", file=sys.stderr, flush=True)  # noqa: T201
