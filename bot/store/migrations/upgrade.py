"""Running the migrations over a connection that is open already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEWEST = "head"


def upgrade(connection: Connection, revision: str = NEWEST) -> None:
    """Bring the schema up to a revision, inside the caller's transaction; there already: nothing.

    Raises:
        alembic.util.CommandError: The database was made by a newer version of relaycheck.
    """
    config = Config()
    # A percent sign in a path would be read as an interpolation.
    folder = str(Path(__file__).parent).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
