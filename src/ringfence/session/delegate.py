"""`delegate(text, tools, budget=…)`: do what a text says, in a sealed child of the run.

Its one rule: the text that gives the orders is the child's request and never its parent's; the child has the tools that
the parent's plan names and no others, and everything that it does stands under the text's label: its calls, every
argument that its plan writes, its result. The same policy decides about its calls. A child has no children.
With `as_user` a person is shown the whole text and the tools; after a yes to exactly that call the text is as good as
the user's own request, for this child alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import local
from typing import Annotated, Final, TypeAlias, cast

from ringfence.core.encoding import EncodingError, Json, dumps
from ringfence.core.labels import TRUSTED_PUBLIC, Everyone, Label
from ringfence.core.plain import Plain
from ringfence.guard.parameters import ParameterRule, Trusted
from ringfence.guard.tools import Tool, labels, tool
from ringfence.lang import ir
from ringfence.lang.parse import parse_expression
from ringfence.schema import Scalar, SchemaMismatch, Type, json_schema, validate
from ringfence.schema.stored import type_from, type_text

NAME: Final = "delegate"
ORDERS: Final = "text"
MOST_CALLS: Final = 50
Child: TypeAlias = "Callable[[str, tuple[str, ...], int, bool], tuple[Plain, Label]]"
_TEXT: Final = Scalar("str")


@dataclass(frozen=True, slots=True, repr=False)
class _Vouched(ParameterRule):
    """Orders that are to count as the user's own are trusted, or a person says yes to them."""

    def condition(self, parameter: str) -> ir.Expr:
        return parse_expression(f"trusted({parameter}) and (not {parameter} or trusted({ORDERS}))")

    def names(self) -> Iterator[str]:
        yield ORDERS

    def __repr__(self) -> str:
        return f"trusted({ORDERS}) if it holds"


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
    returns: Annotated[str, Trusted] = type_text(_TEXT),
    as_user: Annotated[bool, _Vouched()] = False,
) -> object:
    """Do what a text says, when the user asks for that ("do what the note says").

    A separate planner reads the text as its request. It has only the tools named here, by name, such as
    ["read_mail"], and makes at most `budget` calls. What it may do is decided as if the text's author asked.
    `returns` is the type of its answer, as for quarantine(). With as_user=True the user is shown the text and the tools
    and asked once: after a yes the text counts as the user's own request. Needed where it is to write or send.
    """
    child, kind = _HERE.child, _type_of(returns)
    if child is None:
        raise DelegateNotDone("there is no planner here")
    plain, label = child(text + _wanted(kind), tuple(tools), max(1, min(budget, MOST_CALLS)), as_user)
    _HERE.label = label
    try:
        return validate(kind, plain, coerce=True)
    except SchemaMismatch:
        raise DelegateNotDone("the child's answer does not fit") from None


def _type_of(text: str) -> Type:
    try:
        return type_from(text)
    except EncodingError:
        raise DelegateNotDone("returns= is no type") from None


def _wanted(kind: Type) -> str:
    """What the child's planner is told of its answer: the parent's plan says it, and no data."""
    return "" if kind == _TEXT else f"\n\nThe answer must fit this JSON schema: {dumps(cast(Json, json_schema(kind)))}"


def _with_type(made: Tool) -> Tool:
    """The tool, for whose `returns` a plan names a type, and whose text is orders."""
    params = made.signature.params
    typed = (replace(one, type=replace(_TEXT, format="type")) if one.name == "returns" else one for one in params)
    return replace(made, signature=replace(made.signature, params=tuple(typed)), orders=ORDERS)


_DELEGATE: Final = _with_type(delegate)
