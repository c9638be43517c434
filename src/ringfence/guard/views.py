"""What a rule sees of an argument: the bounds of its label, and its value where that is known.

Its one rule: a view is sound. At run time label and value are exact; before a run they may be open, and then
whoever asks gets "unknown", never a guess. Reading a part of a view joins the labels on the way to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, cast, final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.origins import origin_of
from ringfence.core.plain import EnumMember, Plain, RecordData
from ringfence.core.values import (
    Dict,
    Labeled,
    List,
    Record,
    Set,
    Value,
    deep,
    label_of,
    unsafe_plain,
    unsafe_value,
    with_label,
    wrap,
)
from ringfence.lang.host import UNKNOWN, Bounds
from ringfence.schema import AnyType, Type

ANYTHING: Final = AnyType()


class RuleError(Exception):
    """A rule cannot be evaluated. Says which operation and which types, never a value."""


@final
@dataclass(frozen=True, slots=True)
class ArgumentView:
    """One argument, or a part of one, or what a rule computed.

    bounds: of the `deep` label. known: `(value,)`, or None if the value is not known yet.
    literal: whether it is written in the plan; verbatim: whether it is an untouched projection of a tool's
    result; None for either: not known yet. endorsed: a person approved this value for this parameter in this run, or
    the policy vouches for what it is (None: not known yet).
    fallible: to compute it may fail at run time, so nothing about it is certain.
    """

    bounds: Bounds = UNKNOWN
    known: tuple[Value] | None = None
    literal: bool | None = None
    verbatim: bool | None = None
    type: Type = ANYTHING
    endorsed: bool | None = False
    fallible: bool = False


UNSURE: Final = ArgumentView(fallible=True)
_EXACT: Final = Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC)


def view_of(value: Value, *, literal: bool = False, endorsed: bool = False, type: Type = ANYTHING) -> ArgumentView:
    """The view of a value at run time: everything about it is known."""
    label = deep(value)
    return ArgumentView(Bounds(label, label), (value,), literal, origin_of(value) is not None, type, endorsed)


def constant(plain: Plain) -> ArgumentView:
    """The view of what the policy itself says."""
    if plain is True:
        return _YES
    if plain is False:
        return _NO
    return ArgumentView(_EXACT, (wrap(plain, TRUSTED_PUBLIC),), True, False)


_YES: Final = ArgumentView(_EXACT, (wrap(True, TRUSTED_PUBLIC),), True, False)
_NO: Final = ArgumentView(_EXACT, (wrap(False, TRUSTED_PUBLIC),), True, False)


def plain_value(view: ArgumentView) -> Plain:
    """The plain data of a known view, for comparing. An enum's member compares as its value."""
    assert view.known is not None
    # Sound: a policy may look at values; all that leaves it is a verdict.
    plain = unsafe_plain(view.known[0])
    return plain.value if isinstance(plain, EnumMember) else plain


def raw_value(view: ArgumentView) -> Value:
    """The value of a known view without the label of its reference. Sound as in `plain_value`."""
    assert view.known is not None
    return unsafe_value(view.known[0])


def part(view: ArgumentView, key: Value) -> ArgumentView:
    """The field or element `key` of a view."""
    if view.known is None:
        # A part may have a lower label than the whole, but never a higher one.
        return replace(UNSURE, bounds=Bounds(TRUSTED_PUBLIC, view.bounds.high), endorsed=view.endorsed)
    raw = raw_value(view)
    try:
        if isinstance(raw, (Record, RecordData)):
            found = raw.fields[cast(str, key)]
        elif isinstance(raw, Dict):
            found = raw.items[key]
        elif isinstance(raw, List):
            found = raw.items[cast(int, key)]
        elif isinstance(raw, dict):
            found = raw[key]
        elif isinstance(raw, (list, tuple)):
            found = raw[cast(int, key)]
        else:
            raise RuleError(f"{type(raw).__name__} has no parts")
    except (KeyError, IndexError, TypeError) as problem:
        raise RuleError(f"{type(raw).__name__} has no such part") from problem
    return _inside(view, found)


def parts(view: ArgumentView) -> list[ArgumentView] | None:
    """The elements of a list, tuple or set, or the keys of a dict; None if they are not known."""
    if view.known is None:
        return None
    raw = raw_value(view)
    if isinstance(raw, (List, Set, Dict)):
        found: Iterable[Value] = raw.items
    elif isinstance(raw, (list, tuple, set, frozenset, dict, deque)):
        found = raw
    else:
        raise RuleError(f"{type(raw).__name__} has no elements")
    return [_inside(view, item) for item in found]


def _inside(view: ArgumentView, found: Value) -> ArgumentView:
    assert view.known is not None
    value = with_label(wrap(found, TRUSTED_PUBLIC), label_of(view.known[0]))
    label = deep(value)
    verbatim = origin_of(value) is not None or (bool(view.verbatim) and type(found) is not Labeled)
    return ArgumentView(Bounds(label, label), (value,), view.literal, verbatim, endorsed=view.endorsed)
