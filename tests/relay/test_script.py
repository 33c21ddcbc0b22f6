"""Tests of conversations as data: they decide what the rules decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.relay.attempts import FOREIGN, transactions
from bot.relay.dialogue import next_step
from bot.relay.proof import next_proof_step
from bot.relay.script import HandingOver, Questions
from tests.transcripts.reading import load

READ = load("postfix-closed")
LINES = ("Subject: x", "", "y")


@pytest.mark.parametrize("heard", range(len(READ.exchanges) + 1))
def test_a_script_takes_the_steps_of_the_rules(heard: int) -> None:
    """After whatever was said: the questions as the dialogue, the proof as its own rules."""
    said = READ.exchanges[:heard]
    plan = READ.plan
    (foreign,) = (each for each in transactions(plan) if each.kind == FOREIGN)

    assert next_step(plan, said) == Questions(plan)(said)
    for tls in (False, True):
        script = HandingOver(plan, foreign, LINES, tls=tls)
        assert next_proof_step(plan, foreign, LINES, said, tls=tls) == script(said)


def test_scripts_are_values() -> None:
    """Two of the same say the same."""
    assert Questions(READ.plan) == Questions(replace(READ.plan))
