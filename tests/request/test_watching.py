"""Tests of reading what is to be watched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.schedule import Schedule
from bot.request import UsageError
from bot.request.watching import parse_unwatch, parse_watch


@pytest.mark.parametrize(
    ("text", "domain", "hours", "channel"),
    [
        ("example.com", "example.com", 24, ""),
        ("example.com every 6h", "example.com", 6, ""),
        ("example.com  Weekly <#C024BE7LR|general>", "example.com", 168, "C024BE7LR"),
        ("example.com <#G024BE7LR> every 2 days", "example.com", 48, "G024BE7LR"),
        ("<#C024BE7LR|general> example.com", "example.com", 24, "C024BE7LR"),
        ("<http://example.com|example.com> daily", "example.com", 24, ""),
        ("&lt;#C024BE7LR|general&gt; dana@bücher.com", "xn--bcher-kva.com", 24, "C024BE7LR"),
    ],
)
def test_what_is_watched(text: str, domain: str, hours: int, channel: str) -> None:
    """A domain in any spelling, an interval, and a channel as Slack links it."""
    wanted = parse_watch(text)

    assert (domain, Schedule(hours), channel) == (
        wanted.domain.ascii,
        wanted.schedule,
        wanted.channel,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Name the domain: type for example `watch example.com every 6h`"),
        ("<#C024BE7LR|general>", "Name the domain"),
        ("every 6h", "single word"),
        ("example.com sometimes", "`sometimes` is no interval"),
        ("example.com every 5 minutes", "no interval"),
        ("example.com every 900h", "at least once in 30 days"),
        ("example.com --prove", "`--prove` is no interval"),
        ("example.com #general", "cannot tell which channel `#general` is"),
        ("example.com <#C1|a> <#C2|b>", "one channel at most"),
        ("example.test", "takes no mail from the Internet"),
    ],
)
def test_what_cannot_be_watched(text: str, says: str) -> None:
    """Each refusal says what to type instead."""
    with pytest.raises(UsageError, match=says):
        parse_watch(text)


def test_what_is_no_longer_watched() -> None:
    """A domain and perhaps a channel; an interval has no place there."""
    wanted = parse_unwatch("corp.test <#C024BE7LR|general>", allowed_suffixes=("test",))

    assert ("corp.test", "C024BE7LR") == (wanted.domain.ascii, wanted.channel)
    with pytest.raises(UsageError, match="`daily` means here"):
        parse_unwatch("example.com daily")
    with pytest.raises(UsageError, match="Name the domain"):
        parse_unwatch(" ")


@given(st.text(max_size=80))
def test_nothing_else_is_raised(text: str) -> None:
    """Whatever is typed is understood, or refused in a sentence."""
    for parse in (parse_watch, parse_unwatch):
        try:
            wanted = parse(text)
        except UsageError:
            continue
        assert wanted.domain.ascii
