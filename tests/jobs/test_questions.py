"""Tests of the same question not being asked twice; over a restart it is in ``test_durable``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.jobs import AlreadyAskedError
from bot.jobs.questions import SAME_QUESTION_S, Questions
from tests.jobs.test_durable import job as job_for

if TYPE_CHECKING:
    from bot.jobs import Job


def job(key: str) -> Job:
    """Return a job that asks the same as any other."""
    return job_for(key, domain="example.com")


def test_the_same_within_a_minute_is_refused() -> None:
    """Another job that asks it is told which one answers; after the minute it may ask itself."""
    now = 0.0
    questions = Questions(lambda: now)
    questions.put(job("a"), "RUN1")
    with pytest.raises(AlreadyAskedError) as told:
        questions.refuse_the_same(job("b"), "RUN2")
    questions.refuse_the_same(job("a"), "RUN1")
    now = SAME_QUESTION_S + 1
    questions.refuse_the_same(job("b"), "RUN2")

    assert "RUN1" == told.value.job_id


@pytest.mark.parametrize("on_purpose", ["again", "step", "watch"])
def test_what_is_asked_on_purpose_is_asked(on_purpose: str) -> None:
    """Buttons, steps of workflows and watches are no slip of a second person."""
    questions = Questions(lambda: 0.0)
    questions.put(job("a"), "RUN1")
    questions.refuse_the_same(replace(job("b"), **{on_purpose: "X"}), "RUN2")  # type: ignore[arg-type] # text all


def test_a_watch_answers_nobody() -> None:
    """What it looks at shows no card that anybody could be pointed to."""
    questions = Questions(lambda: 0.0)
    look = replace(job("a"), watch="W1")
    questions.put(look, "RUN1")
    questions.refuse_the_same(job("b"), "RUN2")
    questions.put(job("b"), "RUN2")
    questions.forget(look)
    with pytest.raises(AlreadyAskedError):
        questions.refuse_the_same(job("c"), "RUN3")


def test_what_was_not_accepted_may_be_asked_at_once() -> None:
    """A job that could not be stored answers nobody."""
    questions = Questions(lambda: 0.0)
    questions.put(job("a"), "RUN1")
    questions.forget(job("a"))
    questions.refuse_the_same(job("b"), "RUN2")
