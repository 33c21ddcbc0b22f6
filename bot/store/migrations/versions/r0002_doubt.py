"""Whether a message may stand twice, since the answer to an earlier post was not heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; of the messages so far none is known to."""
    column = sa.Column("doubtful", sa.Boolean, nullable=False, server_default=sa.false())
    with op.batch_alter_table("messages") as messages:
        messages.add_column(column)
