"""What tests of several folders share: databases, mail hosts, how often a property is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

import tests.fuzzing  # noqa: F401 - registers the profile before Hypothesis looks for it
from bot.sandbox.hosts import SampleHosts, sample_hosts
from tests.servers.postgresql import PostgreSql, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep every test, and every process that it starts, out of the state of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgresql() -> AsyncIterator[PostgreSql]:
    """Run one PostgreSQL for all tests."""
    async with serve() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/relaycheck.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.fixture
async def hosts() -> AsyncIterator[SampleHosts]:
    """Run the sample mail hosts; where they relay to, nobody stands."""
    async with sample_hosts(with_canary=False) as running:
        yield running
