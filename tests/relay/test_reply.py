"""What replies mean: a table of real ones, and the corners of reading them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.exchange import Reply, Stage
from bot.model.report import Outcome
from bot.relay.reply import _MAILBOX, classify, is_listing, meanings, spoken

TABLE = tomllib.loads((Path(__file__).parent / "replies.toml").read_text("utf-8"))["replies"]
NAMES = frozenset(
    {"mx.example.com", "example.com", "probe.example.net", "outside.example", "192.0.2.25"}
)
STANDS_FOR = {
    "<rcpt>": "<canary@outside.example>",
    "<sender>": "<relaytest@probe.example.net>",
    "[client]": "[192.0.2.10]",
}


def as_reply(text: str) -> Reply:
    """A reply from the table's notation."""
    for mark, meant in STANDS_FOR.items():
        text = text.replace(mark, meant)
    lines = text.split("|")
    return Reply(int(lines[0][:3]), tuple(line[4:] for line in lines))


@pytest.mark.parametrize(("stage", "text", "outcome", "source"), TABLE)
def test_real_reply(stage: str, text: str, outcome: str, source: str) -> None:
    """A reply that a real server gives means what it means there."""
    assert outcome == classify(as_reply(text), Stage(stage), NAMES), source


def test_table_is_broad() -> None:
    """The table holds replies for every meaning, and each only once."""
    assert len(TABLE) == len({(stage, text) for stage, text, _, _ in TABLE}) >= 150
    assert {meaning.outcome for meaning in meanings()} <= {outcome for _, _, outcome, _ in TABLE}


def test_every_entry_is_needed() -> None:
    """Each entry of replies.toml decides at least one reply of the table."""
    decided = set()
    for stage, text, _, _ in TABLE:
        reply = as_reply(text)
        words = spoken(reply.text, NAMES)
        enhanced = reply.enhanced or ""
        decided.add(
            next(
                (
                    number
                    for number, meaning in enumerate(meanings())
                    if meaning.fits(Stage(stage), str(reply.code), enhanced, words)
                ),
                None,
            )
        )

    assert set() == set(range(len(meanings()))) - decided


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a@b.example>: Relay access denied", " relay access denied "),
        ("relay1.mx.example.com says no", " says no "),
        ("example.com. is not mx.example.com", " is not "),
        ("user@relay.example unknown", " unknown "),
        ("Host [192.0.2.10] and 192.0.2.25, 2001:db8::1", " host and "),
        ("blocked using zen.spamhaus.org", " blocked using zen spamhaus org "),
        ("see https://www.spamcop.net/relay?x", " see www spamcop net "),
        ("see http://support.example.org/relay", " see "),
        ("It isn\u2019t non-local (yet)", " it isn't non local yet "),
        ("", "  "),
    ],
)
def test_what_is_echoed_is_left_out(text: str, words: str) -> None:
    """Names, addresses and paths are no words; a blocklist's name is."""
    assert words == spoken(text, NAMES)


def test_a_long_word_is_looked_at_once() -> None:
    """A mailbox begins where a word begins, so a word without one is not read from each letter."""
    word = "ab.c@mx.example"

    assert [0] == [start for start in range(len(word)) if _MAILBOX.match(word, start)]
    assert " (   ) " == _MAILBOX.sub(" ", f" ({word} {word}) ")


def test_a_single_label_is_a_word() -> None:
    """A server that greets as ``relay`` does not take the word from everybody."""
    assert " relay denied " == spoken("relay denied", ["relay"])


def test_host_called_relay() -> None:
    """A server whose own name says relay refuses without relay words."""
    reply = Reply(550, ("relay1.example.com: no",))

    assert Outcome.REJECTED is classify(reply, Stage.RCPT, frozenset({"relay1.example.com"}))
    assert Outcome.REJECTED is classify(reply, Stage.RCPT)


@given(
    code=st.integers(200, 599),
    text=st.text(max_size=80),
    stage=st.sampled_from(Stage),
    name=st.text(max_size=20),
)
def test_every_reply_means_something(code: int, text: str, stage: Stage, name: str) -> None:
    """For all replies there is a meaning; 2yz is accepted and nothing else is."""
    outcome = classify(Reply(code, (text,)), stage, frozenset({name}))

    assert (outcome is Outcome.ACCEPTED) == (code < 300)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("554 5.7.1 Client host [client] blocked using zen.spamhaus.org", True),
        ("550 [client] is blacklisted, see http://www.spamcop.net/bl.shtml?192.0.2.10", True),
        ("450 4.7.1 Client host rejected: cannot find your hostname, [client]", False),
        ("554 5.7.1 <rcpt>: Relay access denied", False),
        ("250 blocked using zen.spamhaus.org", False),
    ],
)
def test_a_blocklist_that_has_us(text: str, listed: bool) -> None:
    """Of all that blocks us, only the words of a blocklist say that going on makes it worse."""
    assert listed == is_listing(as_reply(text), Stage.RCPT, NAMES)
