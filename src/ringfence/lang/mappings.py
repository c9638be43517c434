"""Counter and defaultdict, and what merging dicts means for their labels.

Its one rule: a merged dict has the labels of both shapes.
"""

from __future__ import annotations

from typing import final

from ringfence.core.labels import Label
from ringfence.core.values import Dict, Labeled, Value, element
from ringfence.lang import sizes
from ringfence.lang.objects import callable_name, settle
from ringfence.lang.raised import fail


@final
class Counter(Dict):
    """A dict of counts: a missing key counts 0."""

    __slots__ = ()


@final
class DefaultDict(Dict):
    """A dict that makes missing values by calling `factory` (None: it does not)."""

    __slots__ = ("child_site", "factory")

    def __init__(self, items: dict[Value, Value], label: Label, factory: Value) -> None:
        super().__init__(items, label)
        self.factory = factory
        self.child_site = 0

    def factory_name(self) -> str:
        """How the factory prints."""
        name = callable_name(self.factory)
        return "None" if name is None else name


def like(source: Dict, items: dict[Value, Value], label: Label) -> Dict:
    """A new dict of the same kind."""
    if isinstance(source, DefaultDict):
        return DefaultDict(items, label, source.factory)
    return Counter(items, label) if isinstance(source, Counter) else Dict(items, label)


def entries(source: Dict) -> dict[Value, Value]:
    """Keys and values, each value with the dict's label joined."""
    label = source.label
    sizes.copied(len(source.items))
    return {key: element(source, source.items, key, label) for key in list(source.items)}


def merged(x: Dict, y: Dict) -> Dict:
    """`x | y`."""
    return like(x, {**entries(x), **entries(y)}, x.label.join(y.label))


def combine_counters(symbol: str, x: Dict, y: Dict, reference: Label) -> Value:
    """Counter arithmetic: +, -, & and |, keeping positive counts. What a count is decides whether there is a result."""
    label = x.label.join(y.label).join(reference)
    made: dict[Value, Value] = {}
    for key in {**x.items, **y.items}:
        left, right = settle(x.items.get(key, 0)), settle(y.items.get(key, 0))
        for part in (left, right):
            label = label.join(part.label) if type(part) is Labeled else label
        a = left._value if type(left) is Labeled else left
        b = right._value if type(right) is Labeled else right
        if not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
            fail("TypeError", f"unsupported operand type(s) for {symbol}: the counts are numbers", label)
        count = {"+": a + b, "-": a - b, "&": min(a, b), "|": max(a, b)}.get(symbol)
        if count is None:
            return NotImplemented
        if count > 0:
            made[key] = count
    return Counter(made, label)
