"""Cards that can be acted upon after a restart, when proof was sent, and who did what where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; the audit so far was never written to, so it is made anew."""
    op.create_table(
        "cards",
        sa.Column("handle", sa.String, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("previous_id", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("claimed_by", sa.String, nullable=False),
        sa.Column("job", sa.String, nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("handle", name="pk_cards"),
    )
    op.create_index("ix_cards_run_id", "cards", ["run_id"])
    op.create_index("ix_cards_begun_at", "cards", ["begun_at"])
    op.create_index("ix_cards_team_person", "cards", ["team", "person"])
    op.create_index("ix_cards_team_begun_at", "cards", ["team", "begun_at"])
    op.create_table(
        "proofs",
        sa.Column("ip", sa.String, nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("ip", "port", name="pk_proofs"),
    )
    op.create_index("ix_proofs_at", "proofs", ["at"])
    op.drop_table("audit")
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("domain", sa.String, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
