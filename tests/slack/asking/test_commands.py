"""Tests of the slash command: what was typed, and what is said back."""

import pytest

from bot.deliver import Destination, make_client, make_session
from bot.slack.asking.commands import answer
from bot.slack.asking.words import WORDS
from tests.slack.kept import NOW, Kept, desk


async def said(text: str, jobs: Kept) -> str:
    """Return what a command is answered with."""
    command = {
        "trigger_id": "13345224609.738474920",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "response_url": "https://hooks.slack.com/commands/1",
        "text": text,
    }
    async with make_session() as session:
        nowhere = make_client(None, "http://127.0.0.1:1/api/", session)
        words = await answer(command, desk(jobs, nowhere))
    assert isinstance(words, str)
    return words


async def test_a_command_is_stored_with_all_that_its_answer_needs() -> None:
    """The job knows who asked what, where and when, and is named after the act of asking."""
    jobs = Kept()
    await said("example.com --private", jobs)

    (job,) = jobs.jobs
    assert "13345224609.738474920" == job.key
    assert "example.com" == job.request.domain.ascii
    assert job.destination == Destination(
        team="T1",
        channel="C1",
        user="U1",
        asked_at=NOW,
        response_url="https://hooks.slack.com/commands/1",
        private=True,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", "Checking `example.com` …"),
        ("bücher.example", "Checking `bücher.example (xn--bcher-kva.example)` …"),
        ("example.com --no-probe", "Checking `example.com`, DNS only …"),
        ("example.com --private", "Checking `example.com`, for you alone …"),
        ("example.com --ports 25,587", "Checking `example.com`, ports 25, 587 …"),
        (
            "--variants example.com --prove",
            "Checking `example.com`, every address form, with proof of delivery …",
        ),
    ],
)
async def test_what_was_understood_is_said_back(text: str, expected: str) -> None:
    """The ack names the domain and every option that changes what is done."""
    assert expected == await said(text, Kept())


@pytest.mark.parametrize("text", ["", "help", "  HELP  "])
async def test_help_is_given_and_nothing_stored(text: str) -> None:
    """Help shows what can be typed."""
    jobs = Kept()

    assert "`/relaycheck example.com`" in await said(text, jobs)
    assert [] == jobs.jobs


@pytest.mark.parametrize("text", ["<!channel>.com", "<@U1>", "a&b", "localhost"])
async def test_what_cannot_be_used_is_answered_harmlessly(text: str) -> None:
    """A usage error quotes what was typed, and mentions nobody."""
    jobs = Kept()
    told = await said(text, jobs)

    assert told
    assert "<" not in told
    assert [] == jobs.jobs


async def test_a_refusal_is_told() -> None:
    """When no more work is taken, the person reads why."""
    assert "busy" == await said("example.com", Kept("busy"))


async def test_help_names_every_word() -> None:
    """Help is made from the words that are registered."""
    told = await said("help", Kept())

    assert all(f"/relaycheck {name}" in told for name in WORDS)


@pytest.mark.parametrize(("typed", "word"), [("statsu", "status"), ("Halp", "help")])
async def test_a_slip_is_answered_with_what_was_meant(typed: str, word: str) -> None:
    """Who mistypes a word is asked whether they meant it."""
    assert f"Did you mean `/relaycheck {word}`?" in await said(typed, Kept())


async def test_a_domain_is_no_slip() -> None:
    """What has a dot is meant as a domain."""
    assert "Did you mean" not in await said("status.", Kept())
