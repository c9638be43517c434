"""What a run may use.

Its one rule: a limit is always there; none can be switched off by a plan, and none counts in a place that a plan can write to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """`steps` counts statements and iterations; `seconds` is time spent in the engine, not in tools; `memory` is in bytes."""

    steps: int = 3_000_000
    depth: int = 900
    seconds: float = 20.0
    memory: int = 600_000_000
    calls: int = 10_000
