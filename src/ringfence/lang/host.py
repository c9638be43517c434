"""What the language asks of the world: signatures to check against, and a host to call.

Its one rule: the language never imports tools, policy or models. The checker is given `Signature`s, the
engine is given a `Host`; everything that leaves a plan goes through `Host.call`, the verbs
`quarantine` and `quarantine_each` included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, final

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value
from ringfence.schema import AnyType, Scalar, Type


@final
@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a tool. `kind` is "positional" (or keyword), "keyword" (only), "args" or "kwargs"."""

    name: str
    type: Type = AnyType()
    required: bool = True
    kind: str = "positional"
    description: str = ""

    @property
    def names_type(self) -> bool:
        """Whether a plan gives a type for it, as for the `returns=` of a quarantined call; the tool gets its text."""
        return isinstance(self.type, Scalar) and self.type.format == "type"


@final
@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a label before the run: it lies between `low` and `high` (None: anything above `low`).

    `shape` is what the label of the value alone lies above, without that of its parts.
    """

    low: Label = TRUSTED_PUBLIC
    high: Label | None = TRUSTED_PUBLIC
    shape: Label = TRUSTED_PUBLIC


UNKNOWN = Bounds(TRUSTED_PUBLIC, None)


@final
@dataclass(frozen=True, slots=True)
class Signature:
    """A tool as the checker and the planner see it.

    `result` is what is known of a result's label, and of that of the fact that a call gave none. `said` is the label of
    the text with which a call fails, at most; None: anything. `fact` is the label of the fact that a call failed, or
    did not, beyond that of its result.
    """

    name: str
    params: tuple[Param, ...]
    returns: Type = AnyType()
    effect: str = "write"
    description: str = ""
    result: Bounds = UNKNOWN
    said: Label | None = None
    fact: Label = TRUSTED_PUBLIC


@final
@dataclass(frozen=True, slots=True)
class Site:
    """One place in a plan where the host is called. `number` is its index among the sites in the plan's text."""

    number: int
    name: str
    span: Span


@final
@dataclass(slots=True, eq=False)
class HostCall:
    """A call that the plan makes now. `arguments` are keyed by parameter name, omitted defaults left out.

    Not frozen only because one is made for every call, and that takes four times as long; nobody changes it.

    For `*args` and `**kwargs` parameters the value is a tuple or a Dict. `index` counts the calls of the run from 0
    in program order. For `quarantine` the arguments are `instruction` (a value), `data` (a bare tuple
    of values) and `returns` (a `SchemaValue`); for `quarantine_each` `instruction`, `items` and `returns`.
    """

    index: int
    site: Site
    name: str
    arguments: Mapping[str, Value]
    pc: Label


class Pending(Protocol):
    """A result that is on its way. The engine calls `result` where the content is needed, perhaps more than once."""

    def result(self) -> Value:
        """Wait for the value, or raise what the call raised."""


class Host(Protocol):
    """The monitor, as the engine sees it."""

    def call(self, call: HostCall) -> Value | Pending:
        """Decide, record and make the call. Returns a labelled value, or a `Pending` for a call that overlaps.

        Raises PolicyDenied, ApprovalRefused, ApprovalRequired, ToolError, QuarantineError, LimitExceeded, AuditError.
        """

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Raise PolicyDenied if a call of `name` under this pc label would be denied whatever its arguments."""


@final
@dataclass(frozen=True, slots=True)
class SchemaValue:
    """A type used as a value: the `returns=` of a quarantined call."""

    type: Type
