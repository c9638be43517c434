"""The code that a condition decides about, as the engine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ringfence.core.diagnostics import Span
from ringfence.lang.host import Site


@final
@dataclass(frozen=True, slots=True)
class Region:
    """What hangs on one condition.

    span: of the condition's construct. sites: all places where that code calls the host, called functions
    included. objects: the allocation sites whose objects it may change. answers: whether it may answer or print.
    """

    span: Span
    sites: tuple[Site, ...] = ()
    objects: tuple[int, ...] = ()
    answers: bool = False
