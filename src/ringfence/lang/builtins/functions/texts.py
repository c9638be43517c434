"""Texts and bytes: `str`, `bytes`, `repr`, `ascii`, `format`, `chr`, `ord`.

Its one rule: a text has the label of all that was printed into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.plain import EnumMember
from ringfence.core.values import Value
from ringfence.lang import sizes
from ringfence.lang.builtins.schemas import builtin_type
from ringfence.lang.lifting import builtin, lifted
from ringfence.lang.objects import Builtin, TypeValue, deep, labelled, settle_deep, split
from ringfence.lang.operations.attributes import method_with
from ringfence.lang.raised import fail
from ringfence.lang.text import ascii_raw, format_raw, repr_raw, str_raw

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _str(run: Run, value: Value = "", *rest: Value, **encoding: Value) -> Value:
    if type(value) is str:
        return value
    value = settle_deep(value)
    if rest or (encoding and isinstance(split(value)[0], bytes)):
        return method_with(run, value, "decode", rest, encoding)
    label = deep(value)
    made = str_raw(value)
    sizes.text(len(made))
    return labelled(made, label)


def _repr(run: Run, value: Value) -> Value:
    value = settle_deep(value)
    return labelled(repr_raw(value), deep(value))


def _ascii(run: Run, value: Value) -> Value:
    value = settle_deep(value)
    return labelled(ascii_raw(value), deep(value))


def _format(run: Run, value: Value, spec: Value = "") -> Value:
    value = settle_deep(value)
    text, spec_label = split(spec)
    label = deep(value).join(spec_label)
    if not isinstance(text, str):
        fail("TypeError", "format() argument 2 must be str", label)
    return labelled(format_raw(value, "", text, label), label)


def _mixed_str(raw: Value) -> bool:
    return isinstance(raw, str) or (isinstance(raw, EnumMember) and raw.mixed and isinstance(raw.value, str))


TYPES: Final[dict[str, Value]] = {
    "str": TypeValue(
        "str", _str, _mixed_str, builtin_type("str", None).schema, {"maketrans": builtin("maketrans", str.maketrans)}
    ),
    "bytes": builtin_type(
        "bytes", lifted(bytes, lambda value=b"", *rest: sizes.text(value) if isinstance(value, int) else None), bytes
    ),
}
FUNCTIONS: Final[dict[str, Value]] = {
    "ascii": Builtin("ascii", _ascii),
    "chr": builtin("chr", chr),
    "format": Builtin("format", _format),
    "ord": builtin("ord", ord),
    "repr": Builtin("repr", _repr),
}
