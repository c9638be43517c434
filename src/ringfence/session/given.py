"""Variables that exist before a plan starts.

Its one rule: each has a label; what a developer gives without one is the developer's own, trusted and public.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Final

from ringfence.core.encoding import EncodingError, Json, from_json
from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value, unsafe_value, wrap
from ringfence.guard.labelling import principal
from ringfence.guard.tools import RESERVED
from ringfence.schema import plain_of

_KEYS: Final = frozenset({"value", "sources", "readers"})
_SHAPE: Final = '{"x": {"value": 1, "sources": ["tool:vault"], "readers": ["alice"]}}'


def given_values(given: Mapping[str, object], tools: Iterable[str]) -> dict[str, Value]:
    """Python objects as values. Raises ConfigError (C504) for names and objects that a plan cannot have."""
    taken = frozenset(tools)
    return {checked_name(name, taken): _value(name, item) for name, item in given.items()}


def _value(name: str, item: object) -> Value:
    label = item.label if isinstance(item, Labeled) else TRUSTED_PUBLIC
    inner = unsafe_value(item)  # sound: its label is put on the value that is made of it
    if _is_value(inner):
        return item
    try:
        return wrap(plain_of(inner), label)
    except (TypeError, RecursionError):
        raise bad(f"the variable {name} is not data") from None


def _is_value(inner: object) -> bool:
    """Whether it is made of the plan's own objects already."""
    if isinstance(inner, tuple):
        return any(_is_value(part) for part in inner)
    return isinstance(inner, (Heap, Labeled))


def checked_name(name: object, tools: frozenset[str]) -> str:
    """A name that a variable of a plan may have. Raises ConfigError (C504)."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or len(name) > 200:
        raise bad("a name is no name of a variable")
    if name.startswith("__"):
        raise bad("a name begins with two underscores")
    if name in RESERVED or name in tools:
        raise bad(f"{name} is the name of a tool or verb")
    return name


def given_from_json(obj: Json, tools: Iterable[str] = ()) -> dict[str, Value]:
    """The variables of a `--given` file: by name, a value (with `$` tags), its sources and its readers. ConfigError."""
    if not isinstance(obj, dict):
        raise bad("it is no object of variables")
    taken = frozenset(tools)
    return {checked_name(name, taken): _entry(name, entry) for name, entry in obj.items()}


def _entry(name: str, entry: Json) -> Value:
    if not isinstance(entry, dict) or "value" not in entry:
        raise bad(f"{name} has no value")
    if not entry.keys() <= _KEYS:
        raise bad(f"{name} has a key that is none of value, sources and readers")
    readers = entry.get("readers", "everyone")
    try:
        label = Label(
            _names(entry.get("sources", [])),
            EVERYONE if readers == "everyone" else _names(readers),
        )
    except TypeError:
        raise bad(f"the sources or readers of {name} are no list of names") from None
    try:
        return wrap(from_json(entry["value"]), label)
    except (EncodingError, RecursionError):
        raise bad(f"the value of {name} is not data with the tags that there are") from None


def _names(found: Json) -> list[str]:
    if not isinstance(found, list):
        raise TypeError("no list of names")
    return [principal(name) for name in found]  # as tools' labels have them: else a user could not read the user's own


def bad(message: str) -> ConfigError:
    """The error for variables that cannot be given."""
    return ConfigError(f"the given variables: {message}", code="C504", hint=f"write {_SHAPE}")
