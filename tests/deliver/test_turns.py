"""Tests of the turns in which messages are posted into one channel."""

import pytest

from bot.deliver.turns import Turns

GAP_S = 1.0


def test_nobody_holds_back_before_slack_said_no() -> None:
    """A channel that took everything so far is open to everybody at once."""
    turns = Turns()
    turns.take("C1", 10.0, GAP_S)
    turns.is_silent("C1", 1, silent=True)

    assert 0.0 == turns.due("C1", 2, GAP_S)


def test_after_a_refusal_everybody_stays_away_and_keeps_their_distance() -> None:
    """What Slack asks of one holds for all in that channel, and for none in another."""
    turns = Turns()
    turns.refused("C1", 10.0, 5.0)
    assert [15.0, 15.0, 0.0] == [
        turns.due(*where, GAP_S) for where in (("C1", 1), ("C1", 2), ("C2", 1))
    ]

    turns.take("C1", 15.0, GAP_S)
    assert 16.0 == turns.due("C1", 2, GAP_S)


def test_distance_is_given_up_after_a_quiet_minute() -> None:
    """As long as there are posts they keep their distance; after a quiet minute bursts may be."""
    turns = Turns()
    turns.refused("C1", 10.0, 5.0)
    turns.take("C1", 70.0, GAP_S)
    turns.take("C1", 120.0, GAP_S)
    assert 121.0 == turns.due("C1", 1, GAP_S)

    turns.take("C1", 182.0, GAP_S)
    assert 121.0 == turns.due("C1", 1, GAP_S)


def test_a_first_word_goes_before_further_ones() -> None:
    """Who has said nothing yet is let go first; between two of them nobody yields."""
    turns = Turns()
    turns.refused("C1", 10.0, 5.0)
    for newcomer in (7, 8):
        turns.is_silent("C1", newcomer, silent=True)
    assert [16.0, 15.0, 15.0] == [turns.due("C1", who, GAP_S) for who in (1, 7, 8)]

    for newcomer in (7, 8):
        turns.is_silent("C1", newcomer, silent=False)
    assert 15.0 == turns.due("C1", 1, GAP_S)


@pytest.mark.parametrize("silent", [True, False])
def test_memory_is_bounded(silent: bool) -> None:
    """Of thousands of channels the old ones are forgotten, except where somebody waits."""
    turns = Turns()
    turns.refused("C0", 10.0, 5.0)
    turns.is_silent("C0", 1, silent=silent)
    for number in range(1, 3000):
        turns.due(f"C{number}", 1, GAP_S)

    assert (15.0 if silent else 0.0) == turns.due("C0", 1, GAP_S)
    assert 1001 >= len(turns._channels)
