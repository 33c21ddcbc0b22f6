"""Where a report was shown: what a later card may compare with there; unknown for older ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    op.add_column("reports", sa.Column("channel", sa.String))
