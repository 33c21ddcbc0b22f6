"""What Alembic runs for each command; the connection is handed in (``upgrade``)."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters little in place: Alembic then makes the table anew, with its rows.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
