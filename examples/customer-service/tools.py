"""The tools of a shop's service desk. They act for one customer: whoever is logged in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence import EVERYONE, Label, Tool, labels, tool

CUSTOMER: Final = "ana@example.com"  # of the session, never of a text
SHOP: Final = labels(sources="developer", own=False)  # what the shop's own database says
POLICY: Final = "You can send anything back within 30 days."


@dataclass(frozen=True)
class Order:
    """An order of the customer's. `note` is the seller's, the rest the shop's own."""

    number: str
    item: str
    state: str
    seller: str
    note: str


@dataclass(frozen=True)
class Post:
    """What a customer asked or told others about an item."""

    author: str
    text: str


def tools(folder: Path) -> list[Tool]:
    """The tools, bound to the database that `world.prepare` made, and to the customer."""
    return [*_looking(folder / "shop.db"), *_acting(folder / "shop.db")]


def _looking(database: Path) -> list[Tool]:
    facts = dict.fromkeys(("number", "item", "state", "seller"), SHOP)

    @tool(effect="read", returns=labels(sources="seller", fields=facts, shape=Label()))
    def order_status(number: str) -> Order:
        """One of the customer's orders, such as 1041-7, with the seller's note on it."""
        question = "SELECT number, item, state, seller, note FROM orders WHERE number = ? AND customer = ?"
        row = _run(database, question, number, CUSTOMER)
        if not row:
            raise LookupError("the customer has no such order")
        return Order(*row[0])

    @tool(effect="read")
    def orders_of(customer: str) -> list[str]:
        """All orders of any customer, with address: for the shop's staff."""
        return [" ".join(row) for row in _run(database, "SELECT number, item, address FROM orders WHERE customer = ?",
                                              customer)]  # fmt: skip

    @tool(effect="read", returns=SHOP)
    def return_policy() -> str:
        """Until when and how things can be sent back."""
        return POLICY

    @tool(effect="read", returns=labels(sources="posts", readers=EVERYONE, shape=Label({"tool:posts"})))
    def posts(item: str) -> list[Post]:
        """What other customers wrote about an item."""
        return [Post(*row) for row in _run(database, "SELECT author, text FROM posts WHERE item = ?", item)]

    return [order_status, orders_of, return_policy, posts]


def _acting(database: Path) -> list[Tool]:
    @tool
    def start_return(number: str) -> None:
        """Begin the return of one of the customer's orders: the customer gets a label for the parcel."""
        _run(database, "UPDATE orders SET state = 'return' WHERE number = ? AND customer = ?", number, CUSTOMER)

    @tool
    def change_address(number: str, address: str) -> None:
        """Deliver one of the customer's orders to another address."""
        _run(database, "UPDATE orders SET address = ? WHERE number = ? AND customer = ?", address, number, CUSTOMER)

    @tool
    def give_voucher(percent: int) -> None:
        """Give the customer a voucher."""
        _run(database, "INSERT INTO vouchers VALUES (?, ?)", CUSTOMER, percent)

    @tool(audience=("seller",))
    def ask_seller(seller: str, text: str) -> None:
        """Send a question to a seller, who is another firm."""
        _run(database, "INSERT INTO messages VALUES (?, ?)", seller, text)

    return [start_return, change_address, give_voucher, ask_seller]


def _run(database: Path, statement: str, *values: str | int) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement, values).fetchall()
