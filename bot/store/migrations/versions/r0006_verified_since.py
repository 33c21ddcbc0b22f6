"""Who asked for a report, and since when a name is verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the table; who asked for older reports is not known."""
    op.add_column("reports", sa.Column("person", sa.String))
    op.create_table(
        "verifications",
        sa.Column("team", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team", "name", name="pk_verifications"),
    )
