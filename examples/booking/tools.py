"""The tools of the travel assistant: hotels and reviews of them, bookings, messages, and the user's calendar."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from ringfence import EVERYONE, Label, Tool, labels, tool
from ringfence.connectors.calendar import Calendar
from ringfence.connectors.records import Event
from ringfence.connectors.rooted import Root

USER: Final = "alex@example.com"
OWN: Final = labels(sources="user", own=False)


@dataclass(frozen=True)
class Hotel:
    """A hotel, as it describes itself. `price` is for one night."""

    id: str
    name: str
    address: str
    price: int


@dataclass(frozen=True)
class Review:
    """What a guest wrote."""

    author: str
    text: str


@dataclass(frozen=True)
class Booking:
    """A room of the user's."""

    hotel: str
    arrival: date
    departure: date


@dataclass(frozen=True)
class Traveller:
    """The user's own papers."""

    name: str
    passport: str


def tools(folder: Path) -> list[Tool]:
    """The tools, bound to the folder that `world.prepare` made."""
    return [*_looking(folder / "travel.db"), *_acting(folder / "travel.db"), *_calendar(folder / "calendar")]


def _looking(database: Path) -> list[Tool]:
    def rows(question: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(question, values).fetchall()

    @tool(effect="read", returns=labels(sources="listing", readers=EVERYONE))
    def search_hotels(city: str) -> list[Hotel]:
        """The hotels of a city."""
        return [Hotel(*row) for row in rows("SELECT id, name, address, price FROM hotels WHERE city = ?", city)]

    @tool(effect="read", returns=labels(sources="guests", readers=EVERYONE, shape=Label({"tool:reviews"})))
    def reviews(hotel: str) -> list[Review]:
        """What guests wrote about a hotel."""
        return [Review(*row) for row in rows("SELECT author, text FROM reviews WHERE hotel = ?", hotel)]

    @tool(effect="read", returns=OWN)
    def my_bookings() -> list[Booking]:
        """The rooms that the user has booked."""
        found = rows("SELECT hotel, arrival, departure FROM bookings ORDER BY rowid")
        return [Booking(hotel, date.fromisoformat(first), date.fromisoformat(last)) for hotel, first, last in found]

    @tool(effect="read", returns=OWN)
    def traveller() -> Traveller:
        """The user's name and passport."""
        return Traveller(*rows("SELECT name, passport FROM traveller")[0])

    return [search_hotels, reviews, my_bookings, traveller]


def _acting(database: Path) -> list[Tool]:
    @tool
    def book(hotel: str, arrival: date, departure: date) -> None:
        """Book a room for the user. `hotel` is the id of one."""
        with _changing(database, sqlite3.SQLITE_INSERT, "bookings") as connection:
            connection.execute("INSERT INTO bookings VALUES (?, ?, ?)", (hotel, f"{arrival}", f"{departure}"))

    @tool
    def cancel(hotel: str) -> None:
        """Give back the user's rooms in a hotel."""
        with _changing(database, sqlite3.SQLITE_DELETE, "bookings") as connection:
            connection.execute("DELETE FROM bookings WHERE hotel = ?", (hotel,))

    @tool(audience=("hotel",))
    def message_hotel(hotel: str, text: str) -> None:
        """Send a text to a hotel."""
        with _changing(database, sqlite3.SQLITE_INSERT, "messages") as connection:
            connection.execute("INSERT INTO messages VALUES (?, ?)", (hotel, text))

    return [book, cancel, message_hotel]


@contextmanager
def _changing(database: Path, what: int, table: str) -> Iterator[sqlite3.Connection]:
    """A connection that can do this one thing to this one table, whatever SQL it is given."""
    plain = (sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION)

    def allowed(action: int, name: str | None, *_: str | None) -> int:
        fits = action in plain or (action == what and name == table)
        return sqlite3.SQLITE_OK if fits else sqlite3.SQLITE_DENY

    with closing(sqlite3.connect(database)) as connection, connection:
        connection.set_authorizer(allowed)
        yield connection


def _calendar(folder: Path) -> list[Tool]:
    calendar = Calendar(Root(folder), USER, UTC)

    @tool(effect="read", returns=OWN)
    def my_events(first: date, last: date) -> list[Event]:
        """The user's appointments of these days."""
        return calendar.between(first, last)

    @tool
    def add_event(title: str, place: str, first: date, last: date) -> None:
        """Put something into the user's calendar."""
        start, end = (datetime.combine(day, time()) for day in (first, last))
        calendar.create(title, start, end, (), place, "")

    return [my_events, add_event]
