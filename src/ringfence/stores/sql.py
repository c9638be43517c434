"""Journal, audit, approvals and runs in a database.

Its one rule: what the guard relies on is decided by the database (a key that is there already, a row that was in the
expected state), not by what this process believes; so two workers never make the same write.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Final, Self, cast, final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from ringfence.core.encoding import canonical_json
from ringfence.core.errors import AuditError
from ringfence.guard.approval import Approvals
from ringfence.guard.audit import Audit, now_text
from ringfence.guard.budgets import Ledger
from ringfence.guard.bypass import Bypasses
from ringfence.guard.journal import Entry, Journal, State, interrupted
from ringfence.stores.database import Database
from ringfence.stores.rows import damaged, number, texts
from ringfence.stores.runs import RunRecord, Runs
from ringfence.stores.sqlapprovals import SqlApprovals
from ringfence.stores.sqlaudit import SqlAudit
from ringfence.stores.sqlbypasses import SqlBypasses
from ringfence.stores.sqlledger import SqlLedger
from ringfence.stores.tables import JOURNAL, RUNS


@final
class SqlStore:
    """A store in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._audit = SqlAudit(database)

    def journal(self, run: str) -> Journal:
        return SqlJournal(self._database, run)

    def audit(self) -> Audit:
        return self._audit

    def approvals(self) -> Approvals:
        return SqlApprovals(self._database)

    def bypasses(self) -> Bypasses:
        return SqlBypasses(self._database)

    def runs(self) -> Runs:
        return SqlRuns(self._database)

    def ledger(self) -> Ledger:
        return SqlLedger(self._database)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


# Journal

_INSERT_ENTRY: Final = insert(JOURNAL)
_FINISH_ENTRY: Final = (
    update(JOURNAL)
    .where(
        JOURNAL.c.run == bindparam("of_run"), JOURNAL.c.number == bindparam("of_number"), JOURNAL.c.state == "started"
    )
    .values(state=bindparam("new_state"), result=bindparam("new_result"))
)


@final
class SqlJournal:
    """The journal of one run. Read once, when it is opened; the database refuses what another worker did since."""

    def __init__(self, database: Database, run: str) -> None:
        self._database = database
        self._run = run
        self._lock = Lock()
        with database.reading() as connection:
            rows = connection.execute(select(JOURNAL).where(JOURNAL.c.run == run)).all()
        self._entries = {entry.index: entry for entry in map(_entry, rows)}

    def find(self, index: int) -> Entry | None:
        return self._entries.get(index)

    def start(self, entry: Entry) -> None:
        try:
            with self._database.writing(durable=True) as connection:
                connection.execute(_INSERT_ENTRY, self._row(entry))
        except IntegrityError:
            raise interrupted(entry.tool) from None
        with self._lock:
            self._entries[entry.index] = entry

    def finish(self, entry: Entry) -> None:
        found = self._entries.get(entry.index)
        try:
            with self._database.writing() as connection:
                if found is None:
                    connection.execute(_INSERT_ENTRY, self._row(entry))
                else:
                    self._update(connection, entry)
        except IntegrityError:
            raise _twice() from None
        with self._lock:
            self._entries[entry.index] = entry

    def _update(self, connection: Connection, entry: Entry) -> None:
        values = {"of_run": self._run, "of_number": entry.index, "new_state": entry.state, "new_result": entry.result}
        if connection.execute(_FINISH_ENTRY, values).rowcount != 1:
            raise _twice()

    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries[index] for index in sorted(self._entries))

    def _row(self, entry: Entry) -> dict[str, object]:
        return {
            "run": self._run,
            "number": entry.index,
            "site": entry.site,
            "tool": entry.tool,
            "digest": entry.digest,
            "pc": entry.pc,
            "state": entry.state,
            "verdict": entry.verdict,
            "rules": canonical_json([*entry.rules]),
            "endorsed": canonical_json([*entry.endorsed]),
            "result": entry.result,
            "edited": canonical_json([*entry.edited]),
        }


def _twice() -> AuditError:
    return AuditError("a call was finished twice, perhaps by another worker", code="E352", hint="start a new run")


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    state = str(row.state)
    if state not in ("started", "done", "failed"):
        raise damaged("journal")
    return Entry(
        number(row.number, "journal"),
        number(row.site, "journal"),
        str(row.tool),
        str(row.digest),
        str(row.pc),
        cast(State, state),
        str(row.verdict),
        texts(str(row.rules), "journal"),
        texts(str(row.endorsed), "journal"),
        None if row.result is None else str(row.result),
        () if row.edited is None else texts(str(row.edited), "journal"),
    )


# Runs


@final
class SqlRuns:
    """The runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, run: RunRecord) -> RunRecord:
        now = now_text()
        with self._database.writing(durable=True) as connection:
            before = connection.execute(select(RUNS.c.created).where(RUNS.c.id == run.id)).first()
            stamped = replace(run, created=now if before is None else str(before.created), updated=now)
            row = {name: getattr(stamped, name) for name in (column.name for column in RUNS.columns)}
            if before is None:
                connection.execute(insert(RUNS), row)
            else:
                connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(row))
        return stamped

    def get(self, id: str) -> RunRecord | None:
        with self._database.reading() as connection:
            row = connection.execute(select(RUNS).where(RUNS.c.id == id)).first()
        return None if row is None else _run(row)

    def list(self, outcome: str | None = None, *, limit: int = 100) -> tuple[RunRecord, ...]:
        query = select(RUNS).order_by(RUNS.c.created.desc(), RUNS.c.id).limit(limit)
        if outcome is not None:
            query = query.where(RUNS.c.outcome == outcome)
        with self._database.reading() as connection:
            return tuple(_run(row) for row in connection.execute(query))


def _run(row: Row[tuple[object, ...]]) -> RunRecord:
    return RunRecord(**row._mapping)
