"""A card within every limit, by leaving off what is wanted least."""

from __future__ import annotations

import pytest

from bot.render import blocks
from bot.render.card import (
    ALWAYS,
    MAX_BLOCKS,
    MAX_TEXT,
    CardContext,
    Part,
    asked_by,
    characters,
    compose,
)
from tests.render import samples


def part(want: int, name: str, size: int = 10) -> Part:
    """Return a part of about this size."""
    return Part(want, [blocks.section(name + "x" * size)])


def names(card_blocks: list[blocks.Block]) -> list[str]:
    """Return how each section of a card begins; the small print as itself."""
    return [
        str(block["text"]["text"])[0] if "text" in block else "note"  # type: ignore[index]
        for block in card_blocks
    ]


def test_order_of_reading_is_kept() -> None:
    """Parts stand in the order given, however dearly each is wanted."""
    card = compose("text", [part(3, "a"), part(ALWAYS, "b"), part(1, "c")])

    assert ["a", "b", "c"] == names(card.blocks)


def test_the_least_wanted_goes_first() -> None:
    """What does not fit is left off by its want, and a note stands in its place."""
    parts = [part(1, "a", 2900), part(3, "b", 2900), part(2, "c", 2900), part(ALWAYS, "d")]
    card = compose("t", [*parts, part(4, "e", 2900)])

    assert ["a", "note", "c", "d"] == names(card.blocks)


def test_blocks_are_counted() -> None:
    """A card has at most as many blocks as the contract allows, the note included."""
    many = [Part(1, [blocks.divider()] * 30), Part(2, [blocks.divider()] * 30)]

    assert 31 == len(compose("t", many).blocks)
    assert MAX_BLOCKS >= len(compose("t", [Part(1, [blocks.divider()])] * 60).blocks)


def test_room_can_be_spared() -> None:
    """What is to be added later has its room."""
    parts = [part(n, "a", 2900) for n in range(1, 3)] + [part(3, "b", 2000)]

    assert ["a", "a", "b"] == names(compose("t", parts).blocks)
    assert ["a", "a", "note"] == names(compose("t", parts, spare=1000).blocks)


def test_text_is_cut() -> None:
    """The summary is bounded, since it counts."""
    assert MAX_TEXT == len(compose("x" * 5000, []).text)


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("U012AB3CD", "asked by <@U012AB3CD> <!date^1795435384^{date_short_pretty} {time}|"),
        ("", "asked <!date^"),
        ("!channel", "asked <!date^"),
        ("U1> <!here", "asked <!date^"),
    ],
)
def test_who_asked(user: str, said: str) -> None:
    """A user id is a mention, anything else nothing; the time is in the reader's zone."""
    context = CardContext(requested_by=user, requested_at=samples.NOW)

    assert asked_by(context).startswith(said)
    assert asked_by(context).endswith("|2026-11-23 12:03 UTC>")


def test_characters_are_those_of_the_json() -> None:
    """The size of blocks is that of their JSON."""
    assert len('[{"type": "divider"}]') == characters([blocks.divider()])
