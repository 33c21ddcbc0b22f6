"""Reports and their verdicts; what a check under way has learnt, and where its messages stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "reports",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("domain", sa.String, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("verdict", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_started_at", "reports", ["started_at"])
    op.create_index("ix_reports_domain_started_at", "reports", ["domain", "started_at"])
    op.create_table(
        "verdicts",
        sa.Column("report_id", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("report_id", "host", name="pk_verdicts"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name="fk_verdicts_report_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_verdicts_host", "verdicts", ["host"])
    op.create_table(
        "learnt",
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "what", name="pk_learnt"),
    )
    op.create_table(
        "messages",
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("ts", sa.String),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "part", name="pk_messages"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("deed", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    for table in ("learnt", "messages", "audit"):
        op.create_index(f"ix_{table}_at", table, ["at"])
