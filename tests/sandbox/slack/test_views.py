"""Triggers open one view in three seconds; modals stack to three; hashes guard updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.views import Views

if TYPE_CHECKING:
    from tests.sandbox.slack.conftest import Clock

VIEW = {"type": "modal", "blocks": [], "callback_id": "options"}


def test_trigger_is_good_once_and_for_three_seconds(clock: Clock) -> None:
    """A trigger names its person once; late, used and unknown ones have their own errors."""
    views = Views(clock)
    first, second = views.trigger("U1"), views.trigger("U1")

    assert "U1" == views.exchange(first)
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        views.exchange(first)
    clock.now += 3.1
    with pytest.raises(SlackError, match="expired_trigger_id"):
        views.exchange(second)
    with pytest.raises(SlackError, match="invalid_trigger_id"):
        views.exchange("1.2.3")


def test_three_modals_are_the_most(clock: Clock) -> None:
    """The fourth view of a stack is refused; the root of all is the first."""
    views = Views(clock)
    root, second = views.open("U1", VIEW), views.push("U1", VIEW)
    third = views.push("U1", VIEW)

    assert (root, second, third) == views.stack("U1")
    assert root.id == third.wire["root_view_id"]
    assert second.id == third.wire["previous_view_id"]
    with pytest.raises(SlackError, match="push_limit_reached"):
        views.push("U1", VIEW)


def test_open_and_close(clock: Clock) -> None:
    """Opening clears the stack; closing takes the top, or everything."""
    views = Views(clock)
    for _ in range(2):
        views.open("U1", VIEW)
    views.push("U1", VIEW)

    views.close("U1")
    assert 1 == len(views.stack("U1"))
    views.push("U1", VIEW)
    views.close("U1", everything=True)
    assert () == views.stack("U1")


def test_update_keeps_the_place_and_watches_the_hash(clock: Clock) -> None:
    """An update keeps the id; with a stale hash it is refused."""
    views = Views(clock)
    opened = views.open("U1", {**VIEW, "external_id": "mine"})
    stale = opened.wire["hash"]
    opened.errors = {"domain": "no"}

    updated = views.update("mine", {**VIEW, "callback_id": "other"}, stale)

    assert updated.id == opened.id
    assert "other" == updated.wire["callback_id"]
    assert {} == updated.errors
    with pytest.raises(SlackError, match="hash_conflict"):
        views.update(opened.id, VIEW, stale)
    with pytest.raises(SlackError, match="not_found"):
        views.update("V0", VIEW, None)


def test_home_is_one_for_each_person(clock: Clock) -> None:
    """Publishing again keeps the view's id, and watches the hash when one is given."""
    views = Views(clock)
    assert views.home("U1") is None
    first = views.publish("U1", {"type": "home", "blocks": []}, None)
    again = views.publish("U1", {"type": "home", "blocks": []}, first.wire["hash"])

    assert first.id == again.id
    assert again is views.home("U1") is views.find(again.id)
    with pytest.raises(SlackError, match="hash_conflict"):
        views.publish("U1", {"type": "home", "blocks": []}, first.wire["hash"])
