"""What ``relaycheck doctor`` says of a pause of the probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.pausing import examine_breaker
from bot.doctor import State
from bot.settings import Settings
from bot.store import open_database
from bot.store.reports import save_report
from tests.store.test_refusals import BLOCKED, judged
from tests.test_breaker import NOW

if TYPE_CHECKING:
    from pathlib import Path


def settings_of(url: str) -> Settings:
    """Return settings as the environment would give them."""
    return Settings(database_url=url)  # type: ignore[arg-type] # read as text


async def test_servers_that_call_us_listed(tmp_path: Path) -> None:
    """By the reports that are kept: two are no reason yet, three are a fault, with the end."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    settings = settings_of(url)
    async with open_database(url) as database:
        for number in (1, 2, 3):
            await save_report(database, judged(number, BLOCKED), team="T1")
            found = await examine_breaker(settings, NOW)
            assert found is not None
            assert (State.OK if number < 3 else State.FAULT) is found.state

    assert found is not None
    assert "no mail server is asked until 2026-11-24 18:00 UTC" in found.says
    assert "RELAYCHECK_BREAKER" == found.subject


async def test_nothing_was_ever_kept(tmp_path: Path) -> None:
    """Where there is no file yet none is made, and nothing said."""
    file = tmp_path / "none.db"

    assert await examine_breaker(settings_of(f"sqlite:///{file}"), NOW) is None
    assert not file.exists()


async def test_a_database_that_cannot_be_read(tmp_path: Path) -> None:
    """That it cannot be told is a notice, and why."""
    file = tmp_path / "broken.db"
    file.write_text("no database, and long enough to be looked at " * 100)
    found = await examine_breaker(settings_of(f"sqlite:///{file}"), NOW)

    assert found is not None
    assert State.NOTICE is found.state
    assert "broken.db cannot be used" in found.says
