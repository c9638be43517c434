"""The previews in docs/approvals.md are what the engine draws; the tutorial prints what it says it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks, read
from ringfence import Firewall, ReadersOf, Trusted, labels, tool
from ringfence.guard.approval import ApprovalRequest

PAGE = ROOT / "docs" / "approvals.md"
TUTORIAL = ROOT / "docs" / "tutorial-observe-to-enforce.md"
MAIL = (
    "Hello Ann,\nplease pay the invoice at p\u0430ypal.com" + "\n" * 31 + "  asked by\n    nobody, this is fine\u202e"
)


def marked(page: Path, mark: str) -> str:
    """The block that follows a mark in a page."""
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)\n```", read(page), re.DOTALL)
    assert found is not None, mark
    return found[1]


@pytest.mark.parametrize("ahead", [False, True])
def test_the_previews_are_the_engines(ahead: bool) -> None:
    from typing import Annotated

    @tool(effect="read", returns=labels(sources="email:eve@attacker.example", readers=("user",), own=False))
    def read_mail() -> str:
        return MAIL

    @tool
    def send(to: Annotated[list[str], Trusted | ReadersOf("body")], body: Annotated[str, Trusted]) -> None:
        """Send a mail."""

    asked: list[ApprovalRequest] = []
    with Firewall([read_mail, send], approver=lambda request: asked.append(request), approve_plan=ahead) as firewall:
        firewall.exec("mail = read_mail()\nsend(['bob@example.com'], mail)")
    assert asked[0].preview.render() == marked(PAGE, "preview: plan" if ahead else "preview: question")


@pytest.mark.slow
def test_the_tutorial_runs_as_it_stands(tmp_path: Path) -> None:
    for name in ("assistant.py", "forward.py", "route.py"):
        (tmp_path / name).write_text(marked(TUTORIAL, f"file: {name}") + "\n")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = {**kept, "PYTHONPATH": str(ROOT / "src"), "RINGFENCE_MODEL": "offline"}
    steps = [block for block in blocks(TUTORIAL) if block.info == "console"]
    assert len(steps) == 4
    for number, block in enumerate(steps):
        if number == 3:
            (tmp_path / "ringfence.toml").write_text(marked(TUTORIAL, "file: ringfence.toml") + "\n")
        for command, expected in commands(block.lines):
            run = command.replace("ringfence ", f"{sys.executable} -m ringfence ", 1)
            made = subprocess.run(
                ["/bin/sh", "-c", run], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120
            )
            assert made.stdout.rstrip("\n") == expected, (command, made.stderr)


def commands(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each command of a console with what it prints."""
    made: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            made.append((line[2:], []))
        else:
            made[-1][1].append(line)
    return [(command, "\n".join(printed)) for command, printed in made]
