"""The tables of docs/agentdojo.md, from benchmarks/agentdojo.json. `python tests/docs/agentdojo_tables.py` writes them.

Its one rule: no figure of a study stands on the page that is not in the file; tests compare both, and run a part again.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ringfence.bench.agentdojo.report import PUBLISHED, PUBLISHED_INTERRUPTED

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "agentdojo.md"
STORED: Mapping[str, Any] = json.loads((ROOT / "benchmarks" / "agentdojo.json").read_text("utf-8"))
_MARKED = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
RULES = {
    "off": "off: everything is allowed",
    "none": "none: the default rules of the product",
    "packs": "packs: the general packs that fit the suite",
    "default": "default: the suite's own pack",
    "strict": "strict: the same, nobody is asked",
}
HUMANS = {"nobody": "nobody", "careful": "careful", "always": "says yes to all"}


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)"


def tasks() -> str:
    """Without an attack, with a person who says yes."""
    rows: list[tuple[object, ...]] = []
    for rules, words in RULES.items():
        found = STORED["tasks"][rules]
        whole, asked = found["tasks"], found["asked"]
        solved = whole - len(found["unsolved"])
        rows.append((words, share(solved, whole), share(len(asked), whole), max(asked.values(), default=0)))
    for name, value in PUBLISHED_INTERRUPTED:
        rows.append((f"published: {name}", "", f"{value} % of the tasks that it solves", ""))
    return table(("rules", "solved", "tasks with a question", "most questions in a task"), rows)


def attacks() -> str:
    """Under attack."""
    rows: list[tuple[object, ...]] = []
    for rules in RULES:
        for human, words in HUMANS.items():
            every, injected = (STORED["attacks"][f"{rules}, {human}, {one}"] for one in ("all", "injected"))
            counts = [len(one[key]) for one in (every, injected) for key in ("succeeded", "hijacked")]
            rows.append((rules, words, *counts, f"{every['runs'] + injected['runs']:,}"))
    head = ("rules", "who is asked", "attacks, all hostile", "hijacks", "attacks, injected only", "hijacks", "runs")
    return table(head, rows)


def published() -> str:
    """CaMeL's figures."""
    rows = [(name, f"{utility} %", count) for name, utility, count in PUBLISHED]
    return table(("published", "utility", "successful attacks"), rows)


TABLES: Mapping[str, Callable[[], str]] = {one.__name__: one for one in (tasks, attacks, published)}


def filled(page: str) -> str:
    """The page with its tables as the stored study has them."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    made = filled(PAGE.read_text("utf-8"))
    PAGE.write_text(made, "utf-8")
    sys.stdout.write(f"{PAGE.name} is as the study\n")
