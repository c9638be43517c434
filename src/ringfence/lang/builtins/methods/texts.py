"""Methods of str and bytes.

Its one rule: what a method would make is measured before it is made; `join` and `format` take parts with labels of
their own, all the others are lifted.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, Value, type_name, with_label
from ringfence.lang import sizes
from ringfence.lang.iteration import collect
from ringfence.lang.lifting import lifted, methods_of
from ringfence.lang.objects import Native, deep, labelled, settle, settle_deep, split
from ringfence.lang.raised import Raised, fail
from ringfence.lang.running.calling import keywords_of
from ringfence.lang.text import format_text

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


_LIFTED: Final = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower "
    "isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper"
).split()


def _width(text: str, width: int, *rest: object) -> None:
    sizes.text(max(len(text), width if isinstance(width, int) else 0))


def _replaced(text: str, old: str, new: str, count: int = -1) -> None:
    if isinstance(old, str) and isinstance(new, str):
        times = text.count(old) if count < 0 else min(count, text.count(old))
        sizes.text(max(0, len(text) + times * (len(new) - len(old))))


def _expanded(text: str, tabsize: int = 8) -> None:
    sizes.text(len(text) + text.count("\t") * max(tabsize, 0))


def _join(run: Run, receiver: Value, values: Value) -> Value:
    parts, label = collect(run, values, "can only join an iterable")
    separator, own = split(receiver)
    assert isinstance(separator, str)
    label = label.join(own)
    if set(map(type, parts)) == {str}:
        sizes.text(sum(map(len, parts)) + len(separator) * len(parts))  # type: ignore[arg-type]  # all are texts
        made = separator.join(parts)  # type: ignore[arg-type]
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    texts: list[str] = []
    size = 0
    for index, part in enumerate(parts):
        part = settle(part)
        raw, part_label = split(part)
        if part_label is not label:
            label = label.join(part_label)
        if not isinstance(raw, str):
            fail("TypeError", f"sequence item {index}: expected str instance, {type_name(raw)} found", label)
        texts.append(raw)
        size += len(raw)
    sizes.text(size + len(separator) * len(texts))
    made = separator.join(texts)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _format(run: Run, receiver: Value, *args: Value, **keywords: Value) -> Value:
    args = tuple(settle_deep(arg) for arg in args)
    template, label = split(receiver)
    assert isinstance(template, str)
    for value in (*args, *keywords.values()):
        label = label.join(deep(value))
    made = format_text(template, args, keywords, label)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _format_map(run: Run, receiver: Value, mapping: Value) -> Value:
    keywords, label = keywords_of(mapping)
    try:
        return with_label(_format(run, receiver, **keywords), label)
    except Raised as error:  # whether the names are there depends on which there are
        raise Raised(error.value, error.label.join(label)) from error


_SURELY_SMALL: Final = 4096


def _translated(text: str, table: dict[object, object]) -> None:
    """What `translate` makes is as long as its replacements are; each place of a character takes one."""
    sizes.scanned(len(text))
    longest = max((len(value) for value in table.values() if isinstance(value, str)), default=1)
    if longest <= 1 or len(text) * longest <= _SURELY_SMALL:
        sizes.text(len(text))
        return
    sizes.work(len(text) >> 5)
    lengths = {key: len(value) if isinstance(value, str) else 1 for key, value in _table(table).items()}
    counts = collections.Counter(text)
    sizes.text(sum(count * lengths.get(ord(char), 1) for char, count in counts.items()))


def _table(table: dict[object, object]) -> dict[int, object]:
    return {ord(key) if isinstance(key, str) else int(str(key)): value for key, value in table.items()}


TEXT: Final[dict[str, Native]] = {
    **methods_of(str, _LIFTED),
    "join": _join,
    "format": _format,
    "format_map": _format_map,
    "encode": lifted(str.encode, lambda self, *args, **named: sizes.encoded(len(self))),
    "replace": lifted(str.replace, _replaced),
    "expandtabs": lifted(str.expandtabs, _expanded),
    "maketrans": lifted(lambda self, *args: str.maketrans(*args)),
    "translate": lifted(lambda self, table: self.translate(_table(table)), _translated),
    **{name: lifted(getattr(str, name), _width) for name in ("center", "ljust", "rjust", "zfill")},
}


def _joined_bytes(run: Run, receiver: Value, values: Value) -> Value:
    parts, label = collect(run, values, "can only join an iterable")
    separator, own = split(receiver)
    assert isinstance(separator, bytes)
    label = label.join(own)
    made: list[bytes] = []
    for index, part in enumerate(parts):
        raw, part_label = split(settle(part))
        label = label.join(part_label)
        if not isinstance(raw, bytes):
            fail("TypeError", f"sequence item {index}: expected a bytes-like object, {type_name(raw)} found", label)
        made.append(raw)
    sizes.text(sum(map(len, made)) + len(separator) * len(made))
    return labelled(separator.join(made), label)


def _replaced_bytes(text: bytes, old: bytes, new: bytes, count: int = -1) -> None:
    if isinstance(old, bytes) and isinstance(new, bytes):
        times = text.count(old) if count < 0 else min(count, text.count(old))
        sizes.text(max(0, len(text) + times * (len(new) - len(old))))


BYTES: Final[dict[str, Native]] = {
    **methods_of(
        bytes,
        "capitalize count decode endswith find hex index isalnum isalpha isascii isdigit islower isspace isupper lower "
        "lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split splitlines startswith "
        "strip title upper".split(),
    ),
    "join": _joined_bytes,
    "replace": lifted(bytes.replace, _replaced_bytes),
}
