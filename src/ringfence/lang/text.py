"""Values as text: str, repr, format specs, `.format` and `%`.

Its one rule: no attribute of anything is reached from a format string, and the label of a text is the join
over all that was printed (`deep`).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import Label
from ringfence.core.plain import EnumMember, RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, type_name
from ringfence.lang import sizes
from ringfence.lang.dateformats import write
from ringfence.lang.host import SchemaValue
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import Deque, Slice, View, callable_name, deep, settle
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail, of_python
from ringfence.schema.stored import type_text

_DIGITS: Final = re.compile(r"\d{6,}")
_MAX_SPEC: Final = 200
_PACE: Final = 8192


def str_raw(value: Value) -> str:
    """`str(value)` without its label; the caller joins `deep(value)`."""
    raw = value._value if type(value) is Labeled else value
    if type(raw) is str:
        return raw
    raw = settle(raw)
    raw = raw._value if type(raw) is Labeled else raw
    if isinstance(raw, ExceptionValue):
        return _exception_text(raw)
    if isinstance(raw, EnumMember):
        return raw.text
    if isinstance(raw, (datetime, date, time, timedelta, tzinfo, Decimal)):
        return str(raw)
    return repr_raw(raw)


def _exception_text(error: ExceptionValue) -> str:
    if not error.args:
        return ""
    if len(error.args) > 1:
        return repr_raw(error.args)
    return repr_raw(error.args[0]) if error.type.name == "KeyError" else str_raw(error.args[0])


def ascii_raw(value: Value) -> str:
    """`ascii(value)` without its label."""
    return repr_raw(value).encode("ascii", "backslashreplace").decode()


def repr_raw(value: Value) -> str:
    """`repr(value)` without its label; bounded in size, cycles shown as Python does."""
    parts: list[str] = []
    _Writer(parts).write(value)
    return "".join(parts)


class _Writer:
    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self.size = 0
        self.above: set[int] = set()

    def put(self, text: str) -> None:
        self.size += len(text)
        if self.size > sizes.MAX_TEXT:
            raise LimitExceeded("size", f"a text would be longer than {sizes.MAX_TEXT:,} characters")
        self.parts.append(text)

    def write(self, value: Value) -> None:
        raw = value._value if type(value) is Labeled else value
        if type(raw) in (str, int, float, bool, type(None)):
            try:
                self.put(repr(raw))
            except ValueError:
                raise LimitExceeded("size", "a number would have too many digits", label=deep(value)) from None
            return
        raw = settle(raw)
        raw = raw._value if type(raw) is Labeled else raw
        name = callable_name(raw)
        if name is not None:
            self.put(name)
        elif isinstance(raw, (Heap, tuple, list, dict, set, frozenset, RecordData)):
            self.container(raw)
        elif isinstance(raw, EnumMember):
            self.put(f"<{raw!r}: {raw.value!r}>")
        elif isinstance(raw, ExceptionType):
            self.put(repr(raw))
        elif isinstance(raw, SchemaValue):
            self.put(type_text(raw.type))
        elif type(raw).__repr__ is object.__repr__:  # what only stands in classes: a name, and nothing of the host
            self.put(f"<{type(raw).__name__.lower()}>")
        else:
            self.put(repr(raw))

    def container(self, raw: Value) -> None:
        opening, closing, named = _brackets(raw)
        size = len(named)
        sizes.work(1 + size)
        if id(raw) in self.above:
            self.put(f"{opening}...{closing}" if opening[:1] in "[{(" else "...")
            return
        self.above.add(id(raw))
        self.put(opening)
        for start in range(0, size, _PACE):
            sizes.look()
            self.parts_of(named[start : start + _PACE] if size > _PACE else named, start > 0)
        if isinstance(raw, tuple) and len(raw) == 1:
            self.put(",")
        self.put(closing)
        self.above.discard(id(raw))

    def parts_of(self, named: list[tuple[str | None, Value]], after: bool) -> None:
        """Parts of a container, which come after others or not."""
        for key, part in named:
            if after:
                self.put(", ")
            after = True
            if key is not None:
                self.put(key)
            self.write(part)


def _brackets(raw: Value) -> tuple[str, str, list[tuple[str | None, Value]]]:
    if isinstance(raw, View):
        return f"{raw.kind}([", "])", [(None, part) for part in raw.items]
    if isinstance(raw, Deque):
        return "deque([", "])" if raw.limit is None else f"], maxlen={raw.limit})", [(None, part) for part in raw.items]
    if isinstance(raw, (List, list)):
        return "[", "]", [(None, part) for part in (raw.items if isinstance(raw, List) else raw)]
    if isinstance(raw, tuple):
        return "(", ")", [(None, part) for part in raw]
    if isinstance(raw, (Dict, dict)):
        items = raw.items if isinstance(raw, Dict) else raw
        opening, closing = "{", "}"
        if isinstance(raw, DefaultDict):
            opening, closing = f"defaultdict({raw.factory_name()}, {{", "})"
        elif isinstance(raw, Counter):
            opening, closing = ("Counter({", "})") if items else ("Counter(", ")")
            items = _most_first(items)
        return opening, closing, [(f"{repr_raw(key)}: ", part) for key, part in items.items()]
    if isinstance(raw, (Set, set, frozenset)):
        elements: list[tuple[str | None, Value]] = [(None, p) for p in (raw.items if isinstance(raw, Set) else raw)]
        frozen = raw.frozen if isinstance(raw, Set) else isinstance(raw, frozenset)
        if frozen:
            return ("frozenset({", "})", elements) if elements else ("frozenset(", ")", [])
        return ("{", "}", elements) if elements else ("set(", ")", [])
    if isinstance(raw, Slice):
        return "slice(", ")", [(None, part) for part in raw.children()]
    if isinstance(raw, (Record, RecordData)):
        module = _IN_MODULES.get(raw.name, "") if isinstance(raw, Record) and raw.indexed else ""
        return f"{module}{raw.name}(", ")", [(f"{name}=", part) for name, part in raw.fields.items()]
    if isinstance(raw, ExceptionValue):
        return f"{raw.type.name}(", ")", [(None, part) for part in raw.args]
    return f"<{type_name(raw)} object", ">", []


def _most_first(items: dict[Value, Value]) -> dict[Value, Value]:
    """The counts of a Counter in the order in which it prints."""
    counts = {key: part._value if type(part) is Labeled else part for key, part in items.items()}
    if not all(isinstance(count, (int, float)) for count in counts.values()):
        return items
    return {key: items[key] for key in sorted(items, key=counts.__getitem__, reverse=True)}  # type: ignore[arg-type]


def format_raw(value: Value, conversion: str, spec: str, label: Label) -> str:
    """`format(value, spec)` after `!conversion`, without its label."""
    if conversion == "r":
        text: Value = repr_raw(value)
    elif conversion == "a":
        text = ascii_raw(value)
    elif conversion == "s":
        text = str_raw(value)
    else:
        raw = settle(value)
        text = raw._value if type(raw) is Labeled else raw
    if not spec:
        return str_raw(text)
    if len(spec) > _MAX_SPEC or _DIGITS.search(spec):
        raise LimitExceeded("size", "a format would be too wide")
    if isinstance(text, EnumMember):
        text = text.value if text.mixed and isinstance(text.value, int) else text.text
    if text is None or isinstance(text, (Heap, tuple, range, RecordData)):
        fail("TypeError", f"unsupported format string passed to {type_name(text)}.__format__", label)
    if isinstance(text, int) and not isinstance(text, bool) and text.bit_length() > 14_000 and spec[-1:] not in "xXob":
        raise LimitExceeded("size", "a number would have too many digits", label=label)
    try:
        made = write(text, spec) if isinstance(text, (date, time)) else format(text, spec)
    except (ValueError, TypeError, OverflowError) as error:
        raise of_python(error, label) from None
    sizes.text(len(made))
    return made


def format_text(
    template: str,
    args: tuple[Value, ...],
    keywords: dict[str, Value],
    label: Label,
    numbers: _Numbering | None = None,
) -> str:
    """`template.format(*args, **keywords)`: positions, names and items of dicts and lists; no attributes.

    `numbers` counts the fields without a name, also those inside of a format spec.
    """
    made: list[str] = []
    numbers = _Numbering() if numbers is None else numbers
    size = 0
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise of_python(error, label) from None
    for literal, field, spec, conversion in fields:
        made.append(literal)
        if field is None:
            continue
        field = numbers.of(field, label)
        value = _field(field, args, keywords, label)
        inner = format_text(spec, args, keywords, label, numbers) if spec and "{" in spec else spec or ""
        made.append(format_raw(value, conversion or "", inner, label))
        size += len(literal) + len(made[-1])
        sizes.text(size)
    return "".join(made)


class _Numbering:
    """The positions of the fields of one template: all written, or all counted."""

    def __init__(self) -> None:
        self.count = 0
        self.manual = False

    def of(self, field: str, label: Label) -> str:
        """The field with its position."""
        counted = field == "" or field[0] in "[."
        if counted and self.manual:
            fail("ValueError", "cannot switch from manual field specification to automatic field numbering", label)
        if field[:1].isdigit() and self.count:
            fail("ValueError", "cannot switch from automatic field numbering to manual field specification", label)
        self.manual = self.manual or field[:1].isdigit()
        self.count += counted
        return f"{self.count - 1}{field}" if counted else field


def _field(field: str, args: tuple[Value, ...], keywords: dict[str, Value], label: Label) -> Value:
    head, *rest = re.split(r"[.\[]", field, maxsplit=1)
    try:
        value = args[int(head)] if head.isdigit() else keywords[head]
    except IndexError:
        fail("IndexError", f"Replacement index {int(head)} out of range for positional args tuple", label)
    except KeyError:
        fail("KeyError", head, label)
    if not rest:
        return value
    return _path(value, field[len(head) :], label)


def _path(value: Value, path: str, label: Label) -> Value:
    while path:
        found = re.match(r"\[([^\]]*)\]|\.(\w+)", path)
        if found is None:
            fail("ValueError", "expected '}' before end of string", label)
        path = path[found.end() :]
        raw = settle(value)
        raw = raw._value if type(raw) is Labeled else raw
        key = found.group(1) if found.group(1) is not None else found.group(2)
        if isinstance(raw, Record) and found.group(2) is not None and key in raw.fields:
            value = raw.fields[key]
        elif isinstance(raw, Dict) and found.group(1) is not None:
            name: Value = int(key) if key.isdigit() else key
            if name not in raw.items:
                raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (name,), label), label)
            value = raw.items[name]
        elif isinstance(raw, (List, tuple)) and key.isdigit() and found.group(1) is not None:
            items = raw.items if isinstance(raw, List) else raw
            if int(key) >= len(items):
                fail("IndexError", "list index out of range", label)
            value = items[int(key)]
        else:
            fail("AttributeError", "format strings reach fields of records and items of dicts and lists only", label)
    return value


# The modules that Python writes before the names of some named tuples.
_IN_MODULES: Final = {"IsoCalendarDate": "datetime.", "struct_time": "time."}
_PERCENT: Final = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?(?P<flags>[-#0 +]*)(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+))?(?P<kind>.)", re.S
)


def percent(template: str, operand: Value, label: Label) -> str:
    """`template % operand`."""
    raw = operand._value if type(operand) is Labeled else operand
    if isinstance(raw, Record) and raw.indexed:
        raw = tuple(raw.fields.values())
    values = list(raw) if isinstance(raw, tuple) else [operand]
    rest = iter(values)
    size = 0
    made: list[str] = []
    position = 0
    for found in _PERCENT.finditer(template):
        made.append(template[position : found.start()])
        position = found.end()
        if found["kind"] == "%":
            made.append("%")
            continue
        width, precision = found["width"], found["precision"]
        if found["key"] is not None:
            if "*" in (width, precision):
                fail("TypeError", "not enough arguments for format string", label)
            if not isinstance(raw, Dict):
                fail("TypeError", "format requires a mapping", label)
            if found["key"] not in raw.items:
                fail("KeyError", found["key"], label)
            value = raw.items[found["key"]]
        else:
            width, precision = (_percent_size(found[name], rest, label) for name in ("width", "precision"))
            value = _percent_next(rest, label)
        made.append(_percent_one(found, width, precision, value, label))
        size += len(made[-1])
        sizes.text(size)
    end = template[position:]
    if "%" in end:
        fail("ValueError", "incomplete format", label)
    if next(rest, _NONE) is not _NONE and not isinstance(raw, Dict):
        fail("TypeError", "not all arguments converted during string formatting", label)
    sizes.text(sum(map(len, made)))
    return "".join([*made, end])


_NONE: Final = object()


def _percent_next(rest: Iterator[Value], label: Label) -> Value:
    for value in rest:
        return value
    fail("TypeError", "not enough arguments for format string", label)


def _percent_size(size: str | None, rest: Iterator[Value], label: Label) -> str | None:
    """A width or precision: written, or the next value where there is a `*`."""
    if size != "*":
        return size
    value = _percent_next(rest, label)
    raw = value._value if type(value) is Labeled else value
    if not isinstance(raw, int):
        fail("TypeError", "* wants int", label)
    sizes.text(abs(raw))
    return str(int(raw))


def _percent_one(found: re.Match[str], width: str | None, precision: str | None, value: Value, label: Label) -> str:
    kind = found["kind"]
    width = width or ""
    if precision is not None and precision.startswith("-"):
        precision = "0"
    if len(width) > 5 or (precision is not None and len(precision) > 5):
        raise LimitExceeded("size", "a format would be too wide")
    form = "%" + found["flags"] + width + ("" if precision is None else "." + precision)
    raw = value._value if type(value) is Labeled else value
    if kind in "sra":
        text = str_raw(value) if kind == "s" else repr_raw(value) if kind == "r" else ascii_raw(value)
        return (form + "s") % text
    if kind not in "diouxXeEfFgGc":
        place = f"(0x{ord(kind):x}) at index {found.end() - 1}"
        fail("ValueError", f"unsupported format character '{kind}' {place}", label)
    if not isinstance(raw, (int, float, Decimal, str)) or (isinstance(raw, str) and kind != "c"):
        fail("TypeError", f"%{kind} format: a real number is required, not {type_name(value)}", label)
    try:
        return (form + kind) % raw
    except (TypeError, ValueError, OverflowError) as error:
        raise of_python(error, label) from None
