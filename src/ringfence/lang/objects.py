"""Values of the language that are not data: functions, types, modules, iterators.

Its one rule: nothing of the host is reachable through them. They have no attributes but those that the
tables in `lang/builtins/` name, and print as a name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Protocol, TypeAlias, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Value, with_label
from ringfence.core.values import deep as plain_deep
from ringfence.core.values import label_of as plain_label_of
from ringfence.lang import sizes
from ringfence.schema import Type

# A built-in of the language: it gets the run, then the values that the plan passes.
Native: TypeAlias = "Callable[..., Value]"


@final
class Unbound:
    """Stands in a variable that has no value; `label` is that of the fact that it has none."""

    __slots__ = ("label",)

    def __init__(self, label: Label) -> None:
        self.label = label


UNBOUND: Final = Unbound(TRUSTED_PUBLIC)


@final
class Function(Heap):
    """A function of the plan, and what it closed over. `kernel`: see lang/kernels/."""

    __slots__ = ("code", "kernel", "name", "params", "parts")

    def __init__(
        self,
        code: Callable[..., Value],
        name: str,
        params: tuple[str, ...],
        parts: tuple[Value, ...],
        kernel: object = None,
    ) -> None:
        self.code = code
        self.name = name
        self.params = params  # names that keyword arguments may use
        self.parts = parts  # the default values
        self.kernel = kernel
        self._start(TRUSTED_PUBLIC)

    def children(self) -> Collection[Value]:
        return self.parts


@final
class Builtin:
    """A built-in function of the language, a method of one of its types, or a bound one."""

    __slots__ = ("bound", "name", "native")

    def __init__(self, name: str, native: Native, bound: tuple[Value, ...] = ()) -> None:
        self.name = name
        self.native = native
        self.bound = bound


@final
class BoundMethod(Heap):
    """A method taken from a value but not called yet."""

    __slots__ = ("name", "native", "receiver")

    def __init__(self, name: str, native: Native, receiver: Value) -> None:
        self.name = name
        self.native = native
        self.receiver = receiver
        self._start(TRUSTED_PUBLIC)

    def children(self) -> Collection[Value]:
        return (self.receiver,)


@final
class ToolValue:
    """A tool used as a value. `number` is its site: the place where the plan names it."""

    __slots__ = ("name", "number")

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number


@final
class TypeValue:
    """A type as a value: callable, and usable in isinstance and in schemas.

    `make` constructs; `holds` says whether a raw value is an instance; `schema` is its Type, where it has one;
    `members` are the names that can be read from it (`datetime.fromisoformat`, `Color.RED`).
    """

    __slots__ = ("holds", "make", "members", "name", "schema")

    def __init__(
        self,
        name: str,
        make: Native | None,
        holds: Callable[[Value], bool],
        schema: Type | None = None,
        members: Mapping[str, Value] | None = None,
    ) -> None:
        self.name = name
        self.make = make
        self.holds = holds
        self.schema = schema
        self.members: Mapping[str, Value] = {} if members is None else members


@final
class Module:
    """The pure part of a module."""

    __slots__ = ("members", "name")

    def __init__(self, name: str, members: Mapping[str, Value]) -> None:
        self.name = name
        self.members = members


@final
class Iter(Heap):
    """An iterator. `label` is that of how far it goes; it may grow with every step."""

    __slots__ = ("kind", "region", "source", "steps")

    def __init__(self, steps: Iterator[Value], label: Label, kind: str = "iterator") -> None:
        self.steps = steps
        self.kind = kind
        self.source: tuple[Value, ...] = ()
        self.region = 0  # what going on may do: functions that it calls, iterators that it was made of
        self._start(label)

    def children(self) -> Collection[Value]:
        return self.source


@final
class Slice(Heap):
    """What `slice(a, b, c)` gives, and `a:b:c` in a subscript of several parts."""

    __slots__ = ("lower", "step", "upper")

    def __init__(self, lower: Value, upper: Value, step: Value) -> None:
        self.lower = lower
        self.upper = upper
        self.step = step
        self._start(TRUSTED_PUBLIC)

    def children(self) -> Collection[Value]:
        return self.lower, self.upper, self.step


@final
class View(List):
    """What dict.keys(), .values() and .items() give: a snapshot that prints as the view would."""

    __slots__ = ("kind",)

    def __init__(self, kind: str, items: list[Value], label: Label) -> None:
        super().__init__(items, label)
        self.kind = kind


@final
class Deque(List):
    """A deque; `limit` is its maxlen or None."""

    __slots__ = ("limit",)
    ends = True

    def __init__(self, items: list[Value], label: Label, limit: int | None) -> None:
        super().__init__(items, label)
        self.limit = limit


def callable_name(value: Value) -> str | None:
    """How a non-data value prints, or None for data. A name, and nothing of the host."""
    if isinstance(value, Function):
        return f"<function {value.name}>"
    if isinstance(value, (Builtin, BoundMethod)):
        return f"<built-in function {value.name}>"
    if isinstance(value, ToolValue):
        return f"<tool {value.name}>"
    if isinstance(value, TypeValue):
        return f"<class '{value.name}'>"
    if isinstance(value, Module):
        return f"<module '{value.name}'>"
    if isinstance(value, Iter):
        return f"<{value.kind} object>"
    return None


class Source(Protocol):
    """A call whose result is on its way. `level`: how many calls that are not made yet it waits for, in a row.

    `fact` is the label of that it has not failed, as far as it is not in that of the result.
    """

    @property
    def level(self) -> int: ...

    @property
    def fact(self) -> Label: ...

    def arrived(self) -> Value:
        """The result, of which the plan does not hear yet."""

    def result(self) -> Value:
        """The result, where the plan needs it."""


@final
class Promise:
    """The result of a call that is still on its way. It is waited for where its content is needed."""

    __slots__ = ("_pending", "_value", "assigned", "replaced", "then", "undone")

    def __init__(self, pending: Source) -> None:
        self._pending: Source | None = pending
        self._value: Value = None
        _PROMISED.any = True
        self.then: Callable[[Value], Value] | None = None  # what is to be done with the value when it is there
        self.assigned = False  # whether a variable of a `try` has it,
        self.replaced: Value = UNBOUND  # and what that had before
        self.undone = False  # whether something had failed before it that was called earlier

    @property
    def pending(self) -> bool:
        """Whether nobody has waited for it yet."""
        return self._pending is not None

    @property
    def source(self) -> Source:
        """The call behind it. Only while it is pending."""
        assert self._pending is not None
        return self._pending

    def value(self) -> Value:
        """Wait, and return the labelled result. Raises what the call raised, every time it is asked."""
        if self._pending is not None:
            self._value = self._pending.result()
            self._pending = None
            if self.then is not None:
                self._value = self.then(self._value)
        return self._value

    def arrived(self) -> Value:
        """The result, of which the plan does not hear if it has not waited for it."""
        return self._value if self._pending is None else self._pending.arrived()

    def comes_from(self, source: Source) -> bool:
        """Whether it is what a call gives that is waited for now."""
        return self._pending is source

    def dropped(self) -> bool:
        """Whether nothing was assigned, since something that was called before it has failed."""
        first = self
        while type(first._pending) is Shared:
            first = first._pending.first
        return first.undone

    def quietly(self) -> Value:
        """The same, where the plan does not hear that the call has not failed but by the label of this: it has that."""
        if self._pending is None:
            return self._value
        found = with_label(self._pending.arrived(), self._pending.fact)
        return found if self.then is None else self.then(found)


@final
class Shared:
    """What a second variable has of a promise: the same call, but another value that it had before.

    Also what is under a label beside: that of what decided which result it is.
    """

    __slots__ = ("fact", "first", "label")

    def __init__(self, first: Promise, label: Label = TRUSTED_PUBLIC) -> None:
        self.first = first
        self.label = label
        self.fact = first.source.fact if first.pending else TRUSTED_PUBLIC  # once it was waited for, the run knows

    @property
    def level(self) -> int:
        return self.first.source.level if self.first.pending else 0

    def arrived(self) -> Value:
        """The result, of which the plan does not hear yet."""
        return with_label(self.first.source.arrived() if self.first.pending else self.first.value(), self.label)

    def result(self) -> Value:
        """The result, where the plan needs it."""
        return with_label(self.first.value(), self.label)


def settle(value: Value) -> Value:
    """The value itself, waited for if it is a promise (also one behind a label)."""
    if type(value) is Promise:
        return value.value()
    if type(value) is Labeled and type(value._value) is Promise:
        return with_label(value._value.value(), value.label)
    return value


def settle_deep(value: Value) -> Value:
    """The value with every promise in it waited for and replaced, in place where that can be."""
    value = settle(value)
    if not _PROMISED.any:
        return value
    value = _settled_tuple(value)
    seen: set[int] = set()
    pending: list[Value] = [value]
    while pending:
        part = pending.pop()
        raw = part._value if type(part) is Labeled else part
        if not isinstance(raw, (Heap, tuple)) or id(raw) in seen:
            continue
        seen.add(id(raw))
        if isinstance(raw, tuple):
            pending.extend(raw)
            continue
        if isinstance(raw, List):
            for index, item in enumerate(raw.items):
                raw.items[index] = _settled_tuple(settle(item))
        elif isinstance(raw, Dict):
            for key, item in raw.items.items():
                raw.items[key] = _settled_tuple(settle(item))
        elif isinstance(raw, Record):
            for name, item in raw.fields.items():
                raw.fields[name] = _settled_tuple(settle(item))
        pending.extend(raw.children())
    return value


def _settled_tuple(value: Value) -> Value:
    """A tuple with promises in it, also in tuples in it, is made anew."""
    raw = value._value if type(value) is Labeled else value
    if type(raw) is not tuple:
        return value
    made = tuple(_settled_tuple(settle(item)) for item in raw)
    if all(new is old for new, old in zip(made, raw, strict=True)):
        return value
    return Labeled(made, value.label, value.origin) if type(value) is Labeled else made


class _Promised(threading.local):
    """Whether this thread (a run has its own) has made a promise at all."""

    any = False


_PROMISED: Final = _Promised()


def forget_promises() -> None:
    """A new run starts in this thread."""
    _PROMISED.any = False


_BARE: Final = frozenset({bool, int, str, float, type(None)})


def label_of(value: Value) -> Label:
    """The label of the value itself and of its shape; a promise is waited for, since until then it has no label."""
    if type(value) is Labeled and type(value._value) in _BARE:
        return value.label
    return plain_label_of(settle(value))


def deep(value: Value) -> Label:
    """The join over everything that can be reached; promises in it are waited for."""
    return plain_deep(settle_deep(value), sizes.copied)


def labelled(raw: Value, label: Label) -> Value:
    """A value that has no label of its own, under one."""
    return raw if label is TRUSTED_PUBLIC else Labeled(raw, label)


def split(value: Value) -> tuple[Value, Label]:
    """The raw value and the label of its reference."""
    if type(value) is Promise:
        value = settle(value)
    if type(value) is Labeled:
        if type(value._value) is Promise:
            return split(settle(value))
        return value._value, value.label
    return value, TRUSTED_PUBLIC
