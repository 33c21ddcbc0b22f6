"""Special-use names are found by their longest suffix, each with its reference."""

import pytest

from bot.model.domain_name import is_host_name
from bot.request.special_use import SPECIAL_USE, find_special_use


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("test", "test"),
        ("a.b.test", "test"),
        ("arpa", "arpa"),
        ("e164.arpa", "arpa"),
        ("a.home.arpa", "home.arpa"),
        ("1.in-addr.arpa", "in-addr.arpa"),
    ],
)
def test_the_longest_suffix_decides(name: str, found: str) -> None:
    """A reservation covers its name and everything below, a longer one before a shorter."""
    special = find_special_use(name)

    assert special
    assert found == special.name


@pytest.mark.parametrize("name", ["example", "example.com", "a.example.org", "mytest", "test.com"])
def test_other_names_are_not_special(name: str) -> None:
    """Example names are used as others are (RFC 6761 §6.5); a label alone is no suffix."""
    assert find_special_use(name) is None


def test_what_the_operator_allows_is_not_special() -> None:
    """An allowed suffix covers its name and everything below, and nothing beside it."""
    assert find_special_use("a.corp.internal", ("corp.internal",)) is None
    assert find_special_use("corp.internal", ("corp.internal",)) is None
    assert find_special_use("acorp.internal", ("corp.internal",)) is not None
    assert find_special_use("internal", ("corp.internal",)) is not None


@pytest.mark.parametrize("name", SPECIAL_USE)
def test_every_reservation_is_complete(name: str) -> None:
    """An entry has a plain lower-case name, a purpose and a reference."""
    special = SPECIAL_USE[name]

    assert is_host_name(name)
    assert name == name.lower()
    assert special.purpose
    assert special.reference
