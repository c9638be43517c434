"""What the engineer has beside the files of the project: its tests in a sandbox, and its public issue tracker."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from ringfence import EVERYONE, Label, Public, Tool, labels, tool
from ringfence.connectors.sandbox.job import Job, Ran
from ringfence.connectors.sandbox.sandbox import Sandbox

TESTS = "import unittest; unittest.main(module=None, argv=['-', 'discover', 'tests', '-t', '.'])"
# Anybody opens issues and reads them: who wrote one is told, and how many there are is no secret.
ISSUES = labels(sources=lambda issue: f"tracker:{issue.author}", readers=EVERYONE, shape=Label({"tool:tracker"}))


@dataclass(frozen=True)
class Issue:
    """An issue of the public tracker."""

    number: int
    author: str
    title: str
    body: str


def tools(folder: Path) -> list[Tool]:
    """The tools, bound to the folder that `world.prepare` made."""
    return [*_building(folder / "project", Sandbox()), *_tracking(folder / "tracker.db")]


def _building(project: Path, sandbox: Sandbox) -> list[Tool]:
    @tool(effect="read")
    def run_tests() -> Ran:
        """Run the project's tests, without network, on a copy of its Python files."""
        files = {str(path.relative_to(project)): path.read_bytes() for path in sorted(project.rglob("*.py"))}
        return sandbox.run(Job("python", TESTS, files=files))

    @tool
    def require(requirement: str) -> None:
        """Add a package, such as `name==1.0`, to requirements.txt, or change its version."""
        path = project / "requirements.txt"
        name = requirement.partition("==")[0]
        kept = [line for line in path.read_text().splitlines() if line.partition("==")[0] != name]
        path.write_text("\n".join([*kept, requirement]) + "\n")

    return [run_tests, require]


def _tracking(database: Path) -> list[Tool]:
    @tool(effect="read", returns=ISSUES)
    def list_issues() -> list[Issue]:
        """The open issues, oldest first."""
        with _opened(database) as tracker:
            return [Issue(*row) for row in tracker.execute("SELECT number, author, title, body FROM issues WHERE open")]

    @tool(effect="read", returns=ISSUES)
    def read_issue(number: int) -> Issue:
        """One issue."""
        with _opened(database) as tracker:
            question = "SELECT number, author, title, body FROM issues WHERE number = ?"
            return Issue(*tracker.execute(question, (number,)).fetchone())

    @tool
    def set_label(number: int, label: Literal["bug", "question", "feature"]) -> None:
        """Put a label on an issue."""
        with _opened(database) as tracker:
            tracker.execute("UPDATE issues SET label = ? WHERE number = ?", (label, number))

    @tool
    def close_issue(number: int) -> None:
        """Close an issue."""
        with _opened(database) as tracker:
            tracker.execute("UPDATE issues SET open = 0 WHERE number = ?", (number,))

    @tool
    def comment(number: int, text: Annotated[str, Public]) -> None:
        """Write a comment below an issue. Everybody can read it."""
        with _opened(database) as tracker:
            tracker.execute("INSERT INTO comments VALUES (?, ?)", (number, text))

    return [list_issues, read_issue, set_label, close_issue, comment]


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database)) as connection, connection:
        yield connection
