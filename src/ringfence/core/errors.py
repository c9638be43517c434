"""What can go wrong, as one tree.

    RingfenceError (.code, .render())          str() never contains runtime values
    ├ ConfigError            .diagnostics
    ├ PlanError              PlannerOutputError, PlanRejected(.diagnostics: nothing has run)
    ├ RunError (.span, .label)
    │   ├ PlanFailure        the plan's own mistake (type, index, key, unhandled raise)
    │   ├ LimitExceeded      .limit
    │   ├ ToolError          .tool, .detail: a labelled value
    │   ├ QuarantineError    not enough information / does not fit the schema
    │   └ ReplayDiverged
    ├ PolicyDenied           .decision
    ├ ApprovalRefused, ApprovalExpired
    ├ ModelError             .status, .retryable
    └ AuditError             no record, no call
    Refused                  the plan itself said no: refuse(reason)
    Observed(BaseException)                    a signal: the round ends with facts for the planner
    ApprovalRequired(BaseException)            a signal: a tool's `except Exception` must not swallow it

Its one rule: messages name types, names, rules and labels, never values. Errors are told apart by their
class and code, never by their text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ringfence.core.labels import TRUSTED_PUBLIC, Label

if TYPE_CHECKING:
    from ringfence.core.diagnostics import Diagnostic, Span
    from ringfence.core.values import Value


class RingfenceError(Exception):
    """The root. `code` is in the registry (`core/codes.py`), `hint` says what to do, or is None."""

    default_code = "E300"

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.default_code if code is None else code
        self.hint = hint

    def render(self) -> str:
        """Code, message and what to do, for a person."""
        return f"{self.code}: {self.message}" + (f"\n    hint: {self.hint}" if self.hint is not None else "")


class ConfigError(RingfenceError):
    """The configuration, a policy file or a tool declaration is wrong."""

    default_code = "C500"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        diagnostics: Iterable[Diagnostic] = (),
        excerpt: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.diagnostics = tuple(diagnostics)
        self.excerpt = excerpt  # the line of the configuration, and carets under the place

    def render(self) -> str:
        shown = f"{self.code}: {self.message}" + (f"\n{self.excerpt}" if self.excerpt is not None else "")
        return shown + (f"\n    hint: {self.hint}" if self.hint is not None else "")


class PlanError(RingfenceError):
    """There is no plan that could run."""

    default_code = "E100"


class PlannerOutputError(PlanError):
    """The planner's output holds no plan (prose, a refusal, nothing)."""

    default_code = "E110"


class PlanRejected(PlanError):
    """The checker found problems. Nothing has run."""

    default_code = "E200"

    def __init__(self, diagnostics: Iterable[Diagnostic], text: str = "") -> None:
        self.diagnostics = tuple(diagnostics)
        self.text = text
        count = len(self.diagnostics)
        super().__init__(
            f"the plan has {count} problem{'s' if count != 1 else ''}; nothing has run",
            code=self.diagnostics[0].code if self.diagnostics else None,
        )

    def render(self) -> str:
        from ringfence.core.diagnostics import render_all

        return f"{self.message}\n{render_all(self.diagnostics, self.text)}"


class RunError(RingfenceError):
    """A run stopped. `span` is the place in the plan; `label` is that of the fact that it failed there."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        label: Label = TRUSTED_PUBLIC,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.span = span
        self.label = label


class PlanFailure(RunError):
    """The plan's own mistake. `exception` is the name of the Python exception it would be."""

    default_code = "E301"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        label: Label = TRUSTED_PUBLIC,
        exception: str = "Exception",
    ) -> None:
        super().__init__(message, code=code, hint=hint, span=span, label=label)
        self.exception = exception


class LimitExceeded(RunError):
    """A limit was reached: `limit` names it."""

    default_code = "E320"

    def __init__(
        self,
        limit: str,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        label: Label = TRUSTED_PUBLIC,
    ) -> None:
        super().__init__(message, code=code, hint=hint, span=span, label=label)
        self.limit = limit


class ToolError(RunError):
    """A tool failed. `detail` is the tool's own text, as a labelled value; it is in no message."""

    default_code = "E330"

    def __init__(
        self,
        tool: str,
        message: str,
        *,
        detail: Value = None,
        code: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        label: Label = TRUSTED_PUBLIC,
    ) -> None:
        super().__init__(message, code=code, hint=hint, span=span, label=label)
        self.tool = tool
        self.detail = detail


class QuarantineError(RunError):
    """The quarantined model had not enough information, or what it said does not fit the schema."""

    default_code = "E340"


class ReplayDiverged(RunError):
    """The journal holds other calls than the plan makes. Nothing was called."""

    default_code = "E350"


class PolicyDenied(RingfenceError):
    """A rule said no. `decision` is a guard.policy.Decision; `span` is the call's place."""

    default_code = "P401"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        decision: object = None,
        span: Span | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.decision = decision
        self.span = span


class ApprovalRefused(RingfenceError):
    """A person said no. That is final for the plan."""

    default_code = "P420"


class ApprovalExpired(RingfenceError):
    """The approval was not given, or not used, in time."""

    default_code = "P421"


class ModelError(RingfenceError):
    """A model could not be reached or did not answer. `status` is the HTTP status, where there is one."""

    default_code = "E360"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        status: int | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.retryable = retryable


class AuditError(RingfenceError):
    """The audit or the journal cannot be written or does not verify. No record, no call."""

    default_code = "E370"


class Refused(RingfenceError):
    """The plan called `refuse(reason)`. `reason` is a value, for the user."""

    default_code = "E380"

    def __init__(self, reason: Value, *, span: Span | None = None, label: Label = TRUSTED_PUBLIC) -> None:
        super().__init__("the plan refused the request")
        self.reason = reason
        self.span = span
        self.label = label


class Observed(BaseException):
    """A signal, not an error: the plan ends its round here and reports facts. `label` is that of the place.

    No facts are in the message. `facts` are values by the names that the plan gave them.
    """

    def __init__(self, facts: Mapping[str, Value], label: Label = TRUSTED_PUBLIC) -> None:
        super().__init__("the plan ends its round")
        self.facts = dict(facts)
        self.label = label


class ApprovalRequired(BaseException):
    """A signal, not an error: the run stops here until a person has decided. `request` is a guard.approval one."""

    code = "P410"

    def __init__(self, request: object) -> None:
        super().__init__("the call waits for an approval")
        self.request = request
