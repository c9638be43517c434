"""Branches on what has a label: in statements, in expressions, and in built-ins that call functions of the plan.

Its one rule: the pc label is raised before an arm is chosen, and is as before behind it, but for what is known by then
of nothing having failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value
from ringfence.lang.objects import Iter, Native, deep, label_of, settle
from ringfence.lang.operations.arithmetic import Operation
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import Raised
from ringfence.lang.running.bindings import taint
from ringfence.lang.running.trying import Tries

Thunk: TypeAlias = Callable[[], Value]
Rest: TypeAlias = Callable[[Value], Value]


@final
class Saved:
    """What a construct found when it was entered under a labelled condition; true if the condition holds."""

    __slots__ = ("label", "pc", "truth")

    def __init__(self, pc: Label, label: Label, holds: bool = False) -> None:
        self.pc = pc
        self.label = label
        self.truth = holds

    def __bool__(self) -> bool:
        return self.truth


class Branching(Tries):
    """The branches that a run takes."""

    __slots__ = ()

    def enter(self, value: Value, region: int) -> Saved | bool:
        """A branch on `value`: whether it holds; if that has a label, with what to restore."""
        if type(value) is not Labeled or type(value._value) is not bool:
            value = settle(value)
        label = label_of(value)
        if label is TRUSTED_PUBLIC:
            return truth(value)
        self.known(label, region)
        saved = Saved(self.pc, label, truth(value))
        self.raise_pc(label, region)
        return saved

    def begin(self, value: Value, region: int) -> Saved:
        """As `enter`, inside an expression: always returns, with the condition's truth."""
        value = settle(value)
        label = label_of(value)
        self.known(label, region)
        saved = Saved(self.pc, label, truth(value))
        if label is not TRUSTED_PUBLIC:
            self.raise_pc(label, region)
        return saved

    def end(self, saved: Saved, value: Value) -> Value:
        """The value of a conditional expression, with the condition's label; the pc is as before."""
        self.back(saved.pc)
        return taint(value, saved.label)

    def choose(self, region: int, test: Value, then: Thunk, orelse: Thunk) -> Value:
        """A conditional expression where no variable can be set (in a comprehension's iterable)."""
        saved = self.begin(test, region)
        return self.end(saved, then() if saved.truth else orelse())

    def logic(self, region: int, conjunction: bool, first: Value, rest: Thunk) -> Value:
        """`and` and `or` there."""
        first = settle(first)
        saved = self.begin(first, region)
        return self.end(saved, rest() if saved.truth is conjunction else first)

    def compare_then(self, region: int, compare: Operation, left: Value, middle: Value, rest: Rest) -> Value:
        """A chained comparison there."""
        return self.logic(region, True, compare(left, middle), lambda: rest(middle))

    def call_at(self, region: int, native: Native, *args: Value, **keywords: Value) -> Value:
        """Call a built-in that may call functions of the plan: whether and how often depends on its arguments."""
        pc, calling = self.pc, self.calling
        self.calling = region
        for value in (*args, *keywords.values()) if region not in self.regions.uses_up else ():
            if value is not self and isinstance(settle(value), (Labeled, Heap, tuple)):
                self.raise_pc(deep(value), region)
        try:
            result = native(*args, **keywords)
        finally:
            self.calling = calling
        self.back(pc)
        raw = result._value if type(result) is Labeled else result
        if type(raw) is Iter:
            raw.region = region
        return result

    def using(self, region: int, native: Callable[..., object], *args: object) -> object:
        """Call something of the runtime that may go on with iterators, or fill a dict: `region` is what that may do."""
        calling, self.calling = self.calling, region
        try:
            return native(*args)
        finally:
            self.calling = calling

    def heard(self, native: Native, *args: Value, **keywords: Value) -> Value:
        """Call a built-in that may call functions of the plan which change nothing: how often depends on its arguments.

        What a built-in around this place may call back is not what this one may.
        """
        calling, self.calling = self.calling, 0
        try:
            return self.listened(native, *args, **keywords)
        finally:
            self.calling = calling

    def listened(self, native: Native, *args: Value, **keywords: Value) -> Value:
        """Call what may call functions of the plan: whether one of them fails depends on its arguments."""
        try:
            return native(*args, **keywords)
        except Raised as error:
            for value in (*args, *keywords.values()):
                if value is not self and isinstance(settle(value), (Labeled, Heap, tuple)):
                    error.label = error.label.join(deep(value))
            raise
