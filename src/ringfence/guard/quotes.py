"""Declared quotes: texts of the quarantined model that must stand word for word in what it was given.

Its one rule: a quote's label is that of the whole answer, for the model chose it under the influence of every input.
What a quote gains is its origin, and only where that tells nothing: it stands in exactly one input, no other input is
more private than that one, and it is a whole word there, so that the model cannot cut a longer text at will.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

from ringfence.core.labels import Label
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Origin, Value, wrap
from ringfence.schema import DictType, ListType, RecordType, Scalar, SchemaMismatch, TupleType, Type, UnionType

FORMAT: Final = "quote"
# What stands around a word: an address or a link ends where its author ended it.
_EDGE: Final = frozenset(" \t\r\n<>()[]{}\"'`,;|")
_SPACE: Final = re.compile(r"\s")


def has_quotes(schema: Type) -> bool:
    """Whether any part of the type is declared as a quote."""
    match schema:
        case Scalar(format=found):
            return found == FORMAT
        case ListType(item=item):
            return has_quotes(item)
        case TupleType(items=items) | UnionType(options=items):
            return any(map(has_quotes, items))
        case DictType(value=value):
            return has_quotes(value)
        case RecordType(fields=fields):
            return any(has_quotes(field.type) for field in fields)
        case _:
            return False


def quotes(schema: Type, plain: Plain) -> Iterator[str]:
    """The texts of an answer that are declared as quotes."""
    match schema:
        case Scalar(format=found):
            if found == FORMAT and isinstance(plain, str):
                yield plain
        case UnionType(options=options):
            if isinstance(plain, str):
                if all(isinstance(one, Scalar) and one.format == FORMAT for one in options if one != Scalar("None")):
                    yield plain
            else:
                for option in options:
                    yield from quotes(option, plain)
        case ListType() | TupleType():
            if isinstance(plain, (list, tuple, set, frozenset)):
                for index, part in enumerate(plain):
                    kind = schema.item if isinstance(schema, ListType) else schema.items[index % len(schema.items)]
                    yield from quotes(kind, part)
        case DictType(value=value):
            for part in plain.values() if isinstance(plain, dict) else ():
                yield from quotes(value, part)
        case RecordType(fields=fields):
            held = plain.fields if isinstance(plain, RecordData) else plain
            for field in fields if isinstance(held, dict) else ():
                if isinstance(held, dict) and field.name in held:
                    yield from quotes(field.type, held[field.name])
        case _:
            return


def check_quotes(schema: Type, plain: Plain, data: tuple[str, ...]) -> None:
    """Raise SchemaMismatch for a declared quote that stands in none of the inputs. The message holds none."""
    for text in quotes(schema, plain):
        if not text or not any(text in whole for whole in data):
            raise SchemaMismatch("", "a quote: words that stand in the data exactly like that")


@final
class Grounding:
    """Gives the declared quotes of one answer their origins. `count` says how many had one."""

    def __init__(
        self, data: tuple[str, ...], labels: tuple[Label, ...], origins: tuple[Origin | None, ...], label: Label
    ) -> None:
        self._data = data
        self._labels = labels
        self._origins = origins
        self._label = label
        self.count = 0

    def ground(self, schema: Type, plain: Plain) -> Value:
        """The answer under its label, with the origins of its quotes."""
        if isinstance(schema, UnionType):
            fitting = [one for one in schema.options if has_quotes(one)]
            return self.ground(fitting[0], plain) if len(fitting) == 1 and plain is not None else self._whole(plain)
        if isinstance(schema, Scalar) and schema.format == FORMAT and isinstance(plain, str):
            return self._quote(plain)
        if isinstance(schema, ListType) and isinstance(plain, list):
            return self._whole([self.ground(schema.item, part) for part in plain])
        if isinstance(schema, RecordType) and isinstance(plain, RecordData):
            types = {field.name: field.type for field in schema.fields}
            return self._whole(RecordData(plain.name, self._fields(types, plain.fields)))
        if isinstance(schema, RecordType) and isinstance(plain, dict):
            return self._whole(self._fields({field.name: field.type for field in schema.fields}, plain))
        return self._whole(plain)

    def _fields(self, types: dict[str, Type], held: dict[str, Plain]) -> dict[str, Value]:
        return {name: self.ground(types[name], part) for name, part in held.items()}

    def _whole(self, plain: Plain) -> Value:
        return wrap(plain, self._label)

    def _quote(self, text: str) -> Value:
        found = [index for index, whole in enumerate(self._data) if text in whole]
        if len(found) != 1:
            return self._whole(text)
        index = found[0]
        origin = self._origins[index]
        same_readers = self._label.readers == self._labels[index].readers
        if origin is None or not same_readers or not is_word(text, self._data[index]):
            return self._whole(text)
        self.count += 1
        return wrap(text, self._label, origin)


def is_word(text: str, whole: str) -> bool:
    """Whether the text stands in the whole as a word of its own: nothing of it was cut off at either end."""
    if _SPACE.search(text):
        return text == whole
    start = whole.find(text)
    while start >= 0:
        end = start + len(text)
        if (start == 0 or whole[start - 1] in _EDGE) and (end == len(whole) or whole[end] in _EDGE):
            return True
        start = whole.find(text, start + 1)
    return False
