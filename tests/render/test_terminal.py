"""The same cards on a terminal: at any width, without colour, without foreign escapes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len
from rich.console import Console, RenderableType

from bot.render.mx_card import body
from bot.render.terminal import final, live
from tests.fuzzing import examples
from tests.render import samples
from tests.render.reports import progresses

if TYPE_CHECKING:
    from bot.model.report import Progress


def shown(renderable: RenderableType, width: int = 80) -> str:
    """Return what a terminal without colour shows."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    console.print(renderable, crop=False)
    return out.getvalue()


def test_a_running_check() -> None:
    """While it runs there is a headline and a line for each host."""
    assert [
        "example.com: 1 of 3 mail hosts accepts a stranger's mail, 2 still to answer",
        "LIKELY OPEN mx2.example.com: accepts a stranger's mail to a stranger (250 2.1.5",
        "            Ok); residential PTR, on a blocklist",
        "ASKING      mx1.example.com: waiting for its greeting",
        "ASKING      mx3.example.com: looking it up in DNS",
    ] == [line.rstrip() for line in shown(live(samples.running())).splitlines()]


def test_an_open_host_is_shown_to_the_repair() -> None:
    """The card has the same parts as Slack's."""
    told = shown(final(samples.open_postfix()))

    assert "How to close it is on its card below." in " ".join(told.split())
    assert "\nmx2.example.com: likely open relay ---" in told
    assert "Close it. Postfix: relay for known clients only\nmynetworks is too wide" in told
    assert "\n 1. See what is set: postconf -n" in told
    assert "Source: https://www.postfix.org/SMTPD_ACCESS_README.html#relay" in " ".join(
        told.split()
    )
    assert "\n  RCPT TO:<canary@probe.example.net>" in told
    assert "203.0.113.26: PTR 203-0-113-26.dsl.isp.example\n" in told


def test_many_hosts_show_those_that_need_attention() -> None:
    """Of many hosts the clean ones have their line only."""
    told = shown(final(samples.thirty_hosts()))

    assert "mx07.example.com: likely open relay ---" in told
    assert "mx03.example.com: asked us to come back ---" in told
    assert "mx01.example.com: closed ---" not in told
    assert told.index("mx21.example.com: likely") < told.index("mx03.example.com: asked")


def test_what_changed_since_the_last_report() -> None:
    """The overview and the card of each host say what changed, with the times as text."""
    told = " ".join(shown(final(samples.open_postfix(), samples.closed())).split())

    assert "Since 2026-11-23 12:03 UTC: worse: mx2.example.com; no longer an MX host: mx1" in told
    assert "Worse. Then (2026-11-23 12:03 UTC): closed. Now (2026-11-23 12:03 UTC): likely" in told


def test_both_spellings_of_an_idn() -> None:
    """What DNS carries stands in the last line."""
    told = shown(final(samples.hostile()))

    assert told.startswith("bücher.example: ")
    assert "in DNS: xn--bcher-kva.example, from probe.example.net, 0.8 s, report 7F3A9C21" in told


@pytest.mark.parametrize("name", samples.REPORTS)
@pytest.mark.parametrize("width", [80, 40])
def test_lines_fit(name: str, width: int) -> None:
    """No line is wider than the terminal but those that are to be copied, which stay whole."""
    report = samples.REPORTS[name]()
    told = shown(final(report), width).splitlines()
    copied = {
        f"  {line}"
        for mx in report.mx
        for part in body(report, mx)
        for block in part.blocks
        for element in block.get("elements", ())  # type: ignore[attr-defined]  # JSON
        if element["type"] == "rich_text_preformatted"
        for line in element["elements"][0]["text"].splitlines()
    }

    assert [] == [line for line in told if cell_len(line) > width and line not in copied]
    assert all(line in told for line in copied if "smtpd_relay_restrictions" in line)


@settings(max_examples=examples(15), suppress_health_check=list(HealthCheck))
@given(progress=progresses)
def test_nothing_foreign_controls_the_terminal(progress: Progress) -> None:
    """Whatever a server wrote, only printable characters and line ends come out."""
    told = shown(live(progress)) + shown(final(progress.report))

    assert not [c for c in told if ord(c) < 32 and c != "\n"]
    assert not {"\u202e", "\x9b", "\x7f"} & set(told)
