"""Attributes and methods: fields of records, members of modules and types, and what the tables name.

Its one rule: they are looked up in tables; nothing is ever asked of a Python object by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NoReturn

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Labeled, List, Record, Value, element, type_name, with_label
from ringfence.lang import habits
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.iteration import LEAVES
from ringfence.lang.lifting import Pure, result_of
from ringfence.lang.objects import BoundMethod, Module, Native, TypeValue, deep, label_of, settle, split
from ringfence.lang.raised import ExceptionValue, Raised, fail, of_python, place
from ringfence.lang.running.calling import apply, call_method, why_not

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def attr(run: Run, value: Value, name: str) -> Value:
    """`value.name`."""
    if type(value) is Labeled:
        raw, label = value._value, value.label
    else:
        raw, label = value, TRUSTED_PUBLIC
    if type(raw) is Record:
        fields = raw.fields
        if name in fields:
            if raw.label is not label:
                label = label.join(raw.label)
            found = fields[name]
            if type(found) in LEAVES:
                origin = value.origin if type(value) is Labeled and not raw.changed else None
                return (
                    found
                    if label is TRUSTED_PUBLIC
                    else Labeled(found, label, None if origin is None else (origin, name))
                )
            return element(raw, fields, name, label, value.origin if type(value) is Labeled else None)
    return _attribute(run, value, name)


def _attribute(run: Run, value: Value, name: str) -> Value:
    settled = settle(value)
    if settled is not value:  # what was waited for is read like what was there: with its origin
        return attr(run, settled, name)
    raw, label = split(value)
    if isinstance(raw, Record) and name in raw.fields:
        return element(raw, raw.fields, name, label.join(raw.label))
    if isinstance(raw, Record) and raw.indexed and name == "_fields":
        return with_label(tuple(raw.fields), label.join(raw.label))
    if isinstance(raw, (Module, TypeValue)):
        found = raw.members.get(name)
        if found is not None or name in raw.members:
            return with_label(found, label)
    if isinstance(raw, EnumMember) and name in ("name", "value"):
        return with_label(raw.name if name == "name" else raw.value, label)
    if isinstance(raw, ExceptionValue) and name == "args":
        return with_label(raw.args, label.join(raw.label))
    if isinstance(raw, ExceptionValue) and name in (parts := place(raw)):
        return with_label(parts[name], deep(value))
    read = ATTRIBUTES.get(type(raw), {}).get(name)
    if read is not None:
        return _read(read, raw, deep(value))
    native = _table(raw).get(name)
    if native is not None:
        return BoundMethod(name, native, value)
    if isinstance(raw, EnumMember) and raw.mixed:
        return _attribute(run, with_label(raw.value, label), name)
    if name == "failed":
        # What quarantine_each puts in the place of an item that could not be read says True here.
        return with_label(False, label_of(value))
    _no_attribute(raw, name, label_of(value))


def _read(read: Pure, raw: Value, label: Label) -> Value:
    """A computed attribute: it may fail (a port that is no number), and has the label of all it is computed from."""
    try:
        return result_of(read(raw), label)
    except (ValueError, ArithmeticError) as error:
        raise of_python(error, label) from None


def _table(raw: Value) -> Mapping[str, Native]:
    return METHODS.get(type(raw), _NONE)


_NONE: Final[Mapping[str, Native]] = {}


def _no_attribute(raw: Value, name: str, label: Label) -> NoReturn:
    known = list(_table(raw)) + list(ATTRIBUTES.get(type(raw), {}))
    if isinstance(raw, Record):
        known += list(raw.fields)
    elif isinstance(raw, (Module, TypeValue)):
        known += list(raw.members)
    close = difflib.get_close_matches(name, known, 1)
    hint = f". Did you mean: '{close[0]}'?" if close else ""
    what = f"module '{raw.name}'" if isinstance(raw, Module) else f"'{type_name(raw)}' object"
    if isinstance(raw, TypeValue):
        what = f"type object '{raw.name}'"
    if name in habits.METHODS and not isinstance(raw, (Module, TypeValue, Record)):
        hint = f" (for x.{name} write {habits.METHODS[name]})"
    if isinstance(raw, Dict):
        label = label.join(raw.label)
    if isinstance(raw, Dict) and name in raw.items:
        hint = f". It is a dict: write [{name!r}]"
    fail("AttributeError", f"{what} has no attribute '{name}'{hint}", label)


def method(run: Run, receiver: Value, name: str, *args: Value) -> Value:
    """`receiver.name(*args)`."""
    raw = receiver._value if type(receiver) is Labeled else receiver
    table = METHODS.get(type(raw))
    if table is not None:
        native = table.get(name)
        if native is not None:
            try:
                made = native(run, receiver, *args)
            except Raised as error:
                if type(receiver) is Labeled:  # which method it is, the object says
                    error.label = error.label.join(receiver.label)
                raise
            except TypeError as error:
                if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                    fail("TypeError", f"{name}(){why_not(native, (receiver, *args), {})}", split(receiver)[1])
                raise
            if made is None and run.tries:
                run.did(name, receiver)
            return made
    return method_with(run, receiver, name, args, {})


def append(run: Run, receiver: Value, value: Value) -> Value:
    """`receiver.append(value)`: what most loops do, without a look into the tables where it is a list of the plan."""
    if run.promises:
        run.in_order()
    if type(receiver) is List and run.pc is TRUSTED_PUBLIC:
        receiver.changed = True
        receiver.items.append(value)
        run.steps += 1
        return None
    return method(run, receiver, "append", value)


def method_with(run: Run, receiver: Value, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """`receiver.name(*args, **keywords)`."""
    receiver = settle(receiver)
    raw, _ = split(receiver)
    native = METHODS.get(type(raw), {}).get(name)
    if native is not None and not (isinstance(raw, Record) and name in raw.fields):
        made = call_method(run, name, native, receiver, args, keywords)
        if made is None and run.tries:
            run.did(name, receiver)
        return made
    return apply(run, attr(run, receiver, name), args, keywords)


def set_attr(run: Run, holder: Value, name: str, value: Value) -> None:
    """`holder.name = value`: only on records that the plan itself defined."""
    raw, label = split(holder)
    if not isinstance(raw, Record):
        fail("AttributeError", f"'{type_name(raw)}' object has no settable attribute '{name}'", label_of(holder))
    if raw.frozen:
        fail("FrozenInstanceError", f"cannot assign to field '{name}'", label_of(holder))
    if name not in raw.fields:
        _no_attribute(raw, name, label_of(holder))
    run.changing(holder)
    raw.fields[name] = with_label(value, run.pc.join(label))
