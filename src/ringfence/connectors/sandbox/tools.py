"""The tools `run_python` and `run_shell`.

Its one rule: code that others wrote is not run without a person's yes; what others wrote may be its data. What a
program prints comes from `tool:NAME`, from whoever wrote its arguments, and is readable by those who may read them all.
"""

from __future__ import annotations

from typing import Annotated

from ringfence.connectors.sandbox.job import Job, Ran
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.settings import NONE, Settings
from ringfence.guard.tools import Tool, Trusted, tool


def sandbox_tools(settings: Settings | None = None, *, sandbox: Sandbox | None = None) -> list[Tool]:
    """Both tools around one sandbox; none if the settings say so."""
    chosen = Settings() if settings is None else settings
    if chosen.backend == NONE:
        return []
    box = chosen.sandbox() if sandbox is None else sandbox

    @tool(effect="read")
    def run_python(code: Annotated[str, Trusted], files: dict[str, str] = {}, input: str = "") -> Ran:  # noqa: B006
        """Run a Python program, without network and without files but those given, and get what it prints.

        code: The program. It has the standard library, and a folder of its own for files that it makes.
        files: Contents of files by name, which the program can open by these names.
        input: What it reads from stdin.
        """
        return box.run(Job("python", code, input, _encoded(files)))

    @tool(effect="read")
    def run_shell(command: Annotated[str, Trusted], files: dict[str, str] = {}, input: str = "") -> Ran:  # noqa: B006
        """Run a shell command, without network and without files but those given, and get what it prints.

        command: The command, or several lines of them.
        files: Contents of files by name, which the command can open by these names.
        input: What it reads from stdin.
        """
        return box.run(Job("shell", command, input, _encoded(files)))

    return [run_python, run_shell]


def _encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode("utf-8", "replace") for name, text in files.items()}
