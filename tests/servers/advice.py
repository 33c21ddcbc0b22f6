"""A remedy as a person reads it: taken from the card, nothing typed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.render.cards import CardContext, mx_card
from bot.render.remedies import remedies_for

if TYPE_CHECKING:
    from bot.model.report import Report

_Element = dict[str, Any]
_ASKED = CardContext(requested_by="U0TESTER", requested_at=datetime(2026, 11, 24, tzinfo=UTC))
_HEADING, _LOAD, _UNDO = "Close it. ", "Load it: ", "To undo: "


@dataclass(frozen=True, slots=True)
class Advice:
    """What the card of a host says to do.

    ``cause`` is what makes it open, ``steps`` are the lines to follow, ``config`` what to set,
    ``load`` the commands that check and load it, ``undo`` the way back. ``id`` names the remedy.
    """

    id: str
    cause: str
    steps: tuple[str, ...]
    config: str
    load: str
    undo: str

    def says(self, words: str) -> bool:
        """Whether a step has these words."""
        return any(words in step for step in self.steps)


def advice(report: Report) -> Advice:
    """Return the first remedy on the card of the report's only host."""
    (mx,) = report.mx
    blocks: list[_Element] = mx_card(report, mx, _ASKED).blocks
    (block,) = (block for block in blocks if _text(block).startswith(_HEADING))
    cause = _text(block["elements"][0]).partition("\n")[2]
    parts = {element["type"]: element for element in block["elements"]}
    lists = (each for each in block["elements"] if each["type"] == "rich_text_list")
    items = [item for each in lists for item in each["elements"]]
    return Advice(
        id=remedies_for(mx)[0].id,
        cause=cause,
        steps=tuple(_text(item) for item in items if not _text(item).startswith(_LOAD)),
        config=_text(parts.get("rich_text_preformatted", {})),
        load=next((_code(item) for item in items if _text(item).startswith(_LOAD)), ""),
        undo=_text(parts["rich_text_section"]).removeprefix(_UNDO),
    )


def _text(element: _Element) -> str:
    """Return the literal text of a block or of a part of one."""
    return str(element.get("text", "")) or "".join(map(_text, element.get("elements", ())))


def _code(element: _Element) -> str:
    """Return what is shown as code first."""
    return next(str(e["text"]) for e in element["elements"] if e.get("style", {}).get("code"))
