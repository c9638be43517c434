"""The tables. Texts are JSON where a column holds more than one thing."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, Text, inspect, text

SCHEMA_VERSION: Final = "1"
METADATA: Final = MetaData()

META: Final = Table("ringfence_meta", METADATA, Column("key", String(64), primary_key=True), Column("value", Text))

RUNS: Final = Table(
    "ringfence_runs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("plan", Text),
    Column("plan_hash", String(64)),
    Column("given", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("outcome", String(16)),
    Column("created", String(40), nullable=False),
    Column("updated", String(40), nullable=False),
)

JOURNAL: Final = Table(
    "ringfence_journal",
    METADATA,
    Column("run", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("site", Integer, nullable=False),
    Column("tool", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("pc", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("rules", Text, nullable=False),
    Column("endorsed", Text, nullable=False),
    Column("result", Text),
    Column("edited", Text),
)

AUDIT: Final = Table(
    "ringfence_audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", String(40), nullable=False),
    Column("run", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ringfence_audit_run", "run"),
)

HEAD: Final = Table(
    "ringfence_audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("records", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

APPROVALS: Final = Table(
    "ringfence_approvals",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("tool", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rules", Text, nullable=False),
    Column("preview", Text, nullable=False),
    Column("endorsable", Text, nullable=False),
    Column("expires", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decider", Text),
    Column("decided", String(40)),
    Column("endorse", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("lifetime", Integer),  # in seconds
    Column("reason", Text),
    Column("edits", Text),
    Column("since", String(80)),
    Index("ringfence_approvals_run", "run"),
)

BYPASSES: Final = Table(
    "ringfence_bypasses",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tool", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("starter", Text, nullable=False),
    Column("began", String(40), nullable=False),
    Column("ends", String(40), nullable=False),
    Column("since", String(80)),
    Column("stopped", String(40)),
)


def read_version(connection: Connection) -> str | None:
    """The version of the tables; None if there are none."""
    if not inspect(connection).has_table(META.name):
        return None
    found = connection.execute(META.select().where(META.c.key == "version")).first()
    return None if found is None else str(found.value)


def missing(connection: Connection) -> tuple[list[Table], list[Column[Any]]]:
    """The tables and columns that this version has beyond those of a store that an earlier one wrote."""
    found = inspect(connection)
    there = {name: {str(column["name"]) for column in found.get_columns(name)} for name in found.get_table_names()}
    tables = [table for table in METADATA.sorted_tables if table.name not in there]
    kept = [table for table in METADATA.sorted_tables if table.name in there]
    return tables, [column for table in kept for column in table.columns if column.name not in there[table.name]]


def add_missing(connection: Connection) -> None:
    """Add them. Columns that came later may be empty, so nothing that is there changes its meaning."""
    tables, columns = missing(connection)
    METADATA.create_all(connection, tables=tables)
    for column in columns:
        kind = column.type.compile(connection.dialect)
        name = connection.dialect.identifier_preparer.quote(column.name)
        connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {name} {kind}"))


def write_version(connection: Connection) -> None:
    """Note the version, and begin the audit's chain."""
    from ringfence.guard.audit import START

    connection.execute(META.insert().values(key="version", value=SCHEMA_VERSION))
    connection.execute(HEAD.insert().values(id=1, records=0, hash=START))
