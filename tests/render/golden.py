"""The golden files of the cards; run this module to write them anew, once you saw a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model.report import Progress
from bot.render.cards import CardContext, mx_card, parent
from tests.render import samples

if TYPE_CHECKING:
    from bot.render.cards import Card

FOLDER = Path(__file__).parent / "golden"
CONTEXT = CardContext(requested_by="U012AB3CD", requested_at=samples.NOW)
# Of these every block is kept; of the others the texts, which say the same in fewer words.
IN_FULL = ("open_postfix", "hostile")
_HOSTS = 3


def cards_of(name: str) -> dict[str, object]:
    """Return the cards of a sample as a golden file holds them: the channel's, the first hosts'."""
    report = samples.REPORTS[name]()
    told: dict[str, Card] = {"parent": parent(Progress(report), CONTEXT)}
    told |= {mx.host: mx_card(report, mx, CONTEXT) for mx in report.mx[:_HOSTS]}
    if name in IN_FULL:
        return {key: {"text": card.text, "blocks": card.blocks} for key, card in told.items()}
    return {key: card.text.split("\n") for key, card in told.items()}


def main() -> None:
    """Write every golden file."""
    FOLDER.mkdir(exist_ok=True)
    for name in samples.REPORTS:
        text = json.dumps(cards_of(name), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
