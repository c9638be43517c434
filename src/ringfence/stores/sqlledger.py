"""The ledger of budgets in a database.

Its one rule: whether there is room and the entry are one transaction, and transactions that enter wait for each other.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, final

from sqlalchemy import Column, Integer, String, Table, Text, and_, insert, not_, select

from ringfence.guard.budgets import Charge, room, rows
from ringfence.stores.database import Database
from ringfence.stores.tables import META, METADATA

SPENDING: Final = Table(
    "ringfence_spending",
    METADATA,
    Column("budget", String(200), primary_key=True),
    Column("run", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("token", String(32), primary_key=True),
    Column("day", String(10), nullable=False, index=True),
    Column("amount", Text, nullable=False),
)


@final
class SqlLedger:
    """What all runs of a database have spent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready = False

    def take(self, charge: Charge, most: Decimal, *, force: bool = False, dry: bool = False) -> bool:
        table = SPENDING.c
        own = and_(table.run == charge.run, table.number == charge.call)
        period = table.day >= charge.day if charge.daily else table.run == charge.run
        found = select(table.amount, table.token).where(table.budget == charge.budget, period, not_(own))
        with self._database.writing(durable=not dry) as connection:
            if not self._ready:
                SPENDING.create(connection, checkfirst=True)  # stores of earlier versions have no such table
            # On a server two transactions may read at once: they queue at this row. SQLite has one writer anyway.
            connection.execute(select(META.c.key).where(META.c.key == "version").with_for_update())
            spent = [(Decimal(row.amount), row.token) for row in connection.execute(found)]
            fits = room(charge, most, spent)
            entered = connection.execute(select(table.token).where(table.budget == charge.budget, own)).first()
            if not dry and (fits or force) and entered is None:
                made = [
                    {"budget": charge.budget, "run": charge.run, "number": charge.call, "token": token}
                    | {"day": charge.day, "amount": str(amount)}
                    for amount, token in rows(charge)
                ]
                if made:
                    connection.execute(insert(SPENDING), made)
        self._ready = True
        return fits
