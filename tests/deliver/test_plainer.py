"""Tests of cards made plainer."""

from bot.deliver.plainer import AS_IT_IS, MAX_TEXT, PLAINEST, plainer, with_line
from bot.render import blocks
from bot.render.card import Card

BUTTON: dict[str, object] = {"type": "button", "text": {"type": "plain_text", "text": "Again"}}
FULL = Card("a finding", [blocks.header("A finding"), blocks.actions([BUTTON])])


def test_a_card_that_is_taken_stays_as_it_is() -> None:
    """Plainness 0 changes nothing."""
    assert FULL is plainer(FULL, AS_IT_IS)


def test_the_plain_card_keeps_text_and_buttons() -> None:
    """Plainness 1 is the whole text in one section, and what can be pressed."""
    assert Card("a finding", [blocks.section("a finding"), blocks.actions([BUTTON])]) == plainer(
        FULL, 1
    )


def test_the_plainest_is_text() -> None:
    """Plainness 2 has no blocks that could be refused."""
    assert Card("a finding", []) == plainer(FULL, PLAINEST)


def test_the_text_is_short_enough() -> None:
    """Slack refuses texts above some 4,000 characters, whatever its documentation says."""
    assert MAX_TEXT == len(plainer(Card("x" * 5000, []), PLAINEST).text)


def test_a_line_is_added_to_blocks_and_text() -> None:
    """What is said below the card is said in its text too."""
    added = with_line(FULL, "one more thing")

    assert "a finding\none more thing" == added.text
    assert blocks.context(["one more thing"]) == added.blocks[-1]


def test_a_line_hides_no_text() -> None:
    """A card that is text alone stays so: a block would be shown in place of the text."""
    assert Card("a finding\none more thing", []) == with_line(
        Card("a finding", []), "one more thing"
    )
