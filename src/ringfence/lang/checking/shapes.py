"""How something can be called: a function of the plan, or a built-in.

Its one rule: what does not fit is said in Python's own words.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, final

from ringfence.core.values import Value
from ringfence.lang import ir


@final
@dataclass(frozen=True, slots=True)
class Shape:
    """How something can be called. A call with that many arguments and no names fits: it is not looked at further."""

    signature: inspect.Signature
    least: float
    most: float

    def refuses(self, args: Sequence[object], keywords: Mapping[str, object]) -> str | None:
        """Why a call does not fit, as Python says it; None if it does."""
        if not keywords and self.least <= len(args) <= self.most:
            return None
        try:
            self.signature.bind(*args, **keywords)
        except TypeError as error:
            return str(error)
        return None


def _shape(signature: inspect.Signature) -> Shape:
    params = list(signature.parameters.values())
    places = [p for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least: float = sum(p.default is p.empty for p in places)
    if any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in params):
        least = math.inf
    return Shape(signature, least, math.inf if any(p.kind is p.VAR_POSITIONAL for p in params) else len(places))


_KINDS: Final = {
    "only": inspect.Parameter.POSITIONAL_ONLY,
    "positional": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "keyword": inspect.Parameter.KEYWORD_ONLY,
    "args": inspect.Parameter.VAR_POSITIONAL,
    "kwargs": inspect.Parameter.VAR_KEYWORD,
}


def shape_of(function: ir.FunctionDef) -> Shape:
    params = [
        inspect.Parameter(p.name, _KINDS[p.kind], default=inspect.Parameter.empty if p.default is None else None)
        for p in function.params
    ]
    return _shape(inspect.Signature(params))


@cache
def shape_of_native(native: Callable[..., Value]) -> Shape | None:
    """Of a built-in, with the run that it is given first; None for those of which Python does not know."""
    try:
        return _shape(inspect.signature(native))
    except ValueError:
        return None
