"""The approvals in a database."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast, final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from ringfence.core.encoding import EncodingError, canonical_json, loads
from ringfence.guard.approval import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    Rejection,
    Stored,
    decided,
    mismatch,
    unknown_request,
    used,
)
from ringfence.guard.audit import now_text
from ringfence.guard.preview import preview_from_json
from ringfence.stores.database import Database
from ringfence.stores.rows import damaged, number, texts
from ringfence.stores.tables import APPROVALS

_WHAT: Final = "request for an approval"


@final
class SqlApprovals:
    """The approvals of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, request: ApprovalRequest) -> Stored:
        found = self.get(request.id)
        if found is not None:
            return found
        try:
            with self._database.writing(durable=True) as connection:
                connection.execute(insert(APPROVALS), _request_row(request))
        except IntegrityError:
            pass  # another worker asked in between
        return self._found(request.id)

    def get(self, id: str) -> Stored | None:
        with self._database.reading() as connection:
            row = connection.execute(select(APPROVALS).where(APPROVALS.c.id == id)).first()
        return None if row is None else _stored(row)

    def list(self, state: ApprovalState | None = None) -> tuple[Stored, ...]:
        query = select(APPROVALS).order_by(APPROVALS.c.created, APPROVALS.c.id)
        if state is not None:
            query = query.where(APPROVALS.c.state == state)
        with self._database.reading() as connection:
            return tuple(_stored(row) for row in connection.execute(query))

    def decide(self, id: str, answer: Approval | Rejection, at: datetime) -> Stored:
        return self._move(id, "pending", decided(self._found(id), answer, at))

    def use(self, id: str, at: datetime) -> Stored:
        return self._move(id, "approved", used(self._found(id), at))

    def _found(self, id: str) -> Stored:
        found = self.get(id)
        if found is None:
            raise unknown_request()
        return found

    def _move(self, id: str, expected: ApprovalState, after: Stored) -> Stored:
        values = {
            "state": after.state,
            "decider": after.by,
            "decided": None if after.decided is None else after.decided.isoformat(),
            "endorse": canonical_json([*after.endorse]),
        }
        with self._database.writing(durable=True) as connection:
            moved = update(APPROVALS).where(APPROVALS.c.id == id, APPROVALS.c.state == expected).values(values)
            if connection.execute(moved).rowcount != 1:
                raise mismatch("somebody else decided or used the approval in between")
        return after


def _request_row(request: ApprovalRequest) -> dict[str, object]:
    return {
        "id": request.id,
        "run": request.run,
        "plan_hash": request.plan_hash,
        "number": request.index,
        "tool": request.tool,
        "digest": request.digest,
        "rules": canonical_json([*request.rules]),
        "preview": canonical_json(request.preview.to_json()),
        "endorsable": canonical_json([*request.endorsable]),
        "expires": request.expires.isoformat(),
        "state": "pending",
        "endorse": "[]",
        "created": now_text(),
    }


def _stored(row: Row[tuple[object, ...]]) -> Stored:
    try:
        preview = preview_from_json(loads(str(row.preview)))
        expires = datetime.fromisoformat(str(row.expires))
        decided_at = None if row.decided is None else datetime.fromisoformat(str(row.decided))
    except (EncodingError, KeyError, TypeError, ValueError) as problem:
        raise damaged(_WHAT) from problem
    request = ApprovalRequest(
        str(row.run),
        str(row.plan_hash),
        number(row.number, _WHAT),
        str(row.tool),
        str(row.digest),
        texts(str(row.rules), _WHAT),
        preview,
        expires,
        texts(str(row.endorsable), _WHAT),
    )
    state = str(row.state)
    if state not in ("pending", "approved", "rejected", "used") or request.id != row.id:
        raise damaged(_WHAT)
    by = None if row.decider is None else str(row.decider)
    endorse = texts(str(row.endorse), _WHAT)
    return Stored(request, cast(ApprovalState, state), by, decided_at, endorse)
