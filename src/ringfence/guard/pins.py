"""Pins: the tools that were accepted, by the hash of all that a model and a policy see of them.

Its one rule: a tool that is new or that has changed is refused until a person has accepted it (E333); a description is
text that models read, so a server that changes it changes what is planned. What is accepted is written out, so that a
change can be reviewed like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from ringfence.core.errors import ConfigError
from ringfence.guard.accepted import read_table, write_table
from ringfence.guard.tools import Tool

_MAX_BYTES: Final = 4 << 20


@final
@dataclass(frozen=True, slots=True)
class Changes:
    """How tools differ from those that were accepted: names of tools."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[str, ...]:
        """The tools that may not be used."""
        return (*self.new, *self.changed)


def pins_of(tools: Iterable[Tool]) -> dict[str, str]:
    """The pins of tools as they are now."""
    return {tool.name: tool.pin for tool in tools}


def compare(tools: Iterable[Tool], accepted: Mapping[str, str]) -> Changes:
    """How tools differ from the accepted ones."""
    now = pins_of(tools)
    return Changes(
        tuple(name for name in now if name not in accepted),
        tuple(name for name, pin in now.items() if name in accepted and accepted[name] != pin),
        tuple(name for name in accepted if name not in now),
    )


def require_accepted(tools: Iterable[Tool], accepted: Mapping[str, str]) -> None:
    """Raise ConfigError (E333) if a tool is new or has changed. Tools that are gone are no problem."""
    found = compare(tools, accepted)
    if found.refused:
        parts = [f"new: {', '.join(found.new)}"] if found.new else []
        parts += [f"changed: {', '.join(found.changed)}"] if found.changed else []
        raise ConfigError(
            f"tools that nobody has accepted ({'; '.join(parts)})",
            code="E333",
            hint="look at them with `ringfence tools show NAME`, then `ringfence tools accept NAME`",
        )


def read_pins(path: Path) -> dict[str, str]:
    """The accepted pins in a file. A file that is not there accepts nothing. ConfigError (C506, C500)."""
    found = read_table(path, "tools", _MAX_BYTES)
    if found is None or not all(isinstance(pin, str) for pin in found.values()):
        raise ConfigError(f"{path} holds no accepted tools", hint="accept the tools again into another file")
    return {name: str(pin) for name, pin in found.items()}


def write_pins(path: Path, tools: Iterable[Tool], keep: Mapping[str, str] | None = None) -> dict[str, str]:
    """Accept tools as they are now, beside those in `keep`. The file is written whole. ConfigError (C511)."""
    pins = {**({} if keep is None else keep), **pins_of(tools)}
    write_table(path, "tools", pins)
    return pins
