"""Watches: which domain is looked at how often, for whom, and what is held of its hosts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "watches",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("domain", sa.String, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("paused", sa.String, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        sa.UniqueConstraint("team", "channel", "domain", name="uq_watches_team_channel_domain"),
    )
    op.create_index("ix_watches_due_at", "watches", ["due_at"])
