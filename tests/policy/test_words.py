"""The words for what is withheld and for rates: whole, and filled in from what is declared."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from bot.policy.words import WORDS, Scope, Withheld, WordsError, limit, load, withheld

TEXT = (resources.files("bot.policy") / "words.toml").read_text("utf-8")


def test_every_reason_and_scope_has_its_words() -> None:
    """Nothing is withheld, and no rate is full, without a sentence."""
    assert {*Withheld, *Scope} == set(WORDS)
    assert load(TEXT) == WORDS


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('off = "the', 'of = "the', "[withheld] is missing or unknown: of, off"),
        ("user =", "person =", "[rate] is missing or unknown: person, user"),
        ("for {many}", "for {some}", "user: nobody provides some"),
        ("{name}", "{domain}", "nobody provides domain"),
        ("its operator", "{name}", "opt_out: nobody provides name"),
    ],
)
def test_what_cannot_be_used_is_refused(before: str, after: str, said: str) -> None:
    """An entry that is missing, unknown or asks for too much is named when the file is read."""
    assert before in TEXT
    with pytest.raises(WordsError) as refused:
        load(TEXT.replace(before, after, 1))

    assert said in str(refused.value)


def test_a_value_is_no_template() -> None:
    """What is filled in is never read as a placeholder."""
    assert "{many}" in withheld(Withheld.UNVERIFIED, name="{many}")
    assert "a person may ask for 20 probes per hour" == limit(Scope.USER, "20 probes per hour")
    assert tomllib.loads(TEXT)["withheld"]["off"] == withheld(Withheld.OFF)
