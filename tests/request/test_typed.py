"""What clients do to a text is undone; what cannot be read safely is refused."""

import pytest

from bot.request.typed import MAX_TEXT, UsageError, normalise, quoted, strip_wrapping, words_of


def test_slack_s_escaping_is_undone_once() -> None:
    """``&amp;lt;`` is a typed ``&lt;``, not a bracket."""
    assert "<a&b>" == normalise("&lt;a&amp;b&gt;")
    assert "&lt;" == normalise("&amp;lt;")


def test_full_width_text_is_mapped() -> None:
    """Full-width letters, dashes and stops become ASCII; other scripts stay."""
    assert "--a@b.c 例" == normalise("－－ａ＠ｂ。ｃ 例")  # noqa: RUF001 - the case itself


def test_an_endless_text_is_refused() -> None:
    """The size is bounded before anything looks at the text."""
    assert "a" * MAX_TEXT == normalise("a" * MAX_TEXT)
    with pytest.raises(UsageError, match="That is 4097 characters"):
        normalise("a" * (MAX_TEXT + 1))


@pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), *range(127, 160)])
def test_control_characters_are_refused(code: int) -> None:
    """C0 and C1 but for tab and line ends never pass."""
    with pytest.raises(UsageError, match=f"U\\+{code:04X}"):
        normalise(f"example{chr(code)}.com")


def test_a_link_is_one_word() -> None:
    """Blanks part words; what Slack made a link of stays together, its label too."""
    assert ["a", "<https://b.example|b c>", "--d"] == words_of("a <https://b.example|b c>\t--d")


def test_wrapping_is_taken_off_both_ends_only() -> None:
    """Inside a word every character stays."""
    assert "it's(a)word" == strip_wrapping("“*(it's(a)word)*”.")


def test_foreign_text_is_quoted_printable_and_short() -> None:
    """A message shows what was typed, but neither its controls nor all of it."""
    assert "`a'U+202Eb`" == quoted("a`\u202eb")
    assert f"`{'x' * 60}…`" == quoted("x" * 61)
