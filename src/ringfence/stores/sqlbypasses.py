"""The bypasses in a database."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from sqlalchemy import Row, insert, select, update

from ringfence.guard.bypass import Bypass
from ringfence.guard.clock import Ticker, ticks, ticks_from
from ringfence.stores.database import Database
from ringfence.stores.rows import damaged
from ringfence.stores.tables import BYPASSES

_WHAT: Final = "bypass"


@final
class SqlBypasses:
    """The bypasses of all runs."""

    def __init__(self, database: Database, ticker: Ticker = ticks) -> None:
        self._database = database
        self._ticker = ticker

    def start(self, bypass: Bypass) -> None:
        row = {
            "id": bypass.id,
            "tool": bypass.tool,
            "reason": bypass.reason,
            "starter": bypass.by,
            "began": bypass.began.isoformat(),
            "ends": bypass.ends.isoformat(),
            "since": None if bypass.since is None else bypass.since.text(),
        }
        with self._database.writing(durable=True) as connection:
            connection.execute(insert(BYPASSES), row)

    def list(self) -> tuple[Bypass, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(BYPASSES).order_by(BYPASSES.c.began, BYPASSES.c.id)).all()
        return tuple(_bypass(row) for row in rows)

    def active(self, at: datetime) -> tuple[Bypass, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(BYPASSES).where(BYPASSES.c.stopped.is_(None))).all()
        found, now = [_bypass(row) for row in rows], self._ticker()
        for one in found:
            if not one.runs(at, now):
                self.stop(one.id, at)
        return tuple(one for one in found if one.runs(at, now))

    def stop(self, id: str, at: datetime) -> Bypass | None:
        with self._database.writing(durable=True) as connection:
            running = (BYPASSES.c.id == id, BYPASSES.c.stopped.is_(None))
            connection.execute(update(BYPASSES).where(*running).values(stopped=at.isoformat()))
            row = connection.execute(select(BYPASSES).where(BYPASSES.c.id == id)).first()
        return None if row is None else _bypass(row)


def _bypass(row: Row[tuple[object, ...]]) -> Bypass:
    try:
        began, ends = datetime.fromisoformat(str(row.began)), datetime.fromisoformat(str(row.ends))
        stopped = None if row.stopped is None else datetime.fromisoformat(str(row.stopped))
        since = None if row.since is None else ticks_from(str(row.since))
    except ValueError as problem:
        raise damaged(_WHAT) from problem
    return Bypass(str(row.id), str(row.tool), str(row.reason), str(row.starter), began, ends, since, stopped)
