"""The tables of docs/case-studies.md. `PYTHONPATH=src:tests python tests/docs/case_tables.py` writes them.

Every attack is carried out without the firewall, and with it by an honest reader and one in the attacker's hands.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from ringfence.bench.cases.case import Case, load, names
from ringfence.bench.cases.study import Attacked, Served, studied

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "case-studies.md"
MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TURNS = 1


def cases() -> str:
    """What the cases are: read from their files alone."""
    rows = ["| case | patterns | stage | tasks | attacks | about |", "|---|---|---|---|---|---|"]
    for name in names():
        case = load(name)
        shown = f"[{name}](../examples/{name}/README.md)"
        counts = f"{len(case.tasks)} | {len(case.attacks)}"
        rows.append(f"| {shown} | {', '.join(case.patterns)} | {case.stage} | {counts} | {case.summary} |")
    return "\n".join(rows)


def attacks(base: Path) -> str:
    """What the attacks do: each is carried out."""
    return "\n\n".join(_attacks(load(name), base / name) for name in names())


def _attacks(case: Case, base: Path) -> str:
    rows = [f"**{case.name}**", "", "| attack | kind | without the firewall | with it |", "|---|---|---|---|"]
    for one in studied(case, base, TURNS):
        assert not isinstance(one, Served) or one.held, one.task.name
        if isinstance(one, Attacked):
            assert one.held, one.attack.name
            ways = dict.fromkeys(_way(ended.outcome, ended.stopped and ended.stopped[1]) for _, ended in one.within)
            rows.append(f"| {one.attack.name} | {one.attack.kind} | {one.without.harm} | {', '.join(ways)} |")
    return "\n".join(rows)


def _way(outcome: str, code: str | None) -> str:
    return outcome if code is None else f"{outcome} ({code})"


def filled(page: str, made: dict[str, str]) -> str:
    """The page with these tables in it."""
    return MARKED.sub(lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}" if found[2] in made else found[0], page)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        made = {"cases": cases(), "attacks": attacks(Path(folder))}
    PAGE.write_text(filled(PAGE.read_text("utf-8"), made), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
