"""Methods of the types that need no import.

Its one rule: what is not in these tables does not exist for a plan.
"""

from __future__ import annotations

from typing import Final

from ringfence.core.values import Dict, List, Record, Set
from ringfence.lang.builtins.methods.dicts import DICT
from ringfence.lang.builtins.methods.lists import LIST, TUPLE, VIEW
from ringfence.lang.builtins.methods.ranges import RANGE
from ringfence.lang.builtins.methods.records import RECORD
from ringfence.lang.builtins.methods.sets import SET
from ringfence.lang.builtins.methods.texts import BYTES, TEXT
from ringfence.lang.builtins.tables import METHODS
from ringfence.lang.lifting import methods_of
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import Native, View

_INTEGER: Final = methods_of(int, ["bit_length", "bit_count", "conjugate", "as_integer_ratio"])
_BUILT_IN: Final[dict[type, dict[str, Native]]] = {
    str: TEXT,
    bytes: BYTES,
    int: _INTEGER,
    bool: _INTEGER,
    float: methods_of(float, ["is_integer", "as_integer_ratio", "hex", "conjugate"]),
    List: LIST,
    View: VIEW,
    tuple: TUPLE,
    range: RANGE,
    Dict: DICT,
    DefaultDict: dict(DICT),
    Counter: dict(DICT),
    Set: SET,
    Record: RECORD,
}


def install() -> None:
    """Add these tables to those of the language."""
    METHODS.update(_BUILT_IN)
