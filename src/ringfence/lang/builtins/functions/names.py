"""Everything that a plan can name without importing it.

Its one rule: the same names and meanings as in Python, minus what reaches outside.
"""

from __future__ import annotations

from ringfence.core.values import Value
from ringfence.lang.builtins.classes import annotation_names
from ringfence.lang.builtins.functions import containers, iterators, numbers, sorting, texts, types, verbs
from ringfence.lang.builtins.functions.types import TYPES
from ringfence.lang.builtins.tables import METHODS
from ringfence.lang.objects import Builtin, TypeValue
from ringfence.lang.raised import ALIASES, EXCEPTIONS


def names() -> dict[str, Value]:
    """All of them (tools and verbs of the host apart). The tables of methods have been filled."""
    text = TYPES["str"]
    assert isinstance(text, TypeValue)
    text.members = {**{name: Builtin(name, METHODS[str][name]) for name in METHODS[str]}, **text.members}
    functions: dict[str, Value] = {}
    for module in (containers, iterators, numbers, sorting, texts, types, verbs):
        functions.update(module.FUNCTIONS)
    return {
        **annotation_names(),
        **TYPES,
        **EXCEPTIONS,
        **{alias: EXCEPTIONS[name] for alias, name in ALIASES.items()},
        **dict(sorted(functions.items())),
    }
