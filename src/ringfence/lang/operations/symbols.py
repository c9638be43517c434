"""The operators by their symbols.

Its one rule: a symbol that is not here is no operator of the language.
"""

from __future__ import annotations

from typing import Final

from ringfence.lang.operations.arithmetic import (
    Operation,
    add,
    bitand,
    bitor,
    bitxor,
    div,
    floordiv,
    lshift,
    mod,
    mul,
    power,
    rshift,
    sub,
)
from ringfence.lang.operations.comparison import eq, ge, gt, le, lt, ne, not_same, same
from ringfence.lang.operations.membership import contains, not_contains

BINARY: Final[dict[str, Operation]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": div,
    "//": floordiv,
    "%": mod,
    "**": power,
    "<<": lshift,
    ">>": rshift,
    "&": bitand,
    "|": bitor,
    "^": bitxor,
}
COMPARE: Final[dict[str, Operation]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "is": same,
    "is not": not_same,
    "in": contains,
    "not in": not_contains,
}
