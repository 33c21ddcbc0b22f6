"""What outlives a check: reports, verdicts, where messages stand, what was already learnt.

SQLAlchemy Core over SQLite (one process, write-ahead log) or PostgreSQL; the schema is brought up
to date at every start. Values of the model go in and come out; a row is nobody else's business.
"""

from bot.store.database import Database, DatabaseError, DatabaseInUseError, open_database

__all__ = ["Database", "DatabaseError", "DatabaseInUseError", "open_database"]
