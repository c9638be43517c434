"""A shop's database, with as little privilege as each tool needs; charts; and the web.

SQLite asks an authorizer about every table, column and function that a statement would touch, when it is prepared. What
is not on a list here is refused, whoever wrote the statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from ringfence import Tool, Trusted, labels, tool
from ringfence.bench.cases.hosts import web_of
from ringfence.connectors.rooted import Root
from ringfence.connectors.web.tools import web_tools

Cell = str | int | float | None
Topic = Literal["delivery", "quality", "praise", "other"]
FUNCTIONS = {"sum", "count", "avg", "min", "max", "round", "lower", "substr", "group_concat", "like"}
READABLE = {"orders": {"id", "customer", "day", "product", "amount"}, "customers": {"id", "name", "email"}}
READABLE |= {"tickets": {"id", "customer", "text", "state", "topic"}, "replies": {"id", "ticket", "text"}}
CHANGEABLE = {("tickets", "state")}
BY_CUSTOMERS = {("tickets", "text"), ("customers", "name"), ("customers", "email")}  # columns that they fill in
MOST_ROWS, MOST_STEPS = 1_000, 2_000


def may_read(action: int, table: str | None, column: str | None, *_: object) -> int:
    """The authorizer of `query`: reading the columns above with the functions above."""
    allowed = {
        sqlite3.SQLITE_SELECT: True,
        sqlite3.SQLITE_READ: not column or column in READABLE.get(table or "", ()),
        sqlite3.SQLITE_FUNCTION: column in FUNCTIONS,
    }
    return sqlite3.SQLITE_OK if allowed.get(action, False) else sqlite3.SQLITE_DENY


def may_change(action: int, table: str | None, column: str | None, *rest: object) -> int:
    """The authorizer of `change`: the state of tickets, and new replies."""
    changes = action == sqlite3.SQLITE_UPDATE and (table, column) in CHANGEABLE
    adds = action == sqlite3.SQLITE_INSERT and table == "replies"
    known = changes or adds or action == sqlite3.SQLITE_TRANSACTION
    return sqlite3.SQLITE_OK if known else may_read(action, table, column, *rest)


@contextmanager
def opened(path: Path, mode: str, may: Callable[..., int]) -> Iterator[sqlite3.Connection]:
    """The database, with an authorizer and a bound on work."""
    with closing(sqlite3.connect(f"file:{path}?mode={mode}", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        connection.set_authorizer(may)
        connection.set_progress_handler(iter([False] * MOST_STEPS).__next__, 1_000)
        yield connection


def written_by(path: Path, sql: str, params: Sequence[Cell]) -> str:
    """Who wrote what a statement reads: "customers" if it touches a column that they fill in, else "shop"."""
    touched = set[tuple[str | None, str | None]]()

    def note(action: int, table: str | None, column: str | None, *rest: object) -> int:
        if action == sqlite3.SQLITE_READ:
            touched.add((table, column))
        return may_read(action, table, column, *rest)

    with opened(path, "ro", note) as connection:
        connection.execute(f"EXPLAIN {sql}", params)
    return "customers" if touched & BY_CUSTOMERS else "shop"


@contextmanager
def tools(folder: Path) -> Iterator[list[Tool]]:
    """The tools over `shop.db` and `charts/` in the folder."""
    path = folder / "shop.db"

    def author(row: object, *, arguments: dict[str, Any]) -> str:
        return written_by(path, str(arguments["sql"]), list(arguments.get("params", ())))

    @tool(effect="read", returns=labels(sources=author, by_call=True, own=False))
    def query(sql: str, params: list[Cell] = []) -> list[dict[str, Cell]]:  # noqa: B006
        """Run one SELECT and get its rows; `?` stands for the params, in order.

        Tables: orders(id, customer, day, product, amount), customers(id, name, email), tickets(id, customer, text,
        state, topic), replies(id, ticket, text).
        """
        with opened(path, "ro", may_read) as connection:
            return [dict(row) for row in connection.execute(sql, params).fetchmany(MOST_ROWS)]

    @tool
    def change(sql: str, params: list[Cell] = []) -> int:  # noqa: B006
        """Run one UPDATE of tickets.state or INSERT into replies and get how many rows it changed."""
        with opened(path, "rw", may_change) as connection, connection:
            return connection.execute(sql, params).rowcount

    @tool
    def set_topic(ticket: int, topic: Topic) -> None:
        """Set the topic of one ticket."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("update tickets set topic = ? where id = ?", (topic, ticket))

    @tool
    def save_chart(name: Annotated[str, Trusted], svg: str) -> None:
        """Save a chart into the folder of charts."""
        Root(folder / "charts").write(name, svg.encode())

    with web_of(folder) as web:
        yield [query, change, set_topic, save_chart, *web_tools(web)]
