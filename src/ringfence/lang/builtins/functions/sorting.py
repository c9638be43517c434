"""Order: `sorted`, `reversed`, `min`, `max`.

Its one rule: which part comes first tells something of all parts, so that the order has the labels of all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.values import List, Set, Value, type_name, with_label
from ringfence.lang.builtins.ordering import extreme, extreme_of, sorted_source, sorted_values
from ringfence.lang.iteration import collect
from ringfence.lang.kernels.sequences import source_of
from ringfence.lang.objects import Builtin, Iter, Native, label_of, labelled, settle, split
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


_MISSING: Final = object()


def _sorted(run: Run, values: Value, /, *, key: Value = None, reverse: Value = False) -> Value:
    source = source_of(settle(values))
    if source is not None and (found := sorted_source(run, source, key, reverse)) is not None:
        return found
    made, label = collect(run, values)
    ordered, order = sorted_values(run, made, key, reverse)
    label = label.join(order)
    return labelled(List(ordered, label), label)


def _reversed(run: Run, values: Value) -> Value:
    raw, _ = split(values)
    if isinstance(raw, (Set, Iter)):
        fail("TypeError", f"'{type_name(raw)}' object is not reversible", label_of(values))
    made, label = collect(run, values)
    return Iter(reversed([with_label(part, label) for part in made]), label, "list_reverseiterator")


def _extreme(largest: bool) -> Native:
    name = "max" if largest else "min"

    def native(run: Run, *values: Value, key: Value = None, **options: Value) -> Value:
        default = options.pop("default", _MISSING)
        if options or not values:
            fail("TypeError", f"{name}() takes an iterable or several values, key= and default=")
        if len(values) > 1:
            found, label = extreme(run, list(values), key, largest)
            return with_label(settle(found), label)
        source = source_of(settle(values[0]))
        if source is not None and (best := extreme_of(run, source, key, largest)) is not None:
            return best
        made, label = collect(run, values[0])
        if not made:
            if default is _MISSING:
                fail("ValueError", f"{name}() arg is an empty sequence", label)
            return with_label(default, label)
        found, order = extreme(run, made, key, largest)
        return with_label(settle(found), label.join(order))

    return native


FUNCTIONS: Final[dict[str, Value]] = {
    "max": Builtin("max", _extreme(True)),
    "min": Builtin("min", _extreme(False)),
    "reversed": Builtin("reversed", _reversed),
    "sorted": Builtin("sorted", _sorted),
}
