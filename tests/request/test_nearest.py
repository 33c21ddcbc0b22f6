"""Slips of the fingers, and the words that they were meant to be."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request.nearest import nearest

WORDS = ("history", "watch", "unwatch", "watches", "verify", "status", "help")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("histroy", "history"),
        ("wacth", "watch"),
        ("unwach", "unwatch"),
        ("watchs", "watches"),
        ("VERFIY", "verify"),
        ("halp", "help"),
        ("hello", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_a_slip_is_the_nearest_word(typed: str, word: str | None) -> None:
    """A letter swapped, dropped or doubled leads to the word; what is far leads nowhere."""
    assert word == nearest(typed, WORDS)


def test_dashes_do_not_count() -> None:
    """An option is known by its letters, and returned as it is typed."""
    assert "--no-probe" == nearest("-no-prob", ["--no-probe", "--prove"])


@given(st.text(string.ascii_letters + "-", max_size=12))
def test_only_known_words_are_returned(typed: str) -> None:
    """Whatever is typed, the answer is a known word or none."""
    assert nearest(typed, WORDS) in {*WORDS, None}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_nearest_to_itself(word: str) -> None:
    """What is spelled right is found as it is."""
    assert word == nearest(word, WORDS)
