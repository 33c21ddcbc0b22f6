"""Long text in a modal, page by page: a transcript, a report as JSON. Nothing is cut off.

A modal takes a hundred blocks; a page holds what a person reads at a time. The text is
preformatted, literal to Slack; it is made inert here, line by line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.model.exchange import transcript
from bot.render import blocks
from bot.render.controls import button, modal
from bot.render.inert import inert
from bot.render.report_json import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.model.report import MxReport, Report
    from bot.render.controls import View

TURN = "turn_page"
# A reply line has at most 512 octets (RFC 5321 §4.5.3.1.5), and Slack's text objects 3,000.
_WIDTH = 250
_CHUNK = 2500
_CHUNKS_A_PAGE = 3


def transcript_lines(report: Report, host: str) -> list[str]:
    """Return everything that was said to and by an MX host, endpoint by endpoint."""
    lines: list[str] = []
    for mx in report.mx:
        if mx.host == host:
            lines += _of_host(mx)
    return lines or ["Nothing was said to this host."]


def json_lines(report: Report) -> list[str]:
    """Return the report as indented JSON."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=False).splitlines()


def paged(  # noqa: PLR0913 - what makes up a modal, by name
    title: str,
    lines: Sequence[str],
    page: int,
    *,
    callback_id: str,
    subject: str,
    note: str = "",
) -> View:
    """Return one page of a text as a modal.

    Args:
        title: Of the modal.
        lines: The whole text; foreign lines too.
        page: Which page, from 0; beyond the ends, the nearest there is.
        callback_id: Of the modal.
        subject: Comes back as ``private_metadata`` and says whose pages these are.
        note: What to say above the text (mrkdwn).
    """
    chunks = list(_chunks(_harmless(lines)))
    pages = [chunks[at : at + _CHUNKS_A_PAGE] for at in range(0, len(chunks), _CHUNKS_A_PAGE)]
    page = max(0, min(page, len(pages) - 1))
    shown = [blocks.section(note)] if note else []
    shown += [blocks.rich_text(blocks.preformatted(chunk)) for chunk in pages[page]]
    if len(pages) > 1:
        shown.append(blocks.context([f"Page {page + 1} of {len(pages)}"]))
        shown.append(blocks.actions(list(_turns(page, len(pages)))))
    return modal(title, shown, callback_id=callback_id, private_metadata=subject)


def _of_host(mx: MxReport) -> Iterator[str]:
    for address in mx.addresses:
        for endpoint in address.endpoints:
            yield f"{mx.host} [{address.ip}]:{endpoint.port}"
            yield from transcript(endpoint.exchanges)
            yield ""


def _harmless(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines made inert, a long one in several pieces."""
    for line in lines:
        for start in range(0, max(len(line), 1), _WIDTH):
            # A character that is spelled out takes up to ten.
            yield inert(line[start : start + _WIDTH], 10 * _WIDTH)


def _chunks(lines: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for line in lines:
        if held and size + len(line) + 1 > _CHUNK:
            yield "\n".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    yield "\n".join(held)


def _turns(page: int, pages: int) -> Iterator[dict[str, object]]:
    if page > 0:
        yield button("Back", f"{TURN}.back", str(page - 1))
    if page < pages - 1:
        yield button("Next", f"{TURN}.next", str(page + 1))
