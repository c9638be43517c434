"""Items and slices: read, set, deleted.

Its one rule: a read joins the labels of the reference, of the object and of the key; a change goes through
`Run.changing`, which marks the object with all that it tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Labeled, List, Record, Value, element, type_name, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.schemas import subscripted
from ringfence.lang.builtins.tables import METHODS
from ringfence.lang.iteration import collect, parts_within
from ringfence.lang.keys import key_of, value_of_key
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import Deque, Slice, TypeValue, View, label_of, settle, split
from ringfence.lang.operations.attributes import attr
from ringfence.lang.raised import EXCEPTIONS, ExceptionValue, Raised, fail, of_python
from ringfence.lang.running.calling import apply

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


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
    if kind is Dict and type(key) is Labeled and type(key._value) is str and key._value in raw.items:  # type: ignore[attr-defined]
        label = label.join(raw.label).join(key.label)  # type: ignore[attr-defined]
        return element(raw, raw.items, key._value, label)  # type: ignore[arg-type,attr-defined]
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
    if isinstance(raw, DefaultDict) and raw.factory is not None:
        return _filled(run, raw, value, key, label.join(raw.label).join(key_label))
    if found in raw.items:
        return element(raw, raw.items, found, label.join(raw.label).join(key_label))
    if isinstance(raw, Counter):
        return with_label(0, label.join(raw.label).join(key_label))
    shown = value_of_key(found)
    where = label.join(raw.label).join(key_label)
    raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (shown,), where), where)


def _filled(run: Run, raw: DefaultDict, value: Value, key: Value, label: Label) -> Value:
    """An item of a defaultdict. Whether it is made now depends on what is there, and on what was asked for."""
    found, key_label = key_of(key)
    if label is not TRUSTED_PUBLIC:
        run.changing(value)
        raw.taint(key_label)
        run.depends(label, run.calling)
    if found not in raw.items:
        pc = run.pc
        run.raise_pc(label, run.calling)
        made = apply(run, raw.factory, ())
        run.back(pc)
        site = raw.child_site or raw.site
        set_item(run, value, key, run.tag(made, site) if site else made)
    return element(raw, raw.items, found, label.join(raw.label))


def _record_item(run: Run, raw: Record, value: Value, index: Value, label: Label) -> Value:
    names = list(raw.fields)
    if isinstance(index, int) and raw.indexed and -len(names) <= index < len(names):
        return with_label(attr(run, value, names[index]), label)
    if isinstance(index, int) and raw.indexed:
        fail("IndexError", "tuple index out of range", label.join(raw.label))
    if isinstance(index, str) and index in raw.fields:
        return with_label(attr(run, value, index), label)
    if isinstance(index, str):
        fail("KeyError", index, label.join(raw.label))
    fail("TypeError", f"'{raw.name}' object is not subscriptable (write .field)", label.join(raw.label))


def set_item(run: Run, holder: Value, key: Value, value: Value) -> None:
    """`holder[key] = value`. A labelled key marks the whole object: any element could have been written."""
    if run.promises:
        run.in_order()
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
        picked = parts_within(raw, raw.label, None, span)
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
    whole = where.step is None or where.step == 1
    made, shape = collect(
        run, value, "can only assign an iterable" if whole else "must assign iterable to extended slice"
    )
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
