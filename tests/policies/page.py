"""Runs the commands of docs/policies.md in a folder with the files that the page shows. As a program: fills them in.

`PYTHONPATH=src:tests python tests/policies/page.py`
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner

from ringfence.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
_FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


def files(page: str) -> dict[str, str]:
    """The files that the page shows, by name."""
    return dict(_FILE.findall(page))


def filled(page: str, folder: Path) -> str:
    """The page with the output of its commands. Runs in the folder, whose tools are imported from there."""
    for name, text in files(page).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    runs: list[str] = []
    return _CONSOLE.sub(lambda found: f"```console\n{_output(found[1], runs)}```", page)


def _output(block: str, runs: list[str]) -> str:
    commands = [line for line in block.splitlines() if line.startswith("$ ringfence ")]
    made = ""
    for command in commands:
        words = [runs[0] if word == "RUN" and runs else word for word in command.split()[2:]]
        result = CliRunner().invoke(app, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        shown = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "2026-11-21T12:00:00", result.output)
        shown = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-11-21 12:15 UTC", shown)
        shown = re.sub(r"\n{2,}(?=\n|$)", "\n", shown)
        if "exec" in words:
            listed = CliRunner().invoke(app, ["audit", "list", "--store", "runs.db"]).stdout
            runs.append(listed.split()[0])
            shown = re.sub(r"\b[0-9a-f]{12,16}\b", "…", shown)
        made += f"{command}\n{shown}"
    return made


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        sys.path.insert(0, name)
        made = filled(page, Path(name))
    PAGE.write_text(made, encoding="utf-8")
