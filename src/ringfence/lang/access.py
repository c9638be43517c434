"""Reading and changing parts of values: attributes, items, slices, unpacking, methods.

Its one rule: a read joins the labels of the reference, of the object and of the key; a change goes through
`Run.changing`, which marks the object with all that it tells. Attributes and methods are looked up in tables;
nothing is ever asked of a Python object by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NoReturn

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import (
    Dict,
    EnumMember,
    Labeled,
    List,
    Record,
    Set,
    Value,
    element,
    type_name,
    with_label,
)
from ringfence.lang import habits, sizes
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.calling import apply, call_native
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of
from ringfence.lang.lifting import Pure, result_of
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import (
    BoundMethod,
    Deque,
    Module,
    Native,
    Promise,
    Slice,
    TypeValue,
    View,
    deep,
    label_of,
    settle,
)
from ringfence.lang.operators import parts
from ringfence.lang.raised import ExceptionValue, fail, of_python, place

if TYPE_CHECKING:
    from ringfence.lang.engine import Run

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


def split(value: Value) -> tuple[Value, Label]:
    """The raw value and the label of its reference."""
    if type(value) is Promise:
        value = settle(value)
    if type(value) is Labeled:
        if type(value._value) is Promise:
            return split(settle(value))
        return value._value, value.label
    return value, TRUSTED_PUBLIC


# Attributes and methods


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
            if type(found) in _LEAVES:
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
            except TypeError as error:
                if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                    fail("TypeError", f"{name}() got the wrong arguments")
                raise
            if made is None and run.tries:
                run.did(name, receiver)
            return made
    return method_with(run, receiver, name, args, {})


def append(run: Run, receiver: Value, value: Value) -> Value:
    """`receiver.append(value)`: what most loops do, without a look into the tables where it is a list of the plan."""
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
        made = call_native(run, name, native, (receiver, *args), keywords)
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
        fail("FrozenInstanceError", f"cannot assign to field '{name}' of a {raw.name}", label_of(holder))
    if name not in raw.fields:
        _no_attribute(raw, name, label_of(holder))
    run.changing(holder)
    raw.fields[name] = with_label(value, run.pc.join(label))


# Items and slices


def item(run: Run, value: Value, key: Value) -> Value:
    """`value[key]`."""
    if type(value) is Labeled:
        raw, label = value._value, value.label
    else:
        raw, label = value, TRUSTED_PUBLIC
    kind = type(raw)
    if kind is List and type(key) is int:
        items = raw.items  # type: ignore[attr-defined]
        if raw.label is not label:  # type: ignore[attr-defined]
            label = label.join(raw.label)  # type: ignore[attr-defined]
        if key < 0:
            key += len(items)
        if 0 <= key < len(items):
            return element(raw, items, key, label, value.origin if type(value) is Labeled else None)  # type: ignore[arg-type]
        fail("IndexError", "list index out of range", label)
    if kind is Dict and type(key) is str:
        items = raw.items  # type: ignore[attr-defined]
        if raw.label is not label:  # type: ignore[attr-defined]
            label = label.join(raw.label)  # type: ignore[attr-defined]
        if key in items:
            return element(raw, items, key, label, value.origin if type(value) is Labeled else None)  # type: ignore[arg-type]
        fail("KeyError", key, label)
    return _item(run, value, key)


def _item(run: Run, value: Value, key: Value) -> Value:
    settled, place = settle(value), settle(key)
    if settled is not value or place is not key:  # what was waited for is read like what was there: with its origin
        return item(run, settled, place)
    raw, label = split(value)
    index, key_label = split(key)
    label = label.join(key_label)
    if isinstance(raw, Dict):
        return _dict_item(run, raw, value, key, label)
    if isinstance(raw, TypeValue):
        from ringfence.lang.builtins.schemas import subscripted

        return subscripted(raw, key, label)
    if isinstance(index, Slice):
        return slice_of(run, value, index.lower, index.upper, index.step)
    if isinstance(raw, Record):
        return _record_item(run, raw, value, index, label)
    native = METHODS.get(type(raw), {}).get("[]")
    if native is not None:
        return native(run, value, key)
    if isinstance(index, bool):
        index = int(index)
    if isinstance(index, EnumMember) and index.mixed:
        index = index.value
    if not isinstance(raw, (List, tuple, str, bytes, range)):
        hint = " (fields of records are attributes: write .name)" if isinstance(index, str) else ""
        fail("TypeError", f"'{type_name(raw)}' object is not subscriptable{hint}", label_of(value).join(key_label))
    name = type_name(raw)
    if not isinstance(index, int):
        fail(
            "TypeError",
            f"{name} indices must be integers or slices, not {type_name(index)}",
            label.join(label_of(value)),
        )
    if isinstance(raw, List):
        label = label.join(raw.label)
        index += len(raw.items) if index < 0 else 0
        if not 0 <= index < len(raw.items):
            fail("IndexError", f"{name} index out of range", label)
        return element(raw, raw.items, index, label)
    if not -len(raw) <= index < len(raw):
        fail("IndexError", f"{'string' if isinstance(raw, str) else name} index out of range", label)
    found: Value = raw[index]
    origin = value.origin if type(value) is Labeled and key_label is TRUSTED_PUBLIC else None
    if origin is not None and isinstance(raw, tuple) and type(found) is not Labeled:
        return Labeled(found, label, (origin, index))
    return with_label(found, label)


def _dict_item(run: Run, raw: Dict, value: Value, key: Value, label: Label) -> Value:
    found, key_label = key_of(key)
    if found in raw.items:
        return element(raw, raw.items, found, label.join(raw.label).join(key_label))
    if isinstance(raw, Counter):
        return with_label(0, label.join(raw.label).join(key_label))
    if isinstance(raw, DefaultDict) and raw.factory is not None:
        made = apply(run, raw.factory, ())
        if raw.child_site:
            made = run.tag(made, raw.child_site)
        set_item(run, value, key, made)
        return element(raw, raw.items, found, label.join(raw.label).join(key_label))
    from ringfence.lang.keys import value_of_key

    shown = value_of_key(found)
    from ringfence.lang.raised import EXCEPTIONS, Raised

    where = label.join(raw.label).join(key_label)
    raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (shown,), where), where)


def _record_item(run: Run, raw: Record, value: Value, index: Value, label: Label) -> Value:
    names = list(raw.fields)
    if isinstance(index, int) and raw.indexed and -len(names) <= index < len(names):
        return with_label(attr(run, value, names[index]), label)
    if isinstance(index, str) and index in raw.fields:
        return with_label(attr(run, value, index), label)
    if isinstance(index, str):
        fail("KeyError", index, label.join(raw.label))
    fail("TypeError", f"'{raw.name}' object is not subscriptable (write .field)", label.join(raw.label))


def set_item(run: Run, holder: Value, key: Value, value: Value) -> None:
    """`holder[key] = value`. A labelled key marks the whole object: any element could have been written."""
    if type(holder) is Dict:
        raw_key, label = (key._value, key.label) if type(key) is Labeled else (key, TRUSTED_PUBLIC)
        if type(raw_key) is str:
            _set_text(run, holder, raw_key, label, value)
            return
    raw, _ = split(holder)
    if isinstance(raw, Dict):
        found, key_label = key_of(key)
        run.changing(holder)
        if key_label is not TRUSTED_PUBLIC:
            raw.taint(key_label)
        if found not in raw.items:
            run.charge(100)
        raw.items[found] = value
        return
    index, key_label = split(key)
    if isinstance(raw, List) and not isinstance(raw, View) and isinstance(index, int):
        size = len(raw.items)
        if not -size <= index < size:
            fail("IndexError", "list assignment index out of range", label_of(holder).join(key_label))
        run.changing(holder)
        if key_label is not TRUSTED_PUBLIC:
            raw.taint(key_label)
        raw.items[index] = value
        return
    if isinstance(raw, List) and isinstance(index, Slice):
        set_slice(run, holder, index.lower, index.upper, index.step, value)
        return
    label = label_of(holder).join(key_label)
    if isinstance(raw, List):
        fail("TypeError", f"list indices must be integers or slices, not {type_name(index)}", label)
    fail("TypeError", f"'{type_name(raw)}' object does not support item assignment", label)


def _set_text(run: Run, holder: Dict, key: str, label: Label, value: Value) -> None:
    """As `set_item`, of a dict with an unlabelled reference and a key that is text."""
    pc = run.pc
    holder.changed = True
    if pc is not TRUSTED_PUBLIC and holder.label is not pc:
        holder.taint(pc)
    if label is not TRUSTED_PUBLIC and holder.label is not label:
        holder.taint(label)
    items = holder.items
    if key not in items:
        run.charge(100)
    items[key] = value


def del_item(run: Run, holder: Value, key: Value) -> None:
    """`del holder[key]`."""
    raw, _ = split(holder)
    found, key_label = key_of(key)
    label = label_of(holder).join(key_label)
    if isinstance(raw, Dict):
        if found not in raw.items:
            fail("KeyError", str(found), label)
    elif isinstance(raw, List) and not isinstance(raw, View) and isinstance(found, int):
        if not -len(raw.items) <= found < len(raw.items):
            fail("IndexError", "list assignment index out of range", label)
    else:
        fail("TypeError", f"'{type_name(raw)}' object doesn't support item deletion", label)
    run.changing(holder)
    raw.taint(key_label)
    del raw.items[found]  # type: ignore[arg-type]  # a list's index is an int, checked above


def slice_value(lower: Value, upper: Value, step: Value) -> Value:
    """`a:b:c` inside a subscript with more than one part."""
    return Slice(lower, upper, step)


def _slice(lower: Value, upper: Value, step: Value, label: Label) -> tuple[slice, Label]:
    raw: list[int | None] = []
    for bound in (lower, upper, step):
        part, bound_label = split(bound)
        label = label.join(bound_label)
        if part is not None and not isinstance(part, int):
            fail("TypeError", "slice indices must be integers or None", label)
        raw.append(part)
    if raw[2] == 0:
        fail("ValueError", "slice step cannot be zero", label)
    return slice(*raw), label


def slice_of(run: Run, value: Value, lower: Value, upper: Value, step: Value) -> Value:
    """`value[lower:upper:step]`: a new list whose shape carries the labels of the bounds."""
    value = settle(value)
    raw, label = split(value)
    where, label = _slice(lower, upper, step, label)
    if isinstance(raw, (str, bytes, range)):
        made: Value = raw[where]
        if not isinstance(raw, range):
            sizes.scanned(len(raw))
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    if isinstance(raw, tuple):
        made = raw[where]
        sizes.copied(len(made))
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    if isinstance(raw, Record) and raw.indexed:
        return with_label(tuple(attr(run, value, name) for name in raw.fields)[where], label)
    if isinstance(raw, List) and not isinstance(raw, Deque):
        label = label.join(raw.label)
        span = range(*where.indices(len(raw.items)))
        sizes.copied(len(span))
        picked = [element(raw, raw.items, index, raw.label) for index in span]
        sizes.items(len(picked))
        made = List(picked, label)
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    fail("TypeError", f"'{type_name(raw)}' object cannot be sliced", label)


def set_slice(run: Run, holder: Value, lower: Value, upper: Value, step: Value, value: Value) -> None:
    """`holder[lower:upper:step] = value`."""
    raw, label = split(holder)
    if not isinstance(raw, List) or isinstance(raw, (View, Deque)):
        fail("TypeError", f"'{type_name(raw)}' object does not support slice assignment", label)
    where, bounds_label = _slice(lower, upper, step, TRUSTED_PUBLIC)
    made, shape = collect(run, value)
    run.changing(holder)
    raw.taint(shape.join(bounds_label))
    try:
        raw.items[where] = made
    except ValueError as error:
        raise of_python(error, label.join(raw.label)) from None


def del_slice(run: Run, holder: Value, lower: Value, upper: Value, step: Value) -> None:
    """`del holder[lower:upper:step]`."""
    raw, label = split(holder)
    if not isinstance(raw, List) or isinstance(raw, (View, Deque)):
        fail("TypeError", f"'{type_name(raw)}' object does not support slice deletion", label)
    where, bounds_label = _slice(lower, upper, step, TRUSTED_PUBLIC)
    run.changing(holder)
    raw.taint(bounds_label)
    del raw.items[where]


# Unpacking


def unpack(run: Run, value: Value, count: int, star: int) -> list[Value]:
    """The values for `count` targets; the one at `star` (or -1) takes the rest as a list."""
    value = settle(value)
    raw, label = split(value)
    if isinstance(raw, Record) and raw.indexed:
        value = with_label(tuple(attr(run, value, name) for name in raw.fields), label)
    made, label = collect(run, value)
    if run.tries and not made:  # of parts it is known by their own labels that there are as many
        run.held(label)
    if star < 0:
        if len(made) != count:
            few = f"not enough values to unpack (expected {count}, got {len(made)})"
            many = f"too many values to unpack (expected {count})"
            fail("ValueError", many if len(made) > count else few, label)
        return made
    if len(made) < count - 1:
        few = f"not enough values to unpack (expected at least {count - 1}, got {len(made)})"
        fail("ValueError", few, label)
    after = count - 1 - star
    rest = List(made[star : len(made) - after], label)
    return [*made[:star], rest if label is TRUSTED_PUBLIC else Labeled(rest, label), *made[len(made) - after :]]


def unpacked(run: Run, items: Iterable[Value], shape: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    """The elements of a comprehension's iterable, unpacked as its target says."""
    for value in items:
        yield _unpacked(run, value, shape)


def _unpacked(run: Run, value: Value, shape: tuple[object, ...]) -> tuple[object, ...]:
    star = next((i for i, part in enumerate(shape) if isinstance(part, tuple) and part[:1] == ("*",)), -1)
    made: list[object] = list(unpack(run, value, len(shape), star))
    for index, part in enumerate(shape):
        inner = part[1] if isinstance(part, tuple) and part[:1] == ("*",) else part
        if isinstance(inner, tuple):
            made[index] = _unpacked(run, made[index], inner)
    return tuple(made)


# Displays


def spread_display(run: Run, kind: str, rows: tuple[tuple[bool, Value], ...]) -> Value:
    """`[a, *b]` and its like."""
    made: list[Value] = []
    label = TRUSTED_PUBLIC
    for starred, value in rows:
        if starred:
            inner, shape = collect(run, value)
            label = label.join(shape)
            made.extend(inner)
        else:
            made.append(value)
    if kind == "set":
        return make_set(run, made, label)
    if kind == "tuple":
        return tuple(made) if label is TRUSTED_PUBLIC else Labeled(tuple(made), label)
    return List(made, label)


def make_set(run: Run, values: Iterable[Value], label: Label = TRUSTED_PUBLIC, frozen: bool = False) -> Value:
    """A set of the values, in order of appearance, under the join of their labels."""
    made: dict[Value, None] = {}
    for value in values:
        key, key_label = key_of(value)
        label = label.join(key_label)
        made[key] = None
    return Set(made, label, frozen=frozen)


def make_dict(run: Run, rows: Iterable[tuple[tuple[Value] | None, Value]]) -> Value:
    """`{k: v, **d}`."""
    made: dict[Value, Value] = {}
    label = TRUSTED_PUBLIC
    for key, value in rows:
        if key is not None:
            found, key_label = key_of(key[0])
            label = label.join(key_label)
            made[found] = value
            continue
        value = settle(value)
        raw, outer = split(value)
        if not isinstance(raw, Dict):
            fail("TypeError", f"'{type_name(raw)}' object is not a mapping", label_of(value))
        label = label.join(outer).join(raw.label)
        sizes.copied(8 * len(raw.items))
        for found in list(raw.items):
            made[found] = element(raw, raw.items, found, raw.label)
    return Dict(made, label)


def in_place(symbol: str, run: Run, target: Value, value: Value) -> Value | None:
    """The in-place form of an operator on a mutable object; None where there is none."""
    raw, _ = split(target)
    if isinstance(raw, List) and symbol == "+" and not isinstance(raw, View):
        made, label = collect(run, value)
        run.changing(target)
        raw.taint(label)
        raw.items.extend(made)
        _trim(raw)
        return target
    if isinstance(raw, List) and symbol == "*" and not isinstance(raw, (View, Deque)):
        count, label = split(value)
        if isinstance(count, int):
            sizes.items(len(raw.items) * max(count, 0))
            run.changing(target)
            raw.taint(label)
            raw.items[:] = parts(raw) * count
            return target
    if isinstance(raw, (Dict, Set)) and not (isinstance(raw, Set) and raw.frozen):
        from ringfence.lang.operators import BINARY

        made_value = BINARY[symbol](target, value)
        result, label = split(made_value)
        if isinstance(result, (Dict, Set)) and type(result) is type(raw):
            run.changing(target)
            raw.taint(label.join(result.label))
            items = dict(result.items)
            raw.items.clear()
            raw.items.update(items)  # type: ignore[arg-type]  # of the same kind, checked above
            return target
        return made_value
    return None


def _trim(raw: List) -> None:
    if isinstance(raw, Deque) and raw.limit is not None and len(raw.items) > raw.limit:
        del raw.items[: len(raw.items) - raw.limit]
