"""The tables of other detectors in docs/screens.md, from benchmarks/screens.json.

`python tests/docs/screens_tables.py` writes them.

Its one rule: no figure stands in these tables that is not in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ringfence.bench.screens.measures import Share

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "screens.md"
STORED: Mapping[str, Any] = json.loads((ROOT / "benchmarks" / "screens.json").read_text("utf-8"))
_MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
# A column of the page, and the sets of the file that it joins.
ATTACKS = {
    "shipped": ("shipped",),
    "the same, encoded": ("encoded",),
    "AgentDojo": ("agentdojo:attacks",),
    "AgentDojo, placed": ("agentdojo:placed",),
    "spikee": ("spikee_jailbreaks",),
    "BIPIA text": ("bipia_text_test",),
    "BIPIA code": ("bipia_code_test",),
}
HARMLESS = {
    "shipped": ("shipped",),
    "of these hard": ("hard",),
    "of these about attacks": ("about attacks",),
    "plain ones, encoded": ("encoded",),
    "AgentDojo": ("agentdojo:harmless",),
    "spikee": ("spikee_mails",),
    "NotInject": ("NotInject_one", "NotInject_two", "NotInject_three"),
}


def cell(share: Share) -> str:
    if not share.total:
        return "-"
    low, high = share.interval
    return f"{share.value:.1%} ({low:.0%} to {high:.0%})".replace("%", " %").replace(" % to", " to")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def joined(found: Mapping[str, list[int]], names: Iterable[str]) -> Share:
    parts = [found[name] for name in names if name in found]
    return Share(sum(count for count, _ in parts), sum(total for _, total in parts))


def shares(key: str, columns: Mapping[str, tuple[str, ...]]) -> str:
    detectors = STORED["detectors"]
    first = next(iter(detectors.values()))[key]
    head = [f"{name} ({joined(first, sets).total:,})" for name, sets in columns.items()]
    rows = ([name, *(cell(joined(one[key], sets)) for sets in columns.values())] for name, one in detectors.items())
    return table(["", *head], rows)


def speeds() -> str:
    rows = (
        [name, f"{one['speed']['ms_for_4_kb']:.1f} ms", str(one["failures"])]
        for name, one in STORED["detectors"].items()
    )
    return table(["", "4 kB of prose (median)", "texts on which it failed"], rows)


def measured() -> str:
    return f"Measured on {STORED['measured']} with Python {STORED['python']}.\n"


TABLES: Mapping[str, Callable[[], str]] = {
    "others-measured": measured,
    "others-attacks": lambda: shares("attacks", ATTACKS),
    "others-harmless": lambda: shares("harmless", HARMLESS),
    "others-speed": speeds,
}


def written(page: str) -> str:
    """The page with the tables of the file."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
