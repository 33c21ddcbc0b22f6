"""Rich text: sections, lists and preformatted text, and what they may hold.

Shapes: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.shape import array, boolean, integer, one_of, record, string, typed

if TYPE_CHECKING:
    from bot.sandbox.slack.shape import Check

_style = record(
    {},
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean),
)
_styled = {"style": _style}
_PIECES: dict[str, Check] = {
    "text": record({"text": string(13_000)}, _styled),
    "link": record({"url": string(3000)}, {**_styled, "text": string(3000), "unsafe": boolean}),
    "date": record(
        {"timestamp": integer(0, 10**12), "format": string(500)},
        {**_styled, "url": string(3000), "fallback": string(500)},
    ),
}
_pieces = array(typed(_PIECES), 1000)
_section = record({"elements": _pieces})
_lists = record(
    {
        "style": one_of("bullet", "ordered"),
        "elements": array(typed({"rich_text_section": _section}), 1000),
    },
    {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
)
_literal = array(typed({kind: _PIECES[kind] for kind in ("text", "link")}), 1000)

rich_text = record(
    {
        "elements": array(
            typed(
                {
                    "rich_text_section": _section,
                    "rich_text_list": _lists,
                    "rich_text_preformatted": record(
                        {"elements": _literal},
                        {"border": integer(0, 1), "language": string(50)},
                    ),
                }
            ),
            1000,
        )
    },
    {"block_id": string(255)},
)
