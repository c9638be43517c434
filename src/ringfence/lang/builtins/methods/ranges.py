"""Methods of ranges.

Its one rule: where a number stands is computed; a range is never gone over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import Label
from ringfence.core.values import Value, with_label
from ringfence.lang.keys import key_of, place_in
from ringfence.lang.objects import Native, split
from ringfence.lang.raised import fail
from ringfence.lang.text import str_raw

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _count(run: Run, numbers: Value, item: Value) -> Value:
    found, label = _place(numbers, item)
    return with_label(int(found is not None), label)


def _index(run: Run, numbers: Value, item: Value) -> Value:
    found, label = _place(numbers, item)
    if found is None:
        fail("ValueError", f"{str_raw(item)} is not in range", label)
    return with_label(found, label)


def _place(numbers: Value, item: Value) -> tuple[int | None, Label]:
    raw, label = split(numbers)
    key, key_label = key_of(item)
    return place_in(raw, key) if isinstance(raw, range) else None, label.join(key_label)


RANGE: Final[dict[str, Native]] = {"count": _count, "index": _index}
