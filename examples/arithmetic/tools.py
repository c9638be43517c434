"""Four actions: two on numbers, two on sheets (CSV files of a folder), whose rows others fill in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from pathlib import Path
from typing import Literal

from ringfence import Tool, tool

SheetName = Literal["invoices", "hours"]


@dataclass(frozen=True)
class Row:
    """A line of a sheet."""

    description: str
    amount: Decimal


@dataclass(frozen=True)
class Sheet:
    """A sheet and what its amounts add up to."""

    total: Decimal
    rows: list[Row]


@tool(effect="read")
def add(numbers: list[float]) -> float:
    """The sum of numbers."""
    return sum(numbers)


@tool(effect="read")
def multiply(numbers: list[float]) -> float:
    """The product of numbers."""
    return prod(numbers)


def tools(folder: Path) -> list[Tool]:
    """The actions on numbers, and on the sheets in the folder."""

    @tool(effect="read")
    def total(sheet: SheetName) -> Sheet:
        """The rows of a sheet, and what they add up to."""
        with (folder / f"{sheet}.csv").open(newline="", encoding="utf-8") as file:
            rows = [Row(line["description"], Decimal(line["amount"])) for line in csv.DictReader(file)]
        return Sheet(sum((row.amount for row in rows), Decimal(0)), rows)

    @tool
    def clear(sheet: SheetName) -> None:
        """Remove all rows of a sheet."""
        (folder / f"{sheet}.csv").write_text("description,amount\n", encoding="utf-8")

    return [add, multiply, total, clear]
