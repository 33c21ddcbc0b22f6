"""Tests of opening and migrating the database."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot import metrics
from bot.store import DatabaseError, DatabaseInUseError, open_database
from bot.store.codec import REPORT
from bot.store.database import touch
from bot.store.learnt import learn, recall
from bot.store.messages import Place, places
from bot.store.migrations.upgrade import upgrade
from bot.store.reports import SeenBy, latest_report, load_report, sightings
from bot.store.tables import learnt, metadata, reports, verdicts
from tests.render.samples import open_postfix

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Executable

    from bot.store import Database

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)


async def cut_off(database: Database, statement: Executable) -> None:
    """Execute a statement in a transaction that then fails."""
    with contextlib.suppress(ZeroDivisionError):
        async with database.begin() as connection:
            await connection.execute(statement)
            raise ZeroDivisionError


def differences(connection: Connection) -> list[object]:
    """Return how the tables of a database differ from those that the code uses."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_an_empty_database_is_made_ready(database_url: str) -> None:
    """The migrations make exactly the tables that the code uses."""
    async with open_database(database_url) as database, database.begin() as connection:
        assert [] == await connection.run_sync(differences)


async def test_a_filled_database_keeps_what_it_holds(database_url: str) -> None:
    """Opening it again migrates nothing away."""
    row = {"run_id": "r", "what": "w", "at": NOW, "packed": b"1"}
    async with open_database(database_url) as database, database.begin() as connection:
        await connection.execute(insert(learnt), row)
    async with open_database(database_url) as database, database.begin() as connection:
        kept = (await connection.execute(select(learnt))).one()

    assert row == kept._asdict()


# What the first version kept, table by table.
OF_THE_FIRST = {
    "messages": "(run_id, part, channel, ts, at) VALUES ('r', '', 'C1', '1.2', :at)",
    "learnt": "(run_id, what, at, packed) VALUES ('r', 'dns MX', :at, :packed)",
    "reports": "(id, team, domain, started_at, verdict, reason, packed) VALUES "
    "(:id, 'T1', 'example.com', :at, 'likely_open', 'foreign_accepted', :packed)",
    "verdicts": "(report_id, host, position, verdict, reason) VALUES "
    "(:id, 'mx1.example.com', 0, 'likely_open', 'foreign_accepted')",
}


async def test_a_database_of_an_older_version_is_brought_up_to_date(database_url: str) -> None:
    """What the first version wrote is there after the upgrade, with defaults for what is new."""
    report = open_postfix()
    row = {"id": report.id, "at": NOW, "packed": REPORT.pack(report)}
    async with open_database(database_url) as database, database.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(lambda synchronous: upgrade(synchronous, "0001"))
        for table, values in OF_THE_FIRST.items():
            statement = text(f"INSERT INTO {table} {values}")
            times = [bindparam("at", type_=learnt.c.at.type)] if ":at" in values else []
            await connection.execute(statement.bindparams(*times), row)
    async with open_database(database_url) as database:
        assert {"": Place(channel="C1", ts="1.2")} == await places(database, "r")
        assert {"dns MX": row["packed"]} == await recall(database, "r", since=NOW)
        assert report == await load_report(database, report.id)
        assert report == await latest_report(database, "example.com", team="T1")
        # Nobody wrote down where it was seen: it is shown to the operator alone.
        channel = SeenBy(team="T1", channel="C1", person="U1")
        assert () == await sightings(database, "example.com", seen_by=channel)
        (seen,) = await sightings(database, "example.com")
        assert ["mx1.example.com"] == list(seen.hosts)
        async with database.begin() as connection:
            assert [] == await connection.run_sync(differences)


async def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """A schema that this version does not know is left alone, and said."""
    async with open_database(database_url) as database, database.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'of tomorrow'"))

    with pytest.raises(DatabaseError, match="of tomorrow"):
        async with open_database(database_url):
            pytest.fail("it was opened")


async def test_a_transaction_that_fails_leaves_nothing(database_url: str) -> None:
    """What a block wrote before it raised is rolled back."""
    async with open_database(database_url) as database:
        await cut_off(database, insert(learnt).values(run_id="r", what="w", at=NOW, packed=b""))
        async with database.begin() as connection:
            assert [] == (await connection.execute(select(learnt))).all()


async def test_what_was_begun_comes_to_its_end(database_url: str) -> None:
    """Whoever waits for a transaction may be cancelled: it is done, even while all is closed."""
    async with open_database(database_url) as database:
        async with database.begin() as connection:
            await connection.execute(
                insert(learnt).values(run_id="r0", what="", at=NOW, packed=b"")
            )
            writing = asyncio.create_task(learn(database, "r1", {"a": b"1"}, now=NOW))
            await asyncio.sleep(0)
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
        closing = asyncio.create_task(learn(database, "r1", {"b": b"2"}, now=NOW))
        await asyncio.sleep(0)
        closing.cancel()
    async with open_database(database_url) as database:
        assert {"a": b"1", "b": b"2"} == await recall(database, "r1", since=NOW)


async def test_a_migration_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    """SQLite's DDL is inside the transaction too, which its driver does not do by itself."""
    url = f"sqlite:///{tmp_path}/relaycheck.db"
    async with open_database(url) as database:
        await cut_off(database, text("CREATE TABLE half_done (id INTEGER)"))
        async with database.begin() as connection:
            found = await connection.execute(
                text("SELECT name FROM sqlite_master WHERE name = 'half_done'")
            )
            assert [] == found.all()


async def test_rows_that_hang_in_the_air_are_refused(database_url: str) -> None:
    """SQLite, too, checks references."""
    row = {
        "report_id": "nowhere",
        "host": "mx",
        "position": 0,
        "verdict": "closed",
        "reason": "relay_denied",
    }
    async with open_database(database_url) as database:
        with pytest.raises(IntegrityError):
            async with database.begin() as connection:
                await connection.execute(insert(verdicts), row)


async def test_a_time_without_zone_is_a_fault_of_ours(database_url: str) -> None:
    """No local time ever gets into the database."""
    row = {
        "id": "r",
        "team": "",
        "domain": "example.com",
        "started_at": datetime(2026, 11, 24, 12, 3),  # noqa: DTZ001 - the fault
        "packed": b"",
    }
    async with open_database(database_url) as database:
        with pytest.raises(Exception, match="without its zone"):
            async with database.begin() as connection:
                await connection.execute(insert(reports), row)


async def test_a_database_has_one_owner(database_url: str) -> None:
    """A second process that would write is told who is there and what to do."""
    async with open_database(database_url):
        with pytest.raises(DatabaseInUseError, match="is in use by another"):
            async with open_database(database_url):
                pytest.fail("it was opened twice")
    async with open_database(database_url):
        pass


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://u:hunter2@127.0.0.1:1/d", "connection to server .* failed"),
        ("sqlite:////dev/null/relaycheck.db", "File exists: '/dev/null'"),
        ("sqlite:///{folder}/notes.txt", "file is not a database"),
    ],
)
async def test_a_database_that_cannot_be_used_is_said(tmp_path: Path, url: str, why: str) -> None:
    """What is wrong is one sentence, with what to do and without a password."""
    (tmp_path / "notes.txt").write_text("no database at all, but long enough to be one")
    with pytest.raises(DatabaseError, match=f"{why}.*RELAYCHECK_DATABASE_URL") as error:
        async with open_database(url.format(folder=tmp_path)):
            pytest.fail("it was opened")

    assert "hunter2" not in str(error.value)
    assert "\n" not in str(error.value)


async def test_a_successor_waits_for_the_owner_to_end(database_url: str) -> None:
    """With patience, a process that is started while the last one stops takes over from it."""
    opened = asyncio.Event()

    async def succeed() -> None:
        async with open_database(database_url, patience_s=10):
            opened.set()

    async with open_database(database_url):
        successor = asyncio.create_task(succeed())
        await asyncio.sleep(0.3)
        assert not opened.is_set()
    await successor
    assert opened.is_set()


async def test_a_reader_may_come_beside_the_owner(database_url: str) -> None:
    """Reading needs no ownership; alone, a reader migrates as the owner would."""
    for owner in (False, True):
        async with (
            # A server takes a moment to let go of what a closed connection held.
            open_database(database_url, owner=owner, patience_s=10),
            open_database(database_url, owner=False) as database,
            database.begin() as connection,
        ):
            assert [] == (await connection.execute(select(reports))).all()


async def test_the_sqlite_file_is_its_users_alone(tmp_path: Path) -> None:
    """Reports and response_urls are nobody else's to read; the log is written ahead."""
    file = tmp_path / "folder" / "relaycheck.db"
    async with open_database(f"sqlite:///{file}") as database, database.begin() as connection:
        mode = await connection.scalar(text("PRAGMA journal_mode"))

    assert "wal" == mode
    assert 0o700 == stat.S_IMODE(file.parent.stat().st_mode)
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


async def test_the_url_of_a_database_names_no_driver(database_url: str) -> None:
    """Whoever else connects (the engine of the jobs) chooses a driver of its own."""
    with_driver = database_url.replace("://", "+some_driver://", 1)
    async with open_database(with_driver) as database:
        assert database_url == database.url.render_as_string(hide_password=False)


async def fail(database: Database) -> None:
    """Ask what no database knows."""
    async with database.begin() as connection:
        await connection.execute(text("SELECT nonsense"))


async def test_transactions_are_timed(database: Database) -> None:
    """Those that fail as well; a touch is one, and changes nothing."""
    name = "relaycheck_database_seconds_count"
    before = metrics.REGISTRY.get_sample_value(name) or 0
    await touch(database)
    with pytest.raises(SQLAlchemyError):
        await fail(database)

    assert before + 2 == metrics.REGISTRY.get_sample_value(name)
