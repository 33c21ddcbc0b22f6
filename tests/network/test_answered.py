"""Tests of what is remembered of endpoints, and for how long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.model.domain_name import DomainName
from bot.model.exchange import Reply
from bot.network import answered
from bot.network.answered import Answered
from bot.relay.reuse import FRESH_S, to_reuse
from bot.relay.verdict import judge
from tests.transcripts.reading import drive, plan

if TYPE_CHECKING:
    from bot.relay.attempts import Plan


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def closed(command: str) -> Reply:
    """Answer as a server that relays nothing."""
    if command.startswith("RCPT"):
        return Reply(554, ("5.7.1 Relay access denied",))
    return Reply({"": 220, "QUIT": 221}.get(command.partition(" ")[0], 250))


def blocked(command: str) -> Reply:
    """Answer as a server that lets nobody in."""
    return Reply(221 if command == "QUIT" else 554, ("5.7.1 Client host blocked",))


CLOSED = judge(plan(), drive(plan(), closed))
OTHER = plan(domain=DomainName("example.org", "example.org"))


@pytest.mark.parametrize(("passed_s", "age_s"), [(0, 1), (0.2, 1), (60, 60), (FRESH_S, FRESH_S)])
def test_answers_are_recalled_with_their_age(passed_s: float, age_s: int) -> None:
    """Another domain behind the endpoint is told what was answered and how long ago; never 0."""
    clock = Clock()
    memory = Answered(clock)
    memory.note(plan(), CLOSED)
    clock.now += passed_s

    recalled = memory.recall(OTHER)

    assert recalled is not None
    assert (to_reuse(plan(), CLOSED), age_s) == (recalled.attempts, recalled.age_s)


def test_what_is_old_or_of_another_endpoint_is_not_recalled() -> None:
    """After a quarter of an hour, and at another port, everything is asked."""
    clock = Clock()
    memory = Answered(clock)
    memory.note(plan(), CLOSED)

    assert memory.recall(plan(port=587)) is None
    clock.now += FRESH_S + 1
    assert memory.recall(plan()) is None


def test_the_latest_conversation_counts() -> None:
    """One that could not ask takes back what was known; one that reused it leaves it as it is."""
    clock = Clock()
    memory = Answered(clock)
    memory.note(plan(), CLOSED)
    clock.now += 60
    memory.note(OTHER, replace(CLOSED, age_s=60))
    recalled = memory.recall(plan())
    assert recalled is not None
    assert 60 == recalled.age_s

    memory.note(plan(), judge(plan(), drive(plan(), blocked)))
    assert memory.recall(plan()) is None


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds so many endpoints and no more."""
    monkeypatch.setattr(answered, "MOST", 2)
    memory = Answered(Clock())
    endpoints: list[Plan] = [plan(port=port) for port in (25, 465, 587)]
    for endpoint in endpoints:
        memory.note(endpoint, CLOSED)

    assert [False, True, True] == [memory.recall(each) is not None for each in endpoints]
