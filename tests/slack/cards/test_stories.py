"""Tests of how a card's story begins, goes on and is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.deliver.ledger import ELSEWHERE
from bot.deliver.outbox import PARENT
from bot.slack.cards.stories import carry_over, new_story, stand
from bot.store.messages import Place
from tests.render.samples import three_hosts
from tests.slack.test_journal import JOB


@pytest.mark.parametrize(
    ("note", "variants", "lines"),
    [
        ("", False, []),
        ("", True, ["Asked for: every address form."]),
        ("Checked again.", True, ["Checked again."]),
    ],
)
def test_a_story_begins_with_who_asked_for_what(
    note: str, variants: bool, lines: list[str]
) -> None:
    """The note stands for the options, which it was typed with."""
    request = replace(JOB.request, variants=variants)
    story = new_story("RUN1", replace(JOB, note=note, request=request), three_hosts())

    assert lines == story.lines
    assert ("RUN1", "`example.com`") == (story.run_id, story.shown)
    assert three_hosts() == story.context.previous
    assert "U1" == story.context.requested_by


def test_the_next_check_goes_on_with_messages_and_lines() -> None:
    """All but what went to the person directly."""
    before, after = new_story("RUN1", JOB, None), new_story("RUN2", replace(JOB, note="new"), None)
    before.lines, before.channel = ["old"], "C2"
    before.standing = {PARENT: "1.1", ELSEWHERE: ELSEWHERE}
    carry_over(before, after)

    assert ["old", "new"] == after.lines
    assert {PARENT: "1.1"} == after.standing
    assert "C2" == after.channel


def test_messages_are_found_by_what_was_kept_of_them() -> None:
    """Those that stand, those of which nobody knows, and the channel of the parent."""
    story = new_story("RUN1", JOB, None)
    stand(story, {"mx1": Place(channel="C9", ts="1.2", doubtful=True)})
    without_parent = story.channel
    stand(story, {PARENT: Place(channel="C9", ts="1.1"), "mx2": Place(channel="C9", ts=None)})

    assert "" == without_parent
    assert {"mx1": "1.2", PARENT: "1.1"} == story.standing
    assert {"mx2"} == story.doubtful
    assert "C9" == story.channel
