"""What a plan says: `print`, `answer`, `observe`, `refuse`.

Its one rule: what is said goes to the run, with its labels; nothing is shown from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, type_name
from ringfence.lang import sizes
from ringfence.lang.objects import Builtin, deep, labelled, settle, settle_deep, split
from ringfence.lang.raised import fail
from ringfence.lang.text import str_raw

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _print(
    run: Run, *values: Value, sep: Value = " ", end: Value = "\n", file: Value = None, flush: Value = None
) -> Value:
    label = TRUSTED_PUBLIC
    texts: list[str] = []
    for value in values:
        value = settle_deep(value)
        label = label.join(deep(value))
        texts.append(str_raw(value))
    between, sep_label = _between("sep", sep, " ")
    ending, end_label = _between("end", end, "\n")
    run.unfailed(sep_label.join(end_label))
    sizes.text(sum(map(len, texts)) + len(between) * len(texts) + len(ending))
    run.show(labelled(between.join(texts) + ending, label.join(sep_label).join(end_label)))
    return None


def _between(name: str, value: Value, default: str) -> tuple[str, Label]:
    """What stands between or behind what is printed; None means what Python puts there."""
    raw, label = split(settle(value))
    if raw is not None and not isinstance(raw, str):
        fail("TypeError", f"{name} must be None or a string, not {type_name(raw)}", label)
    return default if raw is None else raw, label


def _answer(run: Run, value: Value = None, *rest: Value) -> Value:
    run.answer((value, *rest) if rest else value)
    return None


def _observe(run: Run, **facts: Value) -> Value:
    run.observe(facts)
    return None


def _refuse(run: Run, reason: Value = "") -> Value:
    run.refuse(reason)
    return None


FUNCTIONS: Final[dict[str, Value]] = {
    "answer": Builtin("answer", _answer),
    "observe": Builtin("observe", _observe),
    "print": Builtin("print", _print),
    "refuse": Builtin("refuse", _refuse),
}
