"""Files of what was accepted or learned of tools: one table under a name, with the version of its form.

Its one rule: a file is written whole or not at all, and one of another form holds nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ringfence.core.errors import ConfigError

_VERSION: Final = 1


def read_table(path: Path, name: str, most: int) -> dict[str, object] | None:
    """The table in a file of at most `most` bytes: empty without a file, None if it holds none. ConfigError (C506)."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read ({type(problem).__name__})", code="C506") from None
    try:
        found = json.loads(data) if len(data) <= most else None
    except (ValueError, RecursionError):
        found = None
    table = found.get(name) if isinstance(found, dict) and found.get("ringfence") == _VERSION else None
    return table if isinstance(table, dict) else None


def write_table(path: Path, name: str, table: Mapping[str, object]) -> None:
    """Write the file whole, in the order of its keys. ConfigError (C511)."""
    text = json.dumps({"ringfence": _VERSION, name: dict(sorted(table.items()))}, indent=1) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written ({type(problem).__name__})", code="C511") from None
