"""Tests of long text in a modal, page by page."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.render.pages import json_lines, paged, transcript_lines
from bot.sandbox.slack.block_kit import view_problems
from tests.render.samples import open_postfix


def page(lines: list[str], number: int) -> dict[str, Any]:
    """Return one page of some lines."""
    return paged("Evidence", lines, number, callback_id="id", subject="handle.0")


def shown(view: dict[str, Any]) -> str:
    """Return the text of a page."""
    rich = [block for block in view["blocks"] if block["type"] == "rich_text"]
    return "\n".join(block["elements"][0]["elements"][0]["text"] for block in rich)


def every_page(lines: list[str]) -> list[dict[str, Any]]:
    """Return all pages, until they repeat."""
    pages = [page(lines, 0)]
    while page(lines, len(pages)) != pages[-1]:
        pages.append(page(lines, len(pages)))
    return pages


@given(st.lists(st.text(max_size=600), max_size=60))
def test_every_page_of_any_text_is_valid(lines: list[str]) -> None:
    """Whatever a server wrote, each page is a modal that Slack takes."""
    assert all(not list(view_problems(view)) for view in every_page(lines))


def test_nothing_is_cut_off() -> None:
    """The pages hold every line, a long one in pieces."""
    lines = [f"line {number}" for number in range(2000)] + ["y" * 3000]
    text = "\n".join(shown(view) for view in every_page(lines))

    assert all(f"line {number}\n" in text for number in range(2000))
    assert 3000 == text.count("y")


def test_beyond_the_ends_is_the_nearest_page() -> None:
    """A page number out of range shows the first or the last page."""
    lines = [f"line {number}" for number in range(2000)]

    assert page(lines, 0) == page(lines, -5)
    assert every_page(lines)[-1] == page(lines, 999)


def test_a_short_text_has_no_pages_to_turn() -> None:
    """One page is shown without a number and without buttons."""
    assert ["rich_text"] == [block["type"] for block in page(["one"], 0)["blocks"]]


def test_a_transcript_names_its_endpoints() -> None:
    """Everything that was said to a host stands under the address and port it was said to."""
    report = open_postfix()
    (mx, *_) = report.mx
    lines = transcript_lines(report, mx.host)

    assert f"{mx.host} [{mx.addresses[0].ip}]:25" == lines[0]
    assert any(line.startswith("C: RCPT TO:") for line in lines)
    assert ["Nothing was said to this host."] == transcript_lines(report, "unknown.example")


def test_the_report_as_json_can_be_read_back() -> None:
    """Its lines are the public JSON."""
    assert "relaycheck/1" == json.loads("\n".join(json_lines(open_postfix())))["schema"]
