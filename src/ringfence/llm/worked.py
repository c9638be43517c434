"""Worked plans that a planner is shown when its tools are of their kind.

Its one rule: they are constants, chosen by the names of tools and by nothing else; each checks against the language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

MOST: Final = 2


@final
@dataclass(frozen=True, slots=True)
class Worked:
    """A plan for a kind of tools: those of which each of `words` is in some tool's name."""

    words: tuple[str, ...]
    request: str
    plan: str


WORKED: Final = (
    Worked(
        ("transfer|pay|send_money|transaction", "bill|invoice|file|mail"),
        "Pay the bill in bill.txt",
        """class Bill(BaseModel):
    payee: Quote
    account: Quote
    amount: Decimal

text = read_file("bill.txt")
bill = quarantine("Who is paid, on which account, and how much?", text, returns=Bill)
# the account comes from the file that the user named: a person is asked before money goes there
transfer(account=bill.account, amount=bill.amount, note=bill.payee)
answer(f"{bill.amount} was transferred to {bill.payee}.")""",
    ),
    Worked(
        ("fetch|webpage|browse|page|search_web", "fetch|webpage|browse|page|search_web"),
        "What does example.com say about its opening hours?",
        """page = fetch("https://example.com/")
hours = quarantine("What are the opening hours, day by day?", page, returns=list[str])
answer(hours)""",
    ),
    Worked(
        ("channel|slack|chat", "message|post|channel|chat"),
        "Tell the channel #team who is on holiday today",
        """events = list_events(date(2026, 3, 9))
away = [e.title for e in events if "holiday" in e.title.lower()]
post_message(channel="#team", text="\\n".join(away) if away else "Nobody is away today.")
answer(f"{len(away)} entries were posted.")""",
    ),
    Worked(
        ("hotel|flight|restaurant|reserve|book", "hotel|flight|restaurant|reserve|book"),
        "Book the best rated hotel in Lisbon that costs less than 120 a night",
        """hotels = [h for h in list_hotels("Lisbon") if h.price < 120]
if not hotels:
    refuse("there is no hotel for less than 120 a night")
best = max(hotels, key=lambda h: h.rating)
reserve_hotel(best.name)
answer(f"{best.name} is reserved.")""",
    ),
    Worked(
        ("query|sql|table|database", "query|sql|table|database"),
        "How many orders were late last month?",
        """rows = query("SELECT COUNT(*) AS late FROM orders WHERE delivered > due AND due >= '2026-02-01'")
answer(rows[0]["late"])""",
    ),
)


def worked_for(names: Iterable[str]) -> tuple[Worked, ...]:
    """The worked plans for tools of these names, at most a few."""
    known = [name.lower() for name in names]

    def there(words: str) -> bool:
        return any(word in name for word in words.split("|") for name in known)

    return tuple(one for one in WORKED if all(map(there, one.words)))[:MOST]
