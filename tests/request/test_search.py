"""Tests of the domains that a message speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request.search import MOST, find_domains


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to example.com bounces", ["example.com"]),
        (
            "see <http://example.com|example.com> and <https://www.example.org/x|here>",
            ["example.com", "www.example.org"],
        ),
        ("from dana@example.com, and (kai@example.org).", ["example.com", "example.org"]),
        ("<mailto:dana@example.com|dana@example.com>", ["example.com"]),
        (
            "`example.com`, \"example.org\" and 'example.net'",
            ["example.com", "example.org", "example.net"],
        ),
        (
            "```dig mx example.com\nexample.com. 300 IN MX 10 mx1.example.com.```",
            ["example.com", "mx1.example.com"],
        ),
        ("Example.COM and example.com", ["example.com"]),
        ("bücher.example.com", ["xn--bcher-kva.example.com"]),
        ("192.0.2.1 and 10.0.0.5:25, version 1.2.3", []),
        ("nothing here. Really. No…", []),
        ("<@U1> <!channel> <#C1|general>", []),
        ("localhost and printer.local", []),
        ("", []),
    ],
)
def test_domains_are_found_in_what_people_write(text: str, expected: list[str]) -> None:
    """Words, mailboxes, links and code are read; what is no domain is passed over."""
    assert expected == [domain.ascii for domain in find_domains([text])]


def test_several_texts_are_one_message() -> None:
    """A message's text and its blocks are read together, each domain once."""
    found = find_domains(["example.com", "example.org", "example.com"])

    assert ["example.com", "example.org"] == [domain.ascii for domain in found]


def test_there_are_at_most_ten() -> None:
    """A message full of domains offers the first ten."""
    assert MOST == len(find_domains([" ".join(f"d{n}.example.com" for n in range(50))]))


def test_the_work_is_bounded() -> None:
    """A message full of what only looks like domains is given up after so many."""
    text = " ".join(f"{n}.1" for n in range(1000))

    assert () == find_domains([text, "example.com"])


@given(st.lists(st.text(max_size=300), max_size=5))
def test_no_message_raises(texts: list[str]) -> None:
    """Whatever people write, reading it does not fail."""
    assert len(find_domains(texts)) <= MOST
