"""Reads one table of a configuration strictly: `[web]`, `[files]`.

Its one rule: an unknown key is an error (C507), a value of the wrong kind is one (C500), and a message names the
table and the key, never a value of the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar, final

from ringfence.core.errors import ConfigError

_Default = TypeVar("_Default", str, None)


@final
class Table:
    """One table. `where` is its name as the file writes it."""

    __slots__ = ("_table", "_where")

    def __init__(self, where: str, table: object, known: Iterable[str]) -> None:
        self._where = where
        if not isinstance(table, Mapping):
            raise ConfigError(f"{where} is no table", hint=f"write [{where}]")
        self._table: Mapping[str, object] = table
        choices = sorted(known)
        for key in table:
            if key not in choices:
                close = difflib.get_close_matches(str(key), choices, 1)
                hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(choices)}"
                raise ConfigError(f"[{where}] has an unknown key", code="C507", hint=hint)

    def bad(self, key: str, what: str, hint: str | None = None) -> ConfigError:
        """The error for a key whose value is not what it must be."""
        return ConfigError(f"[{self._where}] {key} {what}", hint=hint)

    def text(self, key: str, default: _Default) -> str | _Default:
        """A text."""
        found = self._table.get(key, default)
        if found is not default and not isinstance(found, str):
            raise self.bad(key, "is no text", f'write {key} = "..."')
        return found if isinstance(found, str) else default

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        found = self._table.get(key, default)
        if not isinstance(found, bool):
            raise self.bad(key, "is neither true nor false")
        return found

    def count(self, key: str, default: int, most: int, least: int = 1) -> int:
        """A whole number between `least` and `most`."""
        found = self._table.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise self.bad(key, f"is no whole number from {least:,} to {most:,}")
        return found

    def seconds(self, key: str, default: float, most: float) -> float:
        """A positive number of seconds, at most `most`."""
        found = self._table.get(key, default)
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found <= most:
            raise self.bad(key, f"is no number of seconds above 0, at most {most:g}")
        return float(found)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts that are not empty."""
        found = self._table.get(key)
        if found is None:
            return default
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            raise self.bad(key, "is no list of texts", f'write {key} = ["...", "..."]')
        return tuple(found)

    def counts(self, key: str, default: tuple[int, ...], most: int) -> tuple[int, ...]:
        """A list of whole numbers from 1 to `most`."""
        found = self._table.get(key)
        if found is None:
            return default
        if not isinstance(found, list) or not all(type(one) is int and 1 <= one <= most for one in found):
            raise self.bad(key, f"is no list of whole numbers from 1 to {most:,}")
        return tuple(found)

    def tables(self, key: str) -> tuple[Mapping[str, object], ...]:
        """A list of tables."""
        found = self._table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise self.bad(key, "is no list of tables", f"write [[{self._where}.{key}]]")
        return tuple(found)

    def __contains__(self, key: str) -> bool:
        return key in self._table
