"""Tests of the words of the command, and of what a slip is answered with."""

import pytest
from hypothesis import given
from slack_sdk.web.async_client import AsyncWebClient

from bot.deliver import Destination
from bot.request import Request
from bot.request.options import OPTIONS, usage
from bot.slack.asking.words import WORDS, find, full_help, meant, read
from tests.render.reports import anything
from tests.slack.kept import NOW, Kept, desk

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("help", "help", ""),
        ("  STATUS  now ", "status", "now"),
        ("Status", "status", ""),
        ("`verify`\texample.com", "verify", "example.com"),
    ],
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


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("statsu", "status"),
        ("halp me", "help me"),
        ("Verfiy example.com", "verify example.com"),
        ("verfiy <http://example.com|example.com>", "verify example.com"),
        ("“veriyf” &lt;example.com&gt;", "verify &lt;example.com&gt;"),
        ("example.com verify", "verify example.com"),
        ("chekc example.com", "check example.com"),
        ("--private stattus", "status --private"),
        ("statsu `a` <!channel> *b*", "status a &lt;!channel&gt; *b*"),
    ],
)
def test_a_slip_is_meant_as_a_word(typed: str, command: str) -> None:
    """Who mistypes or misplaces a word is asked for the command that it is nearest to."""
    assert f"Did you mean `/relaycheck {command}`?" == meant(typed)


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "status.example", "--status", "<@U1|status>", "statsu \x00", "hello"],
)
def test_what_is_no_slip_means_nothing(text: str) -> None:
    """What is far from every word, has a dot, is an option or a mention, is not guessed at."""
    assert "" == meant(text)


@given(anything)
def test_a_question_is_harmless(text: str) -> None:
    """Whatever stands around a slip comes back in a code span, and mentions nobody."""
    asked = meant(f"statsu {text}") or "``"

    assert "<" not in asked
    assert 2 == asked.count("`")
    assert asked.isprintable()


def test_help_is_made_from_the_words() -> None:
    """Every word stands in help under its group, and every option with what it does."""
    told = full_help()

    assert all(f"`{word.usage}` {word.summary}" in told for word in WORDS.values())
    assert all(f"*{word.group}*" in told for word in WORDS.values())
    assert all(f"`{usage(name)}` {option.summary}" in told for name, option in OPTIONS.items())
    assert len(told) < 3000


@pytest.mark.parametrize("text", ["", "help", "HELP me", "--help", "`help`"])
async def test_help_is_shown(nowhere: AsyncWebClient, text: str) -> None:
    """Whoever says nothing or asks for help reads what can be typed."""
    assert full_help() == await read(text, desk(Kept(), nowhere), PLACE)


@pytest.mark.parametrize("text", ["status.example.com", "help.example", "verify@example.com"])
async def test_a_word_that_is_a_domain_is_a_check(nowhere: AsyncWebClient, text: str) -> None:
    """What has a dot in it is a domain, whatever it begins with."""
    request = await read(text, desk(Kept(), nowhere), PLACE)

    assert isinstance(request, Request)
    assert text.rpartition("@")[2] == request.domain.ascii


@pytest.mark.parametrize("text", ["check example.com --no-probe", "`Check` example.com --no-probe"])
async def test_check_is_understood(nowhere: AsyncWebClient, text: str) -> None:
    """The command line's word for it is taken here too, though nobody needs it."""
    here = desk(Kept(), nowhere)

    assert await read("example.com --no-probe", here, PLACE) == await read(text, here, PLACE)
    assert full_help() == await read("check", here, PLACE)


async def test_what_is_no_slip_is_answered_as_a_request(nowhere: AsyncWebClient) -> None:
    """A mistake in a request is told in its own sentence; a mistyped option with the nearest."""
    here = desk(Kept(), nowhere)

    assert "`--no-prob` is no option: did you mean `--no-probe`" in str(
        await read("example.com --no-prob", here, PLACE)
    )
    assert "machine's name for itself" in str(await read("localhost", here, PLACE))
