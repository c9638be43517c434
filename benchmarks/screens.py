"""Detectors side by side, for docs/screens.md.

    python benchmarks/screens.py [--set FILE|NAME]... > benchmarks/screens.json

Run it where Ringfence, AgentDojo and the other detectors are installed; `ringfence bench screens --sets` says which are
known. `python tests/docs/screens_tables.py` then writes the tables of the page.

Its one rule: every figure is one that `ringfence bench screens --json` printed.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]


def bench(*arguments: str) -> Row:
    """What the command prints. What detectors say meanwhile goes to our stderr."""
    command = [sys.executable, "-m", "ringfence", "bench", "screens", "--json", "--others", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def counts(share: Row) -> list[int]:
    return [share["count"], share["total"]]


def by_set(study: Row, key: str) -> Row:
    return {name: counts(one[key]) for name, one in study["by_set"].items() if one[key]["total"]}


def stored(shipped: Row, public: Row) -> Row:
    """What is kept: for each detector the counts for each set, and its speed."""
    detectors: Row = {}
    for study, other in zip(shipped["studies"], public["studies"], strict=True):
        assert study["detector"] == other["detector"]
        detectors[study["detector"]] = {
            "threshold": study["threshold"],
            "attacks": {
                "shipped": counts(study["recall"]),
                "encoded": counts(study["encoded"]),
                **by_set(other, "recall"),
            },
            "harmless": {
                "shipped": counts(study["false_positives"]),
                "hard": counts(study["hard_negatives"]),
                "encoded": counts(study["encoded_benign"]),
                "about attacks": counts(study["by_kind"]["about-attacks"]),
                **by_set(other, "false_positives"),
            },
            "failures": study["errors"] + other["errors"],
            "speed": study["speed"],
        }
    return {"sets": public["sets"], "left_out": shipped["left_out"], "detectors": detectors}


def main(sets: list[str]) -> None:
    """Measure, and print what is kept."""
    found = stored(bench(), bench("--plain", *sets))
    about = {"measured": datetime.now(UTC).date().isoformat(), "python": platform.python_version()}
    print(json.dumps(about | found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:] if len(sys.argv) > 1 else ["--set", "agentdojo:placed", "--set", "agentdojo:harmless"])
