"""The variables of a plan: reading them, and the labels of the constructs that could have set them.

Its one rule: a variable that could have another value, or none, has the label of what decided that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import PLAIN_CONTAINERS, SCALARS
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, belong, with_label
from ringfence.lang.mappings import Counter
from ringfence.lang.objects import Deque, Promise, Unbound, View, settle
from ringfence.lang.raised import Raised, fail

# What is the same however often it is gone over.
STILL: Final = frozenset({List, Deque, View, Dict, Counter, Set, Record})
_NO_OBJECTS: Final = frozenset(SCALARS) | frozenset(PLAIN_CONTAINERS)


def taint(value: Value, label: Label) -> Value:
    """The value of a variable that could have been another under `label`. Unbound variables stay unbound."""
    if label is TRUSTED_PUBLIC:
        return value
    if type(value) is Unbound:
        return Unbound(value.label.join(label))
    return with_label(settle(value), label)


def kept(value: Value, label: Label) -> Value:
    """A variable of a `try` whose body failed: a call that failed has assigned nothing."""
    while isinstance(value, Promise):
        promise: Promise = value
        if promise.dropped():
            value = promise.replaced
            continue
        try:
            value = promise.quietly()
        except Raised as error:  # that it has this value tells of the failure
            value, label = promise.replaced, label.join(error.label)
    return taint(value, label)


def _objects(parts: Collection[Value]) -> Collection[Value]:
    """The parts, if there may be objects among them: most results of tools are plain data by the thousand."""
    return () if set(map(type, parts)) <= _NO_OBJECTS else parts


def belong_within(holder: Heap) -> None:
    """The objects in one that no place of the plan made belong to its allocation site, wherever they are kept later."""
    pending: list[Value] = [*_objects(holder.children())]
    seen: set[int] = set()  # tuples, which hold each other many times over
    while pending:
        part = pending.pop()
        raw = part._value if type(part) is Labeled else part
        if isinstance(raw, tuple):
            if id(raw) not in seen:
                seen.add(id(raw))
                pending.extend(raw)
        elif isinstance(raw, Heap) and raw.site == 0:
            belong(raw, holder.site, holder.kin)
            pending.extend(_objects(raw.children()))


def taint_within(holders: Collection[Heap], label: Label, but: Collection[type] = ()) -> None:
    """Mark objects, and what can be reached from them and no place of the plan made: that is theirs.

    `but`: the types of those that stay as they are.
    """
    pending: list[Value] = []
    for holder in holders:
        if type(holder) not in but:
            holder.taint(label)
        pending.extend(_objects(holder.children()))
    sites = {holder.site for holder in holders} | {0}
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        raw = part._value if type(part) is Labeled else part
        if id(raw) in seen:
            continue
        seen.add(id(raw))
        if isinstance(raw, Heap):
            if raw.site in sites:
                if type(raw) not in but:
                    raw.taint(label)
                pending.extend(_objects(raw.children()))
        elif isinstance(raw, tuple):
            pending.extend(raw)


def load(value: Value, name: str) -> Value:
    """Read a variable that may have no value."""
    if type(value) is Unbound:
        fail("NameError", f"name '{name}' is not defined", value.label)
    return value


def load_free(value: Value, name: str) -> Value:
    """Read a variable of a function around the one, or the generator, that is running."""
    if type(value) is Unbound:
        message = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        fail("NameError", message, value.label)
    return value


def load_local(value: Value, name: str) -> Value:
    """Read a variable of the function itself that may have no value."""
    if type(value) is Unbound:
        message = f"cannot access local variable '{name}' where it is not associated with a value"
        fail("UnboundLocalError", message, value.label)
    return value


def keyword_dict(values: dict[str, Value]) -> Value:
    """`**keywords` of a plan's function, as its dict."""
    return Dict({name[2:]: value for name, value in values.items()})
