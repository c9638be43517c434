"""What has not failed in the body of a `try`: it is known from there on, and has the label of what could have failed.

Its one rule: each operation that could have failed says so here, whether it gives a value or not, before anything that
comes after it.
"""

from __future__ import annotations

from typing import Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value
from ringfence.lang.objects import UNBOUND, Promise, Shared, label_of, settle
from ringfence.lang.running.place import Place

# Methods whose only failure is that the object has none of this name.
_CANNOT_FAIL: Final = frozenset({"append", "appendleft", "clear", "reverse"})


class Tries(Place):
    """The bodies of `try`s that a run is in."""

    __slots__ = ()

    def touch(self, value: Value) -> Value:
        """An operation that could have failed gave `value`: that it did not fail is known from here on."""
        if self.tries and type(value) is not Promise:
            self.held(label_of(value))
        return value

    def held(self, label: Label) -> None:
        """That nothing has failed depends on something with this label: so does the rest of the bodies of all tries."""
        if label is TRUSTED_PUBLIC or not self.tries:
            return
        known = self.tries[-1].known
        if known.join(label) is known:  # and what is known of the innermost is known of those around it
            return
        self.fail = self.fail.join(label)
        for trying in self.tries:
            trying.known = trying.known.join(label)
            self.raise_pc(label, trying.region)

    def unfailed(self, label: Label) -> None:
        """What is given to a built-in could have made it fail, and what that gives does not have this label."""
        if self.tries:
            self.held(label)

    def known(self, label: Label, region: int) -> None:
        """A condition with this label decides about code that may fail: after it, that it did not fail is known.

        Calls on their way are waited for: which arm looks at what they give tells nothing then.
        """
        if self.tries and label is not TRUSTED_PUBLIC:
            self.in_order()
            if region not in self.regions.sure:
                self.held(label)

    def back(self, pc: Label) -> None:
        """Leave a construct: the pc is as before, but for what is known since by nothing having failed."""
        self.pc = pc.join(self.fail) if self.tries else pc

    def did(self, method: str, receiver: Value) -> None:
        """A method that gives nothing has not failed.

        What it looked at is in the label of the object's shape by now, but of those that every object takes.
        """
        if method in _CANNOT_FAIL:
            self.held(receiver.label if type(receiver) is Labeled else TRUSTED_PUBLIC)
        else:
            self.held(label_of(settle(receiver)))

    def touched(self, *values: Value) -> None:
        """As `touch`, for the operands of an operation that gives nothing."""
        for value in values:
            self.touch(value)

    def assigned(self, value: Value, before: Value = UNBOUND) -> Value:
        """A value that is assigned in the body of a `try`. If it is a promise that fails, the variable keeps `before`.

        Whether it is assigned depends on what did not fail so far. In the body, the place tells that and has its label;
        behind it and in its handlers, the variable has that label, too. All but what the last call gives is assigned
        when no call before it has failed.
        """
        raw = value._value if type(value) is Labeled else value
        if self.promises and raw is not self.promises[-1]:
            self.in_order()
        if type(value) is Labeled and type(raw) is Promise:
            value = Promise(Shared(raw, value.label))
        if type(value) is Promise:
            if value.assigned:
                value = Promise(Shared(value))
            value.assigned, value.replaced = True, before
        return value
