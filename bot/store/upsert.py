"""INSERT … ON CONFLICT DO UPDATE, which SQLAlchemy spells for each database on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
    from sqlalchemy.ext.asyncio import AsyncConnection


def upsert(
    connection: AsyncConnection, table: Table, *, only: ColumnElement[bool] | None = None
) -> SqliteInsert | PostgresqlInsert:
    """Return a statement that inserts rows, or replaces those with the same primary key.

    Args:
        connection: The connection that will execute it.
        table: Where to.
        only: What must hold of a row for it to be replaced.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    statement = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    keys = list(table.primary_key.columns)
    others = {
        column.name: statement.excluded[column.name] for column in table.c if column not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=others, where=only)
