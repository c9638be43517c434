"""Connections and transactions: one SQLAlchemy Core layer for SQLite (WAL) and PostgreSQL.

Its one rule: every failure of the database leaves here as an AuditError that says what to do, told apart by its code
and never by its text. A `durable` transaction is on the disk when it ends (SQLite: FULL); others may be lost by a
power failure, but never in part and never out of order.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final, final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ringfence.core.errors import AuditError
from ringfence.stores.tables import METADATA, SCHEMA_VERSION, add_missing, missing, read_version, write_version

_TABLES_LOCK: Final = 0x72696E67  # any number that nobody else locks

# The primary result codes of SQLite, and what a person can do about each.
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: ("another process holds it", "wait for the other process, or end it, and run again"),
    sqlite3.SQLITE_LOCKED: ("another part of this process holds it", "run again"),
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on the disk and run again"),
    sqlite3.SQLITE_READONLY: ("it can only be read", "check the permissions of the file and its directory"),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check the path, and the permissions of the file and its directory",
    ),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "keep a copy, and use another file with --store"),
    sqlite3.SQLITE_NOTADB: ("it is no SQLite database", "use another file with --store"),
    sqlite3.SQLITE_IOERR: ("the disk gave an error", "check the disk"),
    sqlite3.SQLITE_TOOBIG: ("a value is too large for it", "make the run's values smaller"),
}


@final
class Database:
    """Two connections for writing, an ordinary and a durable one, used by one thread at a time."""

    def __init__(self, place: str, *, busy_seconds: float) -> None:
        self.place = place if "://" not in place else make_url(place).render_as_string(hide_password=True)
        self._lock = RLock()
        with self._told():
            url = make_url(place) if "://" in place else make_url(f"sqlite+pysqlite:///{_prepared(place)}")
            self.sqlite = url.get_backend_name() == "sqlite"
            address = url.render_as_string(hide_password=False)
            self._engines = {
                "ordinary": self._engine(address, busy_seconds, "NORMAL", "IMMEDIATE"),
                "durable": self._engine(address, busy_seconds, "FULL", "IMMEDIATE"),
                "reading": self._engine(address, busy_seconds, "NORMAL", "DEFERRED"),
            }
            self._open: dict[str, Connection] = {}
            self._set_up()

    def _engine(self, url: str, busy_seconds: float, synchronous: str, begin: str) -> Engine:
        if not self.sqlite:
            return create_engine(url, poolclass=NullPool)
        arguments = {"timeout": busy_seconds, "check_same_thread": False}
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments)

        def on_connect(connection: DBAPIConnection, record: object) -> None:
            assert isinstance(connection, sqlite3.Connection)
            connection.isolation_level = None  # transactions are begun below, not by the driver's guess
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={synchronous}")

        def on_begin(connection: Connection) -> None:
            connection.exec_driver_sql(f"BEGIN {begin}")

        event.listen(engine, "connect", on_connect)
        event.listen(engine, "begin", on_begin)
        return engine

    def _set_up(self) -> None:
        """Make the tables if there are none. A store that has them may be opened where nothing can be written."""
        with self.reading() as connection:
            version = read_version(connection)
            grown = version == SCHEMA_VERSION and any(missing(connection))
        if version is None or grown:
            with self._changing_tables() as connection:
                version = read_version(connection)  # another process may have made them in between
                if version is None:
                    METADATA.create_all(connection)
                    write_version(connection)
                    version = SCHEMA_VERSION
                add_missing(connection)
        if version != SCHEMA_VERSION:
            raise AuditError(
                f"the store {self.place} was written by another version of Ringfence",
                hint="use another file with --store, or the version that wrote it",
            )

    @contextmanager
    def _changing_tables(self) -> Iterator[Connection]:
        """A transaction in which only one process at a time makes tables. (SQLite's writing ones are so already.)"""
        with self.writing(durable=True) as connection:
            if not self.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TABLES_LOCK})
            yield connection

    def _connection(self, kind: str) -> Connection:
        if kind not in self._open:
            self._open[kind] = self._engines[kind].connect()
        return self._open[kind]

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction. It is undone if anything is raised. IntegrityError passes through; the rest is AuditError."""
        with self._told(), self._lock:
            connection = self._connection("durable" if durable else "ordinary")
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the whole, on a connection of its own: it neither waits for writers nor stops them."""
        with self._told(), self._engines["reading"].connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError, ArgumentError, ImportError) as problem:
            raise self.failure(problem) from problem

    def failure(self, problem: Exception) -> AuditError:
        """What a failure of the database means, for a person."""
        cause = problem.orig if isinstance(problem, DBAPIError) else problem
        code = getattr(cause, "sqlite_errorcode", None)
        if isinstance(code, int) and code & 0xFF in _SQLITE:
            what, hint = _SQLITE[code & 0xFF]
        elif isinstance(cause, OSError):
            what, hint = "the system refuses it", "check the path, the permissions and the disk"
        elif isinstance(problem, (ArgumentError, ImportError)):
            what, hint = (
                "its address is not one that can be used",
                "a path, or a URL such as postgresql+psycopg://host/name",
            )
        else:
            what, hint = f"{type(cause).__name__}", "check the path, the permissions and the disk"
        return AuditError(f"the store {self.place} cannot be used: {what}", hint=hint)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._open.values():
                connection.close()
            self._open.clear()
            for engine in self._engines.values():
                engine.dispose()


def _prepared(path: str) -> str:
    """The path, its directory made, and the file readable by its owner alone: the journal holds the run's values."""
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not place.exists():
        os.close(os.open(place, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    return str(place)
