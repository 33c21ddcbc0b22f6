"""What was found before, in the time that an ack has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.deliver import Destination
from bot.slack.asking import past as module
from bot.slack.asking.past import Past
from bot.store import open_database
from tests.slack.kept import NO_DATABASE, NOW

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLACE = Destination(team="T1", channel="C1", user="U1", asked_at=NOW)


async def test_what_the_store_has(tmp_path: Path) -> None:
    """A name is verified since it was first found so, until it is not any more."""
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as database:
        past = Past(database, lambda: NOW)

        assert () == await past.sightings("example.com", PLACE)
        assert await past.no_longer_verified("T1", "example.com") is None
        assert NOW == await past.verified_since("T1", "example.com")
        assert NOW == await past.no_longer_verified("T1", "example.com")


async def test_a_store_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """It costs an answer its past, and is in the log."""
    assert await Past(NO_DATABASE, lambda: NOW).sightings("example.com", PLACE) is None
    assert "did not answer" in caplog.text


async def test_a_store_that_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody waits for it longer than an ack can."""
    monkeypatch.setattr(module, "PATIENCE_S", 0)
    async with open_database(f"sqlite:///{tmp_path}/relaycheck.db") as database:
        assert await Past(database, lambda: NOW).verified_since("T1", "example.com") is None
    assert "too slow" in caplog.text
