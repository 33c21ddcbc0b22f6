"""What outlives a check: reports, cards and where their messages stand, watches, the audit.

SQLAlchemy Core over SQLite (one process, write-ahead log) or PostgreSQL; the schema is brought up
to date at every start. Values of the model go in and come out; a row is nobody else's business.
"""

from bot.store.database import Database, DatabaseError, DatabaseInUseError, open_database

__all__ = ["Database", "DatabaseError", "DatabaseInUseError", "open_database"]
