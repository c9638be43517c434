"""Compile a checked plan once; run it many times.

Its one rule: a `Program` is immutable and holds no state of any run; whatever ends a run becomes one `RunResult`.
What a failure tells must not depend on what not everyone may see: such failures are reported alike (DESIGN §3, §13).
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, final

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import (
    ApprovalExpired,
    ApprovalRefused,
    ApprovalRequired,
    LimitExceeded,
    Observed,
    PlanFailure,
    PlanRejected,
    PolicyDenied,
    QuarantineError,
    Refused,
    RingfenceError,
    RunError,
    ToolError,
)
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, with_label
from ringfence.lang import sizes
from ringfence.lang.analysis.region import Regions
from ringfence.lang.check import CheckedPlan
from ringfence.lang.depth import on_deep_stack, on_this_stack, preparing
from ringfence.lang.direct.frame import Frame, Whole
from ringfence.lang.direct.units import FILE
from ringfence.lang.host import Host, Site
from ringfence.lang.limits import USUAL, Limits
from ringfence.lang.objects import Builtin, Module, ToolValue, Unbound, forget_promises, label_of, settle_deep
from ringfence.lang.raised import Raised
from ringfence.lang.running.bindings import taint
from ringfence.lang.running.engine import Run
from ringfence.lang.scope import variable
from ringfence.lang.text import str_raw

if TYPE_CHECKING:
    from ringfence.lang.direct.statements import Block

_LEVELS: Final = 32  # of the text of a plan that is run where it is asked for


@final
@dataclass(frozen=True, slots=True)
class Program:
    """A compiled plan. Its units of code are compiled when a run first reaches them, once for all runs."""

    checked: CheckedPlan
    block: Block
    whole: Whole
    start: Mapping[str, Value]
    regions: Regions
    sites: tuple[Site, ...]
    deep_sites: frozenset[int]
    companions: Mapping[int, tuple[frozenset[int], ...]]
    shallow: bool  # it needs no more stack than any function does


@final
@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: completed, observed, refused, denied, waiting, failed or limit.

    `error` is None if completed or observed. facts: what an observed one reports. ended: the label of the fact that it
    ended as it did; place: where it observed. unset: the variables of the plan that have no value, each with the label
    of that fact.
    """

    outcome: str
    answer: Value
    variables: Mapping[str, Value]
    steps: int
    error: RingfenceError | ApprovalRequired | None = None
    facts: Mapping[str, Value] | None = None
    unset: Mapping[str, Label] = field(default_factory=dict)
    ended: Label = TRUSTED_PUBLIC
    place: Span | None = None


def compile_plan(checked: CheckedPlan) -> Program:
    """Compile. Raises PlanRejected (E103) for nesting that Python itself cannot compile."""
    from ringfence.lang.direct.statements import prepared

    with preparing():
        whole = Whole(checked)
        start = whole.first_values()
        block = prepared(whole)
        try:
            for unit in whole.deep_units():
                unit.compiled()
        except (SyntaxError, RecursionError, MemoryError):
            problem = Diagnostic("E103", "the plan is nested too deeply", Span(1, 1, 1, 1))
            raise PlanRejected([problem], checked.plan.text) from None
    places = whole.places
    effects = places.effects
    return Program(
        checked,
        block,
        whole,
        start,
        places.regions,
        tuple(places.sites),
        effects.deep_sites,
        effects.companions,
        checked.plan.depth <= _LEVELS and effects.shallow,
    )


def run(
    program: Program,
    host: Host,
    given: Mapping[str, Value] | None = None,
    limits: Limits | None = None,
    observer: str = "user",
) -> RunResult:
    """Run a program. Raises nothing but what is no error of the run (KeyboardInterrupt).

    `observer` is the principal who sees how the run ends: failures of tools that they may know of are told as such.
    """
    from ringfence.lang.running.runtime import WORLD

    values = {} if given is None else given
    state = Run(
        host,
        USUAL if limits is None else limits,
        program.regions,
        program.sites,
        program.checked.signatures,
        program.deep_sites,
        program.companions,
    )

    def work() -> RunResult:
        sizes.install(state.charge, state.tick, state.in_time)
        forget_promises()
        try:
            frame = Frame(state, {**WORLD, "K": program.whole.constants, **program.start})
            return _outcome(program, frame, values, observer)
        finally:
            sizes.install()

    return on_this_stack(work) if program.shallow else on_deep_stack(work)


def _perform(program: Program, frame: Frame, given: Mapping[str, Value]) -> None:
    run, whole, names = frame.run, program.whole, frame.names
    run.tick(1 + len(program.checked.plan.body))
    for name in whole.given:
        value = given[name]
        names[variable(name)] = value if whole.given_site is None else run.adopt(value, whole.given_site)
    try:
        program.block.perform(frame)
    except Raised:
        run.start_waiting()  # what the plan has called is called, though nobody hears of it any more
        raise
    finally:
        run.tries.clear()  # what arrives from here on decides about nothing any more
        run.variables = {name: names[key] for name, key in whole.shown}


def _outcome(program: Program, frame: Frame, given: Mapping[str, Value], observer: str) -> RunResult:
    run = frame.run
    try:
        _perform(program, frame, given)
        answer = _answer(run)
        return RunResult(
            "completed", answer, _variables(run, TRUSTED_PUBLIC), run.steps, unset=_unset(run, TRUSTED_PUBLIC)
        )
    except Observed as signal:
        seen = _variables(run, signal.label)
        unset = _unset(run, signal.label)
        place = _place(signal, program)
        return RunResult("observed", None, seen, run.steps, None, signal.facts, unset, signal.label, place)
    except Raised as error:
        failure = _uncaught(error, _place(error, program))
        failure.label = failure.label.join(run.pc)
    except LimitExceeded as error:
        error.label = error.label.join(run.pc)
        error.span = _place(error, program)
        failure = error
    except (RecursionError, MemoryError) as error:
        kind = "depth" if isinstance(error, RecursionError) else "memory"
        failure = LimitExceeded(kind, f"the run reached its limit of {kind}", span=_place(error, program), label=run.pc)
    except Refused as error:
        error.span = _place(error, program)
        reason = with_label(error.reason, error.label)
        return RunResult("refused", reason, _variables(run, run.pc), run.steps, error)
    except (PolicyDenied, ApprovalRefused, ApprovalExpired) as error:
        return RunResult("denied", None, _variables(run, run.pc), run.steps, error)
    except ApprovalRequired as question:
        return RunResult("waiting", None, _variables(run, run.pc), run.steps, question)
    except RingfenceError as error:
        return RunResult("failed", None, _variables(run, run.pc), run.steps, error)
    except Exception as error:
        # A fault of our own. Its text may hold values, so that only its kind and place are told.
        failure = PlanFailure(
            f"internal error ({type(error).__name__})", code="E303", span=_place(error, program), label=run.pc
        )
        failure.__cause__ = error
    label = failure.label
    outcome = "limit" if isinstance(failure, LimitExceeded) and label.public else "failed"
    told = label.public or (isinstance(failure, (ToolError, QuarantineError)) and label.readable_by((observer,)))
    shown = failure if told else _masked(failure)
    ended = run.pc.join(label)
    return RunResult(outcome, None, _variables(run, ended), run.steps, shown, None, _unset(run, ended), ended)


def _masked(failure: RunError) -> RunError:
    """A failure that not everyone may know of: one code and kind for all of them, and no place."""
    masked = PlanFailure("the plan failed where private data decided", code="E302", label=failure.label)
    masked.__cause__ = failure
    return masked


def _uncaught(error: Raised, span: Span | None) -> RunError:
    cause = error.value.cause
    if isinstance(cause, RunError):
        cause.label = cause.label.join(error.label)
        cause.span = span if cause.span is None else cause.span
        return cause
    name = error.value.type.name
    message = f"{name} was raised"
    hint: str | None = None
    label = error.label.join(label_of(error.value))
    if label is TRUSTED_PUBLIC and error.value.args and not any(_labelled(arg) for arg in error.value.args):
        # Nothing but the plan's own text went into it, which its author may see.
        with suppress(LimitExceeded, RecursionError, MemoryError):  # too much to be written
            message = f"{name}: {str_raw(error.value)[:300]}"
    return PlanFailure(message, span=span, label=label, exception=name, hint=hint)


def _labelled(value: Value) -> bool:
    from ringfence.lang.objects import deep

    try:
        return deep(value) is not TRUSTED_PUBLIC
    except Raised:  # the result of a call that failed
        return True


def _place(error: BaseException, program: Program) -> Span | None:
    """The innermost place in the plan that the error passed through."""
    from ringfence.lang.direct.statements import PLACED

    found: Span | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code in PLACED:
            found = frame.f_locals["place"]
        elif frame.f_code.co_filename.startswith(FILE):
            found = program.whole.spans[frame.f_code.co_filename][line - 1]
    return found


def _answer(run: Run) -> Value:
    if run.answered:
        value = run.answered[-1]
    elif run.printed:
        from ringfence.core.values import List
        from ringfence.lang.builtins.tables import METHODS

        texts = METHODS[str]["join"](run, "", List(list(run.printed)))
        value = METHODS[str]["removesuffix"](run, texts, "\n")
    else:
        value = run.final
    label = run.answer_label
    if label is not TRUSTED_PUBLIC:  # a condition decided: what would be the answer else is not to be told by its label
        label = label.join(deep_of((*run.answered, *run.printed, run.final)))
    return taint(settle_deep(value), label)


def deep_of(values: tuple[Value, ...]) -> Label:
    """The join over all that can be reached from any of the values."""
    from ringfence.lang.objects import deep

    return deep(values)


def _unset(run: Run, label: Label) -> Mapping[str, Label]:
    """The variables without a value: that they have none may be what a condition decided."""
    return {name: value.label.join(label) for name, value in run.variables.items() if isinstance(value, Unbound)}


def _variables(run: Run, label: Label) -> Mapping[str, Value]:
    shown: dict[str, Value] = {}
    for name, value in run.variables.items():
        raw = value
        if isinstance(raw, (Unbound, Module, Builtin, ToolValue)):
            continue
        try:
            shown[name] = taint(settle_deep(value), label)
        except (Raised, RingfenceError, ApprovalRequired):
            continue  # a call that failed has no value; its failure has been reported
    return shown
