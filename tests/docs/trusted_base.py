"""The list of the trusted base in docs/security-model.md. `python tests/docs/trusted_base.py` writes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security-model.md"
SOURCE = ROOT / "src" / "ringfence"
FOLDERS = (
    "core",
    "schema",
    "lang",
    "lang/analysis",
    "lang/builtins",
    "lang/builtins/functions",
    "lang/builtins/methods",
    "lang/builtins/modules",
    "lang/checking",
    "lang/codegen",
    "lang/direct",
    "lang/kernels",
    "lang/operations",
    "lang/parsing",
    "lang/running",
    "lang/tracing",
    "guard",
)
MARKED = re.compile(r"(<!-- base -->\n).*?(<!-- end -->)", re.DOTALL)
_ENTRY = re.compile(r"`(\w+)` (\d+)")


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def files() -> dict[str, dict[str, int]]:
    """By folder the modules and their lines."""
    found = {
        folder: {path.stem: lines_of(path) for path in sorted((SOURCE / folder).glob("*.py"))} for folder in FOLDERS
    }
    return {folder: {name: count for name, count in made.items() if count > 1} for folder, made in found.items()}


def table() -> str:
    rows = ["| folder | files and their lines | together |", "| --- | --- | --- |"]
    for folder, modules in files().items():
        shown = ", ".join(f"`{name}` {count}" for name, count in modules.items())
        rows.append(f"| `{folder}/` | {shown} | {sum(modules.values()):,} |")
    return "\n".join(rows)


def told(page: str) -> dict[str, dict[str, int]]:
    """What the page says, in the form of `files`."""
    found = MARKED.search(page)
    assert found is not None
    rows = [line.split("|") for line in found[0].splitlines() if line.startswith("| `")]
    return {row[1].strip().strip("`").rstrip("/"): {name: int(n) for name, n in _ENTRY.findall(row[2])} for row in rows}


if __name__ == "__main__":
    made = MARKED.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is up to date\n")
