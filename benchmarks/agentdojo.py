"""The figures of docs/agentdojo.md from a study: `python benchmarks/agentdojo.py FOLDER > benchmarks/agentdojo.json`.

    ringfence bench agentdojo --all --turns 12 --out FOLDER

Its one rule: nothing in the file depends on the machine, so that a test can run some of it again and compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def stored(about: Row, rows: Iterable[Row]) -> Row:
    """What is kept of a study: by rules how the tasks ended, by deployment the pairs in which something got through."""
    listed = list(rows)
    tasks: Row = {}
    for row in listed:
        if row["kind"] == "task":
            found = tasks.setdefault(row["rules"], {"tasks": 0, "unsolved": [], "asked": {}})
            name = f"{row['suite']}/{row['task'].removeprefix('user_task_')}"
            found["tasks"] += 1
            found["unsolved"] += [] if row["utility"] else [name]
            found["asked"] |= {name: row["asked"]} if row["asked"] else {}
    attacks: Row = {}
    for row in listed:
        if row["kind"] == "attack":
            place = f"{row['rules']}, {row['human']}, {row['strength']}"
            found = attacks.setdefault(place, {"pairs": 0, "runs": 0, "succeeded": [], "hijacked": []})
            pair = f"{row['suite']}/{row['task'].removeprefix('user_task_')}"
            pair += f"/{row['attack'].removeprefix('injection_task_')}"
            found["pairs"] += 1
            found["runs"] += row["turns"]
            found["succeeded"] += [pair] if row["succeeded"] else []
            found["hijacked"] += [pair] if row["hijacks"] else []
    return {"turns": about["turns"], "tasks": _sorted(tasks), "attacks": _sorted(attacks)}


def _sorted(found: Row) -> Row:
    return {
        place: {key: sorted(part) if isinstance(part, list) else part for key, part in one.items()}
        for place, one in found.items()
    }


def main(folder: Path) -> None:
    """Print what is kept of the study in a folder."""
    about = json.loads((folder / "study.json").read_text("utf-8"))
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]
    print(json.dumps(stored(about, rows), indent=1, sort_keys=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
