"""Tests of the words of the command, and of what a slip is answered with."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.deliver import Destination
from bot.slack.words import WORDS, find, meant, status
from tests.slack.kept import NOW, Kept, desk

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [("help", "help", ""), ("  STATUS  now ", "status", "now"), ("Status", "status", "")],
)
def test_a_word_is_found_in_any_case(text: str, name: str, rest: str) -> None:
    """A text that begins with a word is that word, and the rest is its own."""
    found = find(text)

    assert found is not None
    assert (name, rest) == (found[0].name, found[1])


@pytest.mark.parametrize("text", ["", "example.com", "statuses", "help.example.com"])
def test_what_is_no_word_is_not_found(text: str) -> None:
    """A domain is no word, whatever it begins with."""
    assert find(text) is None


@pytest.mark.parametrize(("typed", "word"), [("statsu", "status"), ("halp me", "help")])
def test_a_slip_is_meant_as_a_word(typed: str, word: str) -> None:
    """Who mistypes a word is asked for the nearest."""
    assert f" Did you mean `/relaycheck {word}`?" == meant(typed)


@pytest.mark.parametrize("text", ["", "localhost", "status.example"])
def test_what_is_no_slip_means_nothing(text: str) -> None:
    """What is far from every word, or has a dot, is not guessed at."""
    assert "" == meant(text)


async def test_help_is_made_from_the_words(nowhere: AsyncWebClient) -> None:
    """Every word stands in help, with what it does."""
    told = await WORDS["help"].answer(desk(Kept(), nowhere), "", PLACE)

    assert all(word.summary in told for word in WORDS.values())


async def test_status_says_how_busy_and_who_we_are(nowhere: AsyncWebClient) -> None:
    """Status counts the checks and names what mail servers hear."""
    told = status(desk(Kept(), nowhere))

    assert told == await WORDS["status"].answer(desk(Kept(), nowhere), "", PLACE)
    assert "Checks: 0 running, 0 waiting." in told
    assert "EHLO probe.example.net" in told
