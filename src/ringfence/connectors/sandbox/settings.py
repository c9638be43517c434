"""The table [sandbox] of a configuration: which backend, and what a program may use.

    [sandbox]
    backend = "auto"      # auto, bubblewrap, landlock, monty, or none: no such tools
    seconds = 20          # of the clock, for the whole program
    cpu_seconds = 20      # of work, for each of its processes
    memory = 512          # MiB, for all of its processes together
    processes = 32
    output = 1024         # KiB, for stdout and for stderr
    disk = 64             # MiB of files that it makes
    input = 32            # MiB of code, input and files that it is given

Its one rule: what it does not say has the default of `Limits`; a key that it does not know is an error (C507).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, final

from ringfence.config import did_you_mean
from ringfence.connectors.sandbox.job import Limits
from ringfence.connectors.sandbox.sandbox import BACKENDS, Sandbox
from ringfence.core.errors import ConfigError

AUTO: Final = "auto"
NONE: Final = "none"
CHOICES: Final = (AUTO, *BACKENDS, NONE)
_UNITS: Final = {"memory": 1 << 20, "disk": 1 << 20, "input": 1 << 20, "output": 1 << 10}
_MOST: Final = {"seconds": 86_400, "cpu_seconds": 86_400, "processes": 4_096}
_MOST_BYTES: Final = 1 << 40
_LEAST_MEMORY: Final = 32


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """What the table says."""

    backend: str = AUTO
    limits: Limits = Limits()

    @property
    def backends(self) -> tuple[str, ...]:
        """The names of the backends that may be used."""
        if self.backend == AUTO:
            return BACKENDS
        return () if self.backend == NONE else (self.backend,)

    def sandbox(self) -> Sandbox:
        """The sandbox that is meant."""
        return Sandbox(self.backends, self.limits)


def read(table: Mapping[str, object]) -> Settings:
    """The settings of a table. Raises ConfigError (C507, C550)."""
    names = tuple(one.name for one in fields(Limits))
    for key in table:
        if key not in ("backend", *names):
            hint = did_you_mean(key[:60], ("backend", *names))
            raise ConfigError("[sandbox] has an unknown key", code="C507", hint=hint)
    backend = table.get("backend", AUTO)
    if not isinstance(backend, str) or backend not in CHOICES:
        raise _bad("backend", f"one of {', '.join(CHOICES)}")
    given = {name: _number(name, table[name]) for name in names if name in table}
    whole = {name: int(number) for name, number in given.items() if name != "seconds"}
    seconds = float(given.get("seconds", Limits().seconds))
    return Settings(backend, Limits(seconds=seconds, **whole))


def _number(name: str, found: object) -> int | float:
    if name == "seconds" and isinstance(found, float) and 0 < found <= _MOST[name]:
        return found
    unit = _UNITS.get(name, 1)
    most = _MOST.get(name, _MOST_BYTES // unit)
    least = _LEAST_MEMORY if name == "memory" else 1
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise _bad(name, f"a number from {least} to {most:,}")
    return found * unit


def _bad(key: str, expected: str) -> ConfigError:
    return ConfigError(f"[sandbox] {key} has a value that it cannot have", code="C550", hint=f"write {expected}")
