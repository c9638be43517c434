"""Runs what shows the guarantees of docs/security-model.md: `make guarantee N="5 10"`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from docs.pages import ROOT, rows

PAGE = ROOT / "docs" / "security-model.md"
THREATS = ROOT / "docs" / "threat-models.md"
NAMED = re.compile(r"`(tests/[\w./]+)(?:::(\w+))?`")


@dataclass(frozen=True)
class Shown:
    """A test that a page names: a file, or a function in it."""

    path: str
    function: str = ""

    @property
    def exists(self) -> bool:
        file = ROOT / self.path
        return file.is_file() and (not self.function or self.function in functions(file))


@lru_cache
def functions(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def shown_in(text: str) -> list[Shown]:
    return [Shown(path, function) for path, function in NAMED.findall(text)]


def guarantees() -> dict[int, tuple[str, list[Shown]]]:
    """By number what is guaranteed, and what shows it."""
    return {int(number): (claim, shown_in(tests)) for number, claim, _, tests in rows(PAGE, "## Guarantees")}


def commands(shown: Iterable[Shown]) -> Iterator[list[str]]:
    """What pytest is called with: once for the functions and files, once for the cases."""
    made = list(dict.fromkeys(shown))
    tests = [f"{one.path}::{one.function}" if one.function else one.path for one in made if one.path.endswith(".py")]
    cases = [Path(one.path).stem for one in made if one.path.endswith(".case")]
    if tests:
        yield tests
    if cases:
        yield ["tests/test_cases.py", "-k", " or ".join(cases)]


def run(numbers: Iterable[int]) -> int:
    known, worst = guarantees(), 0
    for number in numbers:
        claim, shown = known[number]
        sys.stdout.write(f"\n{number}. {claim}\n")
        sys.stdout.flush()
        for arguments in commands(shown):
            made = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False)
            worst = max(worst, made.returncode)
    return worst


if __name__ == "__main__":
    wanted = [int(word) for word in sys.argv[1:]] or sorted(guarantees())
    unknown = [number for number in wanted if number not in guarantees()]
    sys.exit(f"there is no guarantee {unknown[0]}" if unknown else run(wanted))
