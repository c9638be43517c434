"""The approvals in a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, cast, final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from ringfence.core.encoding import EncodingError, canonical_json, loads
from ringfence.core.errors import ApprovalRefused
from ringfence.guard.approval import (
    LIFETIME,
    NO_EDITS,
    STATES,
    Answer,
    ApprovalRequest,
    ApprovalState,
    Stored,
    decided,
    mismatch,
    timed,
    unknown_request,
    used,
)
from ringfence.guard.audit import now_text
from ringfence.guard.clock import Ticker, Ticks, ticks, ticks_from
from ringfence.guard.preview import preview_from_json
from ringfence.stores.database import Database
from ringfence.stores.rows import damaged, number, texts
from ringfence.stores.tables import APPROVALS

_WHAT: Final = "request for an approval"


@final
class SqlApprovals:
    """The approvals of all runs."""

    def __init__(self, database: Database, ticker: Ticker = ticks) -> None:
        self._database = database
        self._ticker = ticker

    def ask(self, request: ApprovalRequest, at: datetime) -> Stored:
        if self.get(request.id) is None:
            try:
                with self._database.writing(durable=True) as connection:
                    connection.execute(insert(APPROVALS), _request_row(request, self._ticker()))
            except IntegrityError:
                pass  # another worker asked in between
        return self._timed(request.id, at)

    def get(self, id: str) -> Stored | None:
        with self._database.reading() as connection:
            row = connection.execute(select(APPROVALS).where(APPROVALS.c.id == id)).first()
        return None if row is None else _stored(row)

    def list(self, state: ApprovalState | None = None, *, run: str | None = None) -> tuple[Stored, ...]:
        query = select(APPROVALS).order_by(APPROVALS.c.created, APPROVALS.c.id)
        if state is not None:
            query = query.where(APPROVALS.c.state == state)
        if run is not None:
            query = query.where(APPROVALS.c.run == run)
        with self._database.reading() as connection:
            return tuple(_stored(row) for row in connection.execute(query))

    def decide(self, id: str, answer: Answer, at: datetime) -> Stored:
        return self._move("pending", decided(self._timed(id, at), answer, at))

    def use(self, id: str, at: datetime) -> Stored:
        return self._move("approved", used(self._timed(id, at)))

    def _timed(self, id: str, at: datetime) -> Stored:
        """The request as it stands now. That its time is over is written down, so that no clock brings it back."""
        found = self._found(id)
        after = timed(found, at, self._ticker())
        if after.state == found.state:
            return found
        try:
            return self._move(found.state, after)
        except ApprovalRefused:
            return self._found(id)  # somebody was faster

    def _found(self, id: str) -> Stored:
        found = self.get(id)
        if found is None:
            raise unknown_request()
        return found

    def _move(self, expected: ApprovalState, after: Stored) -> Stored:
        """Write the new state, if the old one is still the expected one: of two who decide, one wins."""
        values = {
            "state": after.state,
            "decider": after.by,
            "decided": None if after.decided is None else after.decided.isoformat(),
            "endorse": canonical_json([*after.endorse]),
            "reason": after.reason,
            "edits": canonical_json({**after.edits}),
        }
        with self._database.writing(durable=True) as connection:
            row = (APPROVALS.c.id == after.request.id, APPROVALS.c.state == expected)
            if connection.execute(update(APPROVALS).where(*row).values(values)).rowcount != 1:
                raise mismatch("somebody else decided or used the approval in between")
        return after


def _request_row(request: ApprovalRequest, since: Ticks) -> dict[str, object]:
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
        "lifetime": round(request.lifetime.total_seconds()),
        "since": since.text(),
    }


def _stored(row: Row[tuple[object, ...]]) -> Stored:
    try:
        preview = preview_from_json(loads(str(row.preview)))
        expires = datetime.fromisoformat(str(row.expires))
        decided_at = None if row.decided is None else datetime.fromisoformat(str(row.decided))
        since = None if row.since is None else ticks_from(str(row.since))
        edits = _edits(NO_EDITS if row.edits is None else loads(str(row.edits)))
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
        LIFETIME if row.lifetime is None else timedelta(seconds=number(row.lifetime, _WHAT)),
    )
    state = str(row.state)
    if state not in STATES or request.id != row.id:
        raise damaged(_WHAT)
    by = None if row.decider is None else str(row.decider)
    endorse = texts(str(row.endorse), _WHAT)
    reason = "" if row.reason is None else str(row.reason)
    return Stored(request, cast(ApprovalState, state), by, decided_at, endorse, reason, edits, since)


def _edits(found: object) -> Mapping[str, str]:
    if not isinstance(found, Mapping) or not all(isinstance(text, str) for text in found.values()):
        raise TypeError("edits are texts by name")
    return MappingProxyType({**found}) if found else NO_EDITS
