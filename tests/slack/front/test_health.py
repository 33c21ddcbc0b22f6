"""What /readyz and /metrics say of each part."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import pytest
from sqlalchemy import text

from bot.model.question import Answer, AnswerStatus, Question
from bot.slack.front import health
from bot.slack.front.health import Health
from bot.slack.front.installation import Identity
from bot.store import open_database
from tests.slack.kept import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.slack.front.socket_mode import SocketMode
    from bot.store import Database

READY = {"accepting": True, "slack": True, "database": True, "resolver": True}


@dataclass
class Outside:
    """What the parts depend on."""

    status: AnswerStatus = AnswerStatus.NODATA
    stopping: bool = False
    identity: Identity = field(default_factory=lambda: Identity("T1", "https://x/", "B1", "U1"))
    slow_s: float = 0.0

    async def ask(self, question: Question) -> Answer:
        """Answer as the resolver does."""
        await asyncio.sleep(self.slow_s)
        return Answer(question=question, status=self.status)

    async def is_connected(self) -> bool:
        """Whether Slack reaches us."""
        return not self.stopping

    def health(self, database: Database, sockets: SocketMode | None = None) -> Health:
        """Return what looks at it."""
        return Health(
            identity=self.identity,
            sockets=sockets,
            database=database,
            ask=self.ask,
            is_stopping=lambda: self.stopping,
            now=lambda: NOW,
        )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return an open database, of each kind in turn."""
    async with open_database(database_url) as opened:
        yield opened


async def test_everything_is_ready(database: Database) -> None:
    """Each part has its word; that the root has no MX is an answer."""
    assert READY == await Outside().health(database).readiness()


@pytest.mark.parametrize(
    ("outside", "part"),
    [
        (Outside(stopping=True), "accepting"),
        (Outside(identity=Identity()), "slack"),
        (Outside(status=AnswerStatus.TIMEOUT), "resolver"),
        (Outside(status=AnswerStatus.UNREACHABLE), "resolver"),
    ],
)
async def test_one_part_is_not_ready(database: Database, outside: Outside, part: str) -> None:
    """It is named, and the others are as they are."""
    assert READY | {part: False} == await outside.health(database).readiness()


async def test_a_resolver_that_takes_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks does not wait with us."""
    monkeypatch.setattr(health, "LOOK_S", 0.2)

    assert READY | {"resolver": False} == await Outside(slow_s=60).health(database).readiness()


async def test_socket_mode(database: Database) -> None:
    """There it has to be connected, and over HTTP there is no such part."""
    outside = Outside()
    there = outside.health(database, outside)  # type: ignore[arg-type] # one method is used

    assert READY | {"socket_mode": True} == await there.readiness()
    outside.stopping = True
    assert not (await there.readiness())["socket_mode"]


async def test_numbers_without_a_database(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that fails is said in the log, and hides no number."""
    there = Outside().health(database)
    assert b"relaycheck_watches_due 0.0" in await there.numbers()
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE watches"))

    assert b"relaycheck_checks" in await there.numbers()
    assert "watches not counted" in caplog.text


async def test_a_database_that_does_not_answer() -> None:
    """It is not ready, and the log says why."""

    class Gone:
        """A database that was taken away."""

        def __init__(self) -> None:
            self.under_way: set[object] = set()

        def begin(self) -> NoReturn:
            """Fail as a driver does."""
            raise ConnectionRefusedError

    assert not (await Outside().health(Gone()).readiness())["database"]  # type: ignore[arg-type] # two are used
