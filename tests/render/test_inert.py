"""Foreign text made harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.inert import cut, escape, inert, inert_lines, mrkdwn

ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain words", "plain words"),
        ("bücher 漢字 🚨", "bücher 漢字 🚨"),
        ("\x1b[31mred", "[U+001B][31mred"),
        ("a\x00b\x7fc\x9bd", "a[U+0000]b[U+007F]c[U+009B]d"),
        ("one\r\ntwo\nthree\tfour", "one two three four"),
        ("back\rover", "back[U+000D]over"),
        ("\u202egro.live\u202c", "[U+202E]gro.live[U+202C]"),
        ("pay\u200bpal\ufeff", "pay[U+200B]pal[U+FEFF]"),
        ("a\u2028b\u2029c", "a[U+2028]b[U+2029]c"),
        ("blank\u3164\u115f\u034f\ufe0f\u2800", "blank[U+3164][U+115F][U+034F][U+FE0F][U+2800]"),
        ("no\u00a0break\u3000wide", "no break wide"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "[U+D800]"),
        ("\U000e0041", "[U+E0041]"),
        ("e" + "\u0301" * 50 + "x", "e" + "\u0301" * 3 + "x"),
        (b"caf\xe9 \xf0\x9f\x9a\xa8", "caf\\xe9 🚨"),
    ],
)
def test_inert(foreign: str | bytes, shown: str) -> None:
    """What could act, hide or flood is shown as what it is; the rest stays."""
    assert shown == inert(foreign)


@given(ANY_TEXT, st.integers(1, 40))
def test_inert_holds_for_any_text(foreign: str, limit: int) -> None:
    """Any text becomes one line of printable characters within the limit, and stays so."""
    shown = inert(foreign, limit)

    assert len(shown) <= limit
    assert all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in shown)
    assert shown == inert(shown, limit)
    shown.encode()


@given(ANY_TEXT)
def test_mrkdwn_can_neither_mention_nor_link(foreign: str) -> None:
    """After escaping no angle bracket is left, and no ampersand but those of the entities."""
    shown = mrkdwn(inert(foreign))

    assert not {"<", ">"} & set(shown)
    assert shown.count("&") == sum(shown.count(entity) for entity in ("&amp;", "&lt;", "&gt;"))


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("mx1.example.com", "mx1.example.com"),
        ("a & b", "a &amp; b"),
        ("550 5.7.1: no relay", "550 5.7.1: no relay"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("*bold*", "`*bold*`"),
        ("_mx.example", "`_mx.example`"),
        (":boom:", "`:boom:`"),
        ("https://evil.example", "`https://evil.example`"),
        ("www.evil.example", "`www.evil.example`"),
        ("user@example.com", "`user@example.com`"),
        ("`x` <y>", "`'x' &lt;y&gt;`"),
    ],
)
def test_mrkdwn(foreign: str, shown: str) -> None:
    """What mrkdwn would format, draw or link stands in a code span as it is."""
    assert shown == mrkdwn(foreign)


def test_escape_leaves_our_own_markup() -> None:
    """Our own words keep their formatting."""
    assert "*a* &lt;b&gt; &amp; c" == escape("*a* <b> & c")


def test_cut_shows_that_it_cut() -> None:
    """A text that is cut ends in an ellipsis, within the limit."""
    assert "abc" == cut("abc", 3)
    assert "ab…" == cut("abcd", 3)
    assert "a…" == cut("a bcd", 3)


@pytest.mark.parametrize(
    ("height", "total", "shown"),
    [
        (9, 99, ("one", "two", "three")),
        (3, 99, ("one", "two", "three")),
        (2, 99, ("one", "… 2 more lines")),
        (9, 14, ("one", "two", "three")),
        (9, 13, ()),
        (1, 99, ("… 3 more lines",)),
    ],
)
def test_inert_lines_are_bounded(height: int, total: int, shown: tuple[str, ...]) -> None:
    """Lines beyond the height or the total are counted instead of shown."""
    assert shown == inert_lines(["one", "two", "three"], height=height, total=total)


def test_lines_are_cut_at_the_width() -> None:
    """Each line is one line, and no wider than asked."""
    assert ("a l…", "b") == inert_lines(["a\nlong line", "b"], width=4)


def test_one_line_more() -> None:
    """One line left off is a line, not lines."""
    assert ("a", "… 1 more line") == inert_lines(["a", "b" * 99], total=20)
