"""The shop's database: least privilege whoever writes the statement, and labels by what it reads."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.bench.cases.case import load
from ringfence.bench.cases.deployment import deployed
from ringfence.connectors.errors import ConnectorError
from ringfence.guard.tools import Tool
from ringfence.testing import trial


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[dict[str, Tool]]:
    with deployed(load("sql-agent"), tmp_path / "world") as deployment:
        yield {one.name: one for one in deployment.tools}


@pytest.mark.parametrize(
    "sql",
    [
        "drop table orders",
        "delete from orders",
        "update orders set amount = 0",
        "select card from customers",
        "select * from customers",
        "select sql from sqlite_master",
        "attach database 'other.db' as other",
        "pragma writable_schema = on",
        "select load_extension('x')",
        "select writefile('x', 'y')",
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n",
        "update tickets set state = 'closed'",
    ],
)
def test_query_does_nothing_but_read_what_it_may(tools: dict[str, Tool], sql: str) -> None:
    with pytest.raises((sqlite3.DatabaseError, sqlite3.OperationalError)):
        tools["query"](sql)


@pytest.mark.parametrize(
    "sql",
    [
        "drop table orders",
        "update orders set amount = 0",
        "update tickets set text = ''",
        "delete from tickets",
        "insert into tickets (text) values ('x')",
        "insert into replies (text) select card from customers",
        "create table x (y)",
    ],
)
def test_change_changes_nothing_but_what_it_may(tools: dict[str, Tool], sql: str) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        tools["change"](sql)


def test_work_is_bounded(tools: dict[str, Tool]) -> None:
    joined = ", ".join(f"orders as o{number}" for number in range(14))
    with pytest.raises(sqlite3.OperationalError):
        tools["query"](f"select count(*) from {joined}")


@pytest.mark.parametrize(
    ("sql", "source"),
    [
        ("select sum(amount) as a from orders", "shop"),
        ("select id from tickets", "shop"),
        ("select text from tickets", "customers"),
        ("select 'shop' as source, count(*) from tickets where text like '%a%'", "customers"),
        ("select o.id from orders o join customers c on c.id = o.customer where c.name = 'Kim'", "customers"),
        ("select id from orders where id not in (select id from tickets where text > 'zz')", "customers"),
    ],
)
def test_what_a_statement_reads_tells_who_wrote_it(tools: dict[str, Tool], sql: str, source: str) -> None:
    made = trial(tools["query"], {"sql": sql})
    assert {one for part in made.parts for one in part.label.sources} >= {source}
    assert source == "customers" or all("customers" not in part.label.sources for part in made.parts)


def test_a_chart_stays_in_its_folder(tools: dict[str, Tool], tmp_path: Path) -> None:
    for name in ("../shop.db", "/etc/x", "a/../../x"):
        with pytest.raises(ConnectorError):
            tools["save_chart"](name, "<svg/>")
    assert sorted(one.name for one in (tmp_path / "world").iterdir() if one.suffix == ".db") == ["shop.db"]
    assert sys.modules["ringfence_example_sql_agent.tools"].MOST_ROWS == 1_000
