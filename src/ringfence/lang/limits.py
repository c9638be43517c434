"""What a run may use.

Its one rule: a limit is always there; no plan can switch one off, and none counts where a plan can write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """`steps`: statements and iterations. `seconds`: time in the engine, not in tools. `memory`: bytes.

    `overlap`: how many calls that read may be on their way at once; the host sees to it.
    """

    steps: int = 3_000_000
    depth: int = 900
    seconds: float = 10.0
    memory: int = 600_000_000
    calls: int = 10_000
    overlap: int = 32


USUAL: Final = Limits()
