"""Calls of what was imported by its own name are known to the analysis; of what only has the name they are not."""

from __future__ import annotations

import pytest

from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import Labeled, deep, unsafe_plain
from ringfence.lang.analysis.effects import Effects
from ringfence.lang.host import Bounds, HostCall, Site
from ringfence.lang.scope import Outline

SECRET = Label({"tool:vault"}, {"ann"})


class Nobody:
    """There is no tool to be called."""

    def call(self, call: HostCall) -> None:
        raise AssertionError(call.name)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def changed(text: str) -> set[int]:
    """The allocation sites whose objects may change."""
    return Effects(Outline(lang.parse(text).body), frozenset())._mutated


def labels(text: str, secret: int) -> dict[str, tuple[object, Label]]:
    made = lang.run(
        lang.compile(lang.check(lang.parse(text), {}, given={"s": Bounds(SECRET, SECRET)})),
        Nobody(),
        {"s": Labeled(secret, SECRET)},
    )
    assert made.outcome == "completed", made.error
    return {name: (unsafe_plain(value), deep(value)) for name, value in made.variables.items() if name in ("n", "xs")}


@pytest.mark.parametrize(
    "text",
    [
        "from collections import Counter\nxs = [1]\nn = Counter(xs)\nm = Counter(n)",
        "from collections import deque, OrderedDict\nxs = [1]\nn = list(deque(deque(xs)))",
        "from decimal import Decimal\nfrom datetime import date\nxs = [1]\nn = [Decimal(1), date(2020, 1, 1)]",
    ],
)
def test_what_is_imported_changes_nothing_that_it_is_given(text: str) -> None:
    assert changed(text) == set()


# Each calls something that appends to `xs`, by a name that a module has, too.
SHADOWED = [
    "from collections import Counter\ndef Counter(a):\n    a.append(1)\nif s:\n    Counter(xs)",
    "from collections import Counter as deque\ndeque = xs.append\nif s:\n    deque(1)",
    "from collections import deque\ndeque = xs.append\nif s:\n    deque(1)",
    "from collections import deque\ndef f(deque):\n    deque(1)\nif s:\n    f(xs.append)",
    "from collections import deque\ng = lambda deque: deque(1)\nif s:\n    g(xs.append)",
    "from collections import deque\nif s:\n    for deque in [xs.append]:\n        deque(1)",
    "from collections import deque\nif s:\n    y = [deque(1) for deque in [xs.append]]",
    "from collections import deque\nif s:\n    if (deque := xs.append):\n        deque(1)",
    "from collections import deque\nif s:\n    match [xs.append]:\n        case [deque]:\n            deque(1)",
    "from operator import setitem as deque\nif s:\n    deque(xs, 0, 2)",
    "from datetime import date\nfrom operator import setitem as date\nif s:\n    date(xs, 0, 2)",
    "from collections import deque\nfrom functools import reduce as deque\n"
    "if s:\n    deque(lambda a, b: xs.append(b), [1, 2])",
    "import operator as date\nif s:\n    date.setitem(xs, 0, 2)",
    "def f():\n    from operator import setitem as deque\n    deque(xs, 0, 2)\n"
    "from collections import deque\nif s:\n    f()",
]


@pytest.mark.parametrize("text", SHADOWED)
def test_what_only_has_such_a_name_is_not_known(text: str) -> None:
    text = f"xs = [0]\n{text}\nn = [*xs]\n"
    one, other = labels(text, 0), labels(text, 1)
    assert one["xs"][0] != other["xs"][0]
    for name in ("n", "xs"):
        assert SECRET.flows_to(one[name][1])
        assert SECRET.flows_to(other[name][1])


def test_what_is_put_into_one_is_still_found_there() -> None:
    text = "from collections import deque\nxs = [0]\nd = deque([xs])\nif s:\n    d[0].append(1)\nn = [*xs]\n"
    for secret in (0, 1):
        assert all(SECRET.flows_to(label) for _, label in labels(text, secret).values())
