"""Rules written on a tool's parameters: `Annotated[list[EmailStr], Trusted | ReadersOf("subject", "body")]`.

Its one rule: a rule says when a call is allowed, in the same expressions that a policy file uses; there is
one engine (guard/rules.py), and this module only writes expressions for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from ringfence.core.errors import ConfigError
from ringfence.lang import ir


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """What must hold of an argument. Combine with `|` and `&`."""

    def __or__(self, other: ParameterRule) -> ParameterRule:
        return _either(self, other, "or") if isinstance(other, ParameterRule) else NotImplemented

    def __and__(self, other: ParameterRule) -> ParameterRule:
        return _either(self, other, "and") if isinstance(other, ParameterRule) else NotImplemented

    def condition(self, parameter: str) -> ir.Expr:
        """The rule as an expression over the call's arguments, for the parameter it stands on."""
        raise NotImplementedError

    def names(self) -> Iterator[str]:
        """The other parameters that the rule speaks about."""
        yield from ()

    @property
    def audience(self) -> bool:
        """Whether the parameter names who receives something."""
        return False


@dataclass(frozen=True, slots=True, repr=False)
class _Trusted(ParameterRule):
    def condition(self, parameter: str) -> ir.Expr:
        return call("trusted", parameter)

    def __repr__(self) -> str:
        return "Trusted"


@dataclass(frozen=True, slots=True, repr=False)
class _Public(ParameterRule):
    # That the call happens at all tells what it stands under, so that must be public too.
    def condition(self, parameter: str) -> ir.Expr:
        return ir.Logic("and", (call("public", parameter), call("pc_public")))

    def __repr__(self) -> str:
        return "Public"


@dataclass(frozen=True, slots=True, repr=False)
class ReadersOf(ParameterRule):
    """Everyone whom the argument names may read the arguments `parameters`, and that the call happens at all."""

    parameters: tuple[str, ...]

    def __init__(self, *parameters: str) -> None:
        if not parameters or not all(isinstance(name, str) for name in parameters):
            raise ConfigError(
                "ReadersOf names no parameters",
                code="C502",
                hint='name what they must be able to read: ReadersOf("body")',
            )
        object.__setattr__(self, "parameters", parameters)

    def condition(self, parameter: str) -> ir.Expr:
        by = (ir.Keyword("by", ir.Name(parameter)),)
        readable = tuple(ir.Call(ir.Name("readable"), (ir.Name(name),), by) for name in self.parameters)
        return ir.Logic("and", (*readable, ir.Call(ir.Name("pc_readable"), (), by)))

    def names(self) -> Iterator[str]:
        yield from self.parameters

    @property
    def audience(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"ReadersOf({', '.join(self.parameters)})"


@dataclass(frozen=True, slots=True, repr=False)
class _Combined(ParameterRule):
    op: str
    parts: tuple[ParameterRule, ...]

    def condition(self, parameter: str) -> ir.Expr:
        return ir.Logic(self.op, tuple(part.condition(parameter) for part in self.parts))

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    @property
    def audience(self) -> bool:
        return any(part.audience for part in self.parts)

    def __repr__(self) -> str:
        sign = " | " if self.op == "or" else " & "
        return sign.join(f"({part!r})" if isinstance(part, _Combined) else repr(part) for part in self.parts)


def _either(left: ParameterRule, right: ParameterRule, op: str) -> ParameterRule:
    first = left.parts if isinstance(left, _Combined) and left.op == op else (left,)
    return _Combined(op, (*first, right))


Trusted = _Trusted()
Public = _Public()


def call(predicate: str, *parameters: str) -> ir.Expr:
    """The expression that calls a predicate with parameters of the tool."""
    return ir.Call(ir.Name(predicate), tuple(ir.Name(name) for name in parameters), ())


def rule_of(annotation: object, tool: str, parameter: str) -> ParameterRule | None:
    """The rule on a parameter, several joined by "and". ConfigError for one inside a type."""
    metadata = getattr(annotation, "__metadata__", ())
    inner = get_args(annotation)[:1] if metadata else (annotation,)
    if any(_hidden(part, 0) for part in inner):
        raise ConfigError(
            f"{tool}: a rule stands inside the type of the parameter {parameter}",
            code="C502",
            hint="a rule speaks about the whole argument: Annotated[list[str], Trusted]",
        )
    rules = [item for item in metadata if isinstance(item, ParameterRule)]
    if any(item is ReadersOf for item in metadata):
        raise ConfigError(f"{tool}: ReadersOf on the parameter {parameter} names no parameters", code="C502")
    return _all(rules)


def _all(rules: Iterable[ParameterRule]) -> ParameterRule | None:
    found: ParameterRule | None = None
    for rule in rules:
        found = rule if found is None else found & rule
    return found


def _hidden(annotation: object, depth: int) -> bool:
    if isinstance(annotation, ParameterRule):
        return True
    if depth > 20:
        return False
    parts = (*get_args(annotation), *getattr(annotation, "__metadata__", ()))
    return any(_hidden(part, depth + 1) for part in parts)
