"""The arguments of a call by name: bound where the plan is compiled if they can be, else when it is made.

Both must give the same, in the order in which they are written, for any names that a tool's author chose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, product

import pytest

from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import Labeled, Value, unsafe_plain
from ringfence.lang.host import HostCall, Param, Signature, Site
from ringfence.lang.raised import Raised
from ringfence.lang.running.calling import bind, written
from ringfence.schema import Scalar

WEB = Label({"tool:web"})
KINDS = ("positional", "keyword", "args", "kwargs")


@dataclass
class Host:
    """Remembers the arguments of each call, and answers with a number."""

    calls: list[dict[str, object]] = field(default_factory=list)

    def call(self, call: HostCall) -> Value:
        self.calls.append({name: unsafe_plain(value) for name, value in call.arguments.items()})
        return Labeled(len(self.calls), WEB)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def called(text: str, *signatures: Signature) -> list[dict[str, object]]:
    host = Host()
    checked = lang.check(lang.parse(text), {one.name: one for one in signatures})
    result = lang.run(lang.compile(checked), host)
    assert result.outcome == "completed", result.error
    return host.calls


def shapes() -> list[Signature]:
    """Signatures of up to three parameters of all kinds, required or not."""
    found = []
    for count in range(4):
        for kinds in product(KINDS, repeat=count):
            if list(kinds) != sorted(kinds, key=("positional", "args", "keyword", "kwargs").index):
                continue
            if kinds.count("args") > 1 or kinds.count("kwargs") > 1:
                continue
            for needed in product((True, False), repeat=count):
                params = tuple(
                    Param(f"p{n}", required=must, kind=kind)
                    for n, (kind, must) in enumerate(zip(kinds, needed, strict=True))
                )
                found.append(Signature("act", params))
    return found


def bound(signature: Signature, args: int, keywords: tuple[str, ...]) -> tuple[str, ...] | None:
    try:
        return tuple(bind(signature, tuple(range(args)), dict.fromkeys(keywords)))
    except Raised:
        return None


def test_what_is_bound_early_is_what_would_be_bound_late() -> None:
    early = 0
    for signature in shapes():
        names = [*(param.name for param in signature.params), "other"]
        for args in range(4):
            for count in range(3):
                for keywords in combinations(names, count):
                    found = written(signature, args, keywords)
                    if found is not None:
                        early += 1
                        assert found == bound(signature, args, keywords), (signature, args, keywords)
    assert early > 200


def test_a_call_that_fits_plain_parameters_is_bound_early() -> None:
    signature = Signature("act", (Param("a"), Param("b", required=False), Param("c", required=False, kind="keyword")))
    assert written(signature, 1, ()) == ("a",)
    assert written(signature, 2, ("c",)) == ("a", "b", "c")
    assert written(signature, 0, ("b", "a")) == ("b", "a")


@pytest.mark.parametrize(
    ("args", "keywords"),
    [(0, ()), (3, ()), (1, ("a",)), (1, ("zzz",)), (1, (None,))],
)
def test_a_call_that_does_not_fit_is_left_to_the_run(args: int, keywords: tuple[str | None, ...]) -> None:
    signature = Signature("act", (Param("a"), Param("b", required=False)))
    assert written(signature, args, keywords) is None


def test_a_parameter_that_names_a_type_is_bound_late() -> None:
    signature = Signature("act", (Param("a"), Param("t", Scalar("str", format="type"))))
    assert written(signature, 1, ("t",)) is None


HOSTILE = [
    'a": boom(), "b',
    "a'}); boom(); ({'b",
    "a\\",
    "a\n boom()\n",
    "{}",
    "\u202e",
    "class",
    "__class__",
    "S",
    "\x00",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_parameter_is_data_in_the_compiled_plan(name: str) -> None:
    # A server chooses the names of the parameters of its tools.
    signature = Signature("act", (Param(name), Param("b", required=False)), effect="read")
    assert called("act(1)\nact(2, b=3)\nact(4, 5)\n", signature) == [{name: 1}, {name: 2, "b": 3}, {name: 4, "b": 5}]


def test_arguments_are_evaluated_in_the_order_of_the_text() -> None:
    signature = Signature("act", (Param("a"), Param("b"), Param("c", required=False)), effect="read")
    text = "def note(n):\n    log.append(n)\n    return n\nlog = []\nact(note(1), c=note(2), b=note(3))\nact(log, 0)\n"
    assert called(text, signature) == [{"a": 1, "c": 2, "b": 3}, {"a": [1, 2, 3], "b": 0}]


def test_append_is_that_of_whatever_the_receiver_is() -> None:
    text = """
from collections import deque
class Box(BaseModel):
    append: int = 3
    items: list = []
last = deque([1, 2], 2)
last.append(3)
view = {1: 2}.keys()
found = []
for each in (lambda: view.append(1), lambda: Box().append(1), lambda: (1,).append(1), lambda: "a".append("b")):
    try:
        each()
    except (AttributeError, TypeError):
        found.append("failed")
act(list(last), found, [].append(1))
"""
    signature = Signature("act", (Param("a"), Param("b"), Param("c")), effect="read")
    assert called(text, signature) == [{"a": [2, 3], "b": ["failed"] * 4, "c": None}]
