"""The tables, as the code of this version uses them; ``migrations`` makes them so.

Times are aware and in UTC on either database. What a query never looks into is one packed column
(``codec``), so a new field of the model needs no migration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    false,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite has no zones, so it is stored there without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; a time without zone is a fault of ours."""
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        del dialect
        is_naive = value is not None and value.tzinfo is None
        return value and (value.replace(tzinfo=UTC) if is_naive else value.astimezone(UTC))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A finished check; ``id`` is the id of its run, ``team`` the workspace that asked.
reports = Table(
    "reports",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("channel", String),  # where everybody could see it; NULL: nowhere, or not known
    Column("person", String),  # who asked; NULL: not known, or nobody in Slack
    Column("started_at", UtcTime, nullable=False, index=True),
    Column("verdict", String),
    Column("reason", String),
    Column("packed", LargeBinary, nullable=False),
    Index(None, "domain", "started_at"),
)

# What a report says of each MX host, in the report's order.
verdicts = Table(
    "verdicts",
    metadata,
    Column("report_id", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    Column("host", String, primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", String, nullable=False),
)

# What a check under way has learnt, so that it goes on after a restart instead of asking again.
learnt = Table(
    "learnt",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("what", String, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("packed", LargeBinary, nullable=False),
)

# Where a check's messages stand. ``ts`` null: about to be posted when the process was last alive.
# ``doubtful``: posted once more after such an end, so it may stand twice.
messages = Table(
    "messages",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("part", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("ts", String),
    Column("at", UtcTime, nullable=False, index=True),
    Column("doubtful", Boolean, nullable=False, server_default=false()),
)

# Which domain is looked at again and again, for whom; ``paused`` says why it rests.
watches = Table(
    "watches",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("shown", String, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("paused", String, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    UniqueConstraint("team", "channel", "domain"),
)

# The cards of checks in Slack, by the handle that their buttons carry. ``run_id`` is the latest
# check that filled it: its report, and where its messages stand, are found by that; it is compared
# with the report of ``previous_id``. ``ended_at`` null: that check is under way. ``job`` and
# ``lines`` are the caller's own text and small print.
cards = Table(
    "cards",
    metadata,
    Column("handle", String, primary_key=True),
    Column("run_id", String, nullable=False, index=True),
    Column("previous_id", String, nullable=False),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("person", String, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("shown", String, nullable=False),
    Column("begun_at", UtcTime, nullable=False, index=True),
    Column("ended_at", UtcTime),
    Column("claimed_by", String, nullable=False),
    Column("job", String, nullable=False),
    Column("lines", JSON, nullable=False),
    Index(None, "team", "person"),
    Index(None, "team", "begun_at"),
)

# When an endpoint was last sent proof messages.
proofs = Table(
    "proofs",
    metadata,
    Column("ip", String, primary_key=True),
    Column("port", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
)

# Since when DNS says that a name is a workspace's own, as far as it was asked.
verifications = Table(
    "verifications",
    metadata,
    Column("team", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("since", UtcTime, nullable=False),
)

# Who did what, for whoever has to find out later.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("person", String, nullable=False),
    Column("act", String, nullable=False),
    Column("what", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("run_id", String, nullable=False),
    Column("outcome", String, nullable=False),
)
