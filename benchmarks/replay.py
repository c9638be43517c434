"""What is kept of replays: `python benchmarks/replay.py default=A.json none=B.json ... > benchmarks/replay.json`.

    ringfence bench replay --rules none --json > B.json

The table in docs/replay.md is checked against the file, and a sample of the traces is replayed by a test.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def stored(found: dict[str, Any]) -> dict[str, Any]:
    """Counts, and the names of the traces that were not stopped."""
    made: dict[str, Any] = {key: found[key] for key in ("replayed", "stopped", "own_completed", "own_asked")}
    for verdict in ("through", "not reached", "no call"):
        made[verdict] = [one["id"] for one in found["traces"] if one["verdict"] == verdict]
    return made


def table(kept: dict[str, Any]) -> str:
    """The table of docs/replay.md."""
    lines = ["| rules | stopped | through | not reached | the user's own plans that complete | that ask |"]
    lines.append("|---|---|---|---|---|---|")
    for rules, row in kept.items():
        acting = row["replayed"] - len(row["no call"])
        lines.append(
            f"| `{rules}` | {row['stopped']} of {acting} | {len(row['through'])} | {len(row['not reached'])} | "
            f"{row['own_completed']} of {row['replayed']} | {row['own_asked']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    files = dict(argument.split("=", 1) for argument in sys.argv[1:])
    kept = {rules: stored(json.loads(Path(file).read_text())) for rules, file in files.items()}
    print(json.dumps(kept, indent=1))
