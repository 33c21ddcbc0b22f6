"""Each fault on the page does what its label says."""

from __future__ import annotations

import pytest

from bot.sandbox.page.presets import PRESETS, cause
from bot.sandbox.slack import StandIn


@pytest.mark.parametrize("name", PRESETS)
async def test_every_preset_can_be_caused(name: str) -> None:
    """A preset either waits for a call, or does something at once."""
    slack = StandIn()

    cause(slack, name)

    preset = PRESETS[name]
    assert bool(preset.fault) is not bool(preset.act)
    assert [preset.fault] * bool(preset.fault) == slack.faults.waiting


def test_refused_ticket_and_revoked_tokens() -> None:
    """Refusing waits for the next ticket; revoking is undone by choosing it again."""
    slack = StandIn()

    cause(slack, "refuse")
    assert 1 == slack.state.sockets.refuse_next
    cause(slack, "revoke")
    assert slack.state.revoked
    cause(slack, "revoke")
    assert not slack.state.revoked


def test_scope_that_is_taken_away_and_given_back() -> None:
    """Without the scope nothing can be posted; choosing it again restores it."""
    slack = StandIn()
    before = slack.state.scopes

    cause(slack, "missing_scope")
    assert before - {"chat:write"} == slack.state.scopes
    cause(slack, "missing_scope")
    assert before == slack.state.scopes


def test_unknown_preset_is_an_error() -> None:
    """There is nothing to cause by another name."""
    with pytest.raises(KeyError):
        cause(StandIn(), "nonsense")
