"""One check in Slack: what is known of it, and whether it has ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.slack.cards.result import Result
from tests.deliver.scripted import host, progress, story
from tests.jobs.test_durable import job
from tests.slack.kept import NOW


def result() -> Result:
    """Return a check that has just begun."""
    return Result(handle="handle", job=job("a"), story=story(), begun_at=NOW)


def test_at_first_nothing_is_known() -> None:
    """Before any progress there is no report, no end, and nobody has it in hand."""
    begun = result()

    assert begun.report is None
    assert not begun.is_finished
    assert "" == begun.claimed_by


@pytest.mark.parametrize("finished", [False, True])
def test_its_report_is_the_latest(finished: bool) -> None:
    """What the story was told last is known; a finished report ends the check."""
    begun = result()
    begun.story.last = progress(host(1), finished=finished)

    assert begun.story.last.report == begun.report
    assert finished is begun.is_finished


def test_it_may_end_without_a_report() -> None:
    """A check that a fault of ours ended is not under way, with half a report or none."""
    ended = replace(result(), ended_at=NOW)
    assert ended.is_finished

    ended.story.last = progress(host(1, None))
    assert ended.is_finished
