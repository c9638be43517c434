"""`delegate(text, tools, budget=…)`: do what a text says, in a sealed child of the run.

Its one rule: the text that gives the orders is the child's request and never its parent's; the child has the tools that
the parent's plan names and no others, and everything that it does stands under the text's label: its calls, every
argument that its plan writes, its result. The same policy decides about its calls. A child has no children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Annotated, Final, Literal, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC, Everyone, Label
from ringfence.core.values import Plain
from ringfence.guard.parameters import Trusted
from ringfence.guard.tools import Tool, labels, tool
from ringfence.schema import ListType, Scalar, SchemaMismatch, Type, validate

NAME: Final = "delegate"
MOST_CALLS: Final = 50
Returns: TypeAlias = Literal["str", "int", "float", "bool", "date", "list[str]", "list[int]"]
Child: TypeAlias = "Callable[[str, tuple[str, ...], int], tuple[Plain, Label]]"
_TYPES: Final[dict[str, Type]] = {
    **{name: Scalar(name) for name in ("str", "int", "float", "bool", "date")},
    "list[str]": ListType(Scalar("str")),
    "list[int]": ListType(Scalar("int")),
}


class DelegateNotDone(Exception):
    """The child did not come to an end that has a result. Its words are its own, so there are none."""


class _Here(local):
    """The child that the call of this thread may start, and the label of what it gave."""

    child: Child | None = None
    label: Label = TRUSTED_PUBLIC


_HERE: Final = _Here()


@contextmanager
def delegating(child: Child) -> Iterator[None]:
    """Within, `delegate` starts this child."""
    _HERE.child, _HERE.label = child, TRUSTED_PUBLIC
    try:
        yield
    finally:
        _HERE.child = None


def _sources(_: object) -> frozenset[str]:
    return _HERE.label.sources | {f"tool:{NAME}"}


def _readers(_: object) -> Everyone | frozenset[str]:
    return _HERE.label.readers


def delegate_tool() -> Tool:
    """The tool, for the sessions whose configuration allows it."""
    return _DELEGATE


@tool(effect="write", returns=labels(sources=_sources, readers=_readers))
def delegate(
    text: str,
    tools: Annotated[list[str], Trusted],
    budget: Annotated[int, Trusted] = 10,
    returns: Annotated[Returns, Trusted] = "str",
) -> object:
    """Do what a text says, when the user asks for that ("do what the note says").

    A separate planner reads the text as its request. It has only the tools named here, by name, such as
    ["read_mail"], and makes at most `budget` calls. What it may do is decided as if the text's author asked.
    """
    child, kind = _HERE.child, _TYPES[returns]
    if child is None:
        raise DelegateNotDone("there is no planner here")
    plain, label = child(text, tuple(tools), max(1, min(budget, MOST_CALLS)))
    _HERE.label = label
    try:
        return validate(kind, plain, coerce=True)
    except SchemaMismatch:
        raise DelegateNotDone("the child's answer does not fit") from None


_DELEGATE: Final = delegate
