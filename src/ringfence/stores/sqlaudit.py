"""The audit in a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Final, final

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from ringfence.core.encoding import Part
from ringfence.core.errors import AuditError
from ringfence.guard.audit import AuditRecord, Head, Kind, Verification, chained, data_text, now_text, verify_chain
from ringfence.stores.database import Database
from ringfence.stores.tables import AUDIT, HEAD

_INSERT_RECORD: Final = insert(AUDIT)
_MOVE_HEAD: Final = (
    update(HEAD)
    .where(HEAD.c.id == 1, HEAD.c.records == bindparam("old_count"), HEAD.c.hash == bindparam("old_hash"))
    .values(records=bindparam("new_count"), hash=bindparam("new_hash"))
)
_READ_HEAD: Final = select(HEAD.c.records, HEAD.c.hash).where(HEAD.c.id == 1)
_LOCK_HEAD: Final = _READ_HEAD.with_for_update()
_NO_HEAD: Final = Head(-1, "")


@final
class SqlAudit:
    """The audit of all runs. The head is remembered, and moved only if it still is what is remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._head: Head | None = None

    def append(self, run: str, kind: Kind, data: Mapping[str, Part], *, durable: bool = False) -> AuditRecord:
        text = data_text(data)
        with self._lock:
            try:
                with self._database.writing(durable=durable) as connection:
                    record = self._append(connection, run, kind, text)
            except IntegrityError:
                self._head = None
                raise AuditError(
                    "the audit's chain has a record where none can be", code="E371", hint="run `ringfence audit verify`"
                ) from None
            except BaseException:
                self._head = None
                raise
            self._head = Head(record.number + 1, record.hash)
            return record

    def _append(self, connection: Connection, run: str, kind: str, text: str) -> AuditRecord:
        head = self._head
        if head is None or not self._move(connection, head, record := chained(head, now_text(), run, kind, text)):
            # Locked: between reading and moving it another worker of a server could move it. (SQLite has one writer.)
            head = _head(connection, _LOCK_HEAD)
            record = chained(head, now_text(), run, kind, text)
            if not self._move(connection, head, record):
                raise AuditError("the audit has no head", code="E371", hint="run `ringfence audit verify`")
        connection.execute(
            _INSERT_RECORD,
            {
                "number": record.number,
                "time": record.time,
                "run": record.run,
                "kind": record.kind,
                "data": record.data,
                "previous": record.previous,
                "hash": record.hash,
            },
        )
        return record

    def _move(self, connection: Connection, head: Head, record: AuditRecord) -> bool:
        values = {
            "old_count": head.count,
            "old_hash": head.hash,
            "new_count": record.number + 1,
            "new_hash": record.hash,
        }
        return connection.execute(_MOVE_HEAD, values).rowcount == 1

    def records(self, run: str | None = None) -> Iterator[AuditRecord]:
        with self._database.reading() as connection:
            yield from _records(connection, run)

    def head(self) -> Head:
        with self._database.reading() as connection:
            return _head(connection)

    def verify(self) -> Verification:
        with self._database.reading() as connection:
            head = _head(connection)
            if head == _NO_HEAD:
                return Verification(False, 0, None, "the head is missing")
            return verify_chain(_records(connection, None), head)


def _head(connection: Connection, query: Select[tuple[int, str]] = _READ_HEAD) -> Head:
    found = connection.execute(query).first()
    return _NO_HEAD if found is None else Head(found.records, str(found.hash))


def _records(connection: Connection, run: str | None) -> Iterator[AuditRecord]:
    query = select(AUDIT).order_by(AUDIT.c.number)
    if run is not None:
        query = query.where(AUDIT.c.run == run)
    for row in connection.execution_options(yield_per=1000).execute(query):
        number = row.number if type(row.number) is int else -1  # somebody edited it: no number is -1
        texts = (str(row.time), str(row.run), str(row.kind), str(row.data), str(row.previous), str(row.hash))
        yield AuditRecord(number, *texts)
