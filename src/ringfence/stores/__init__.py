"""Where journal, audit, approvals and runs are kept: in memory, or in SQLite or PostgreSQL through SQLAlchemy Core.

Its one rule: a store that cannot write says so before anything is called. SQLAlchemy is imported only when a
database is opened.
"""

from __future__ import annotations

import os

from ringfence.stores.memory import MemoryStore
from ringfence.stores.runs import RunRecord, Runs, Store

__all__ = ["MemoryStore", "RunRecord", "Runs", "Store", "open_store"]


def open_store(place: str | os.PathLike[str] | None = None, *, busy_seconds: float = 5.0) -> Store:
    """The store at a path or a database URL; None: one that ends with the process.

    A path is a SQLite file, made with its directory if it is not there, readable by its owner alone. Another process
    that holds it is waited for `busy_seconds`. Raises AuditError (E370) if it cannot be opened.
    """
    if place is None:
        return MemoryStore()
    from ringfence.stores.database import Database
    from ringfence.stores.sql import SqlStore

    return SqlStore(Database(os.fspath(place), busy_seconds=busy_seconds))
