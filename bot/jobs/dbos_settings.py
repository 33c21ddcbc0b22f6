"""How DBOS is set up, and why so; what was measured stands in the comments.

Public parts of DBOS only. Nothing here knows jobs.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from dbos import DBOSConfig, Serializer
from sqlalchemy import URL

from bot.store.database import make_private

# DBOS resumes only what the same version began: pinned, or every release would strand what is in
# flight. A job that a later version cannot read must get a workflow of another name.
VERSION = "1"
# Fixed: DBOS resumes only what it began under the same id, and a container's host name changes.
EXECUTOR = "relaycheck"


class Json(Serializer):
    """DBOS's own default is pickle, which no other version may be able to read, and no person."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401 - whatever DBOS stores
        """Return plain values as JSON; an exception, which nobody reads back, as its text."""
        return json.dumps(data, default=repr)

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 - likewise
        """Return what JSON says."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Return the name that is stored beside each value."""
        return "json"


def dbos_config(url: URL) -> DBOSConfig:
    """Return the configuration for an engine beside the database at ``url``."""
    shared = DBOSConfig(
        name="relaycheck",
        application_version=VERSION,
        executor_id=EXECUTOR,
        serializer=Json(),
        log_level="WARNING",
    )
    if url.get_backend_name() == "sqlite":
        # Of a thousand jobs at once on SQLite, threads that wait for each other's writes made the
        # slowest take 4 to 9 s to be stored; with one connection and few threads it takes 1 s.
        return {
            **shared,
            "system_database_url": _beside(url),
            "sys_db_pool_size": 1,
            "max_executor_threads": 8,
        }
    place = url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    # DBOS is synchronous inside; more threads only make the loop wait (80 ms at 64).
    return {**shared, "system_database_url": place, "max_executor_threads": 16}


def _beside(url: URL) -> str:
    """Return the engine's own file: two writers of one SQLite file would wait for each other.

    The write-ahead log is switched on before DBOS opens the file, which does not do it.
    """
    file = f"{url.database}.jobs"
    make_private(Path(file))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # stays with the file
    return URL.create("sqlite", database=file).render_as_string()
