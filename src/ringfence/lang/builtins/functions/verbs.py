"""What a plan says: `print`, `answer`, `observe`, `refuse`.

Its one rule: what is said goes to the run, with its labels; nothing is shown from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Value
from ringfence.lang import sizes
from ringfence.lang.objects import Builtin, deep, labelled, settle_deep, split
from ringfence.lang.text import str_raw

if TYPE_CHECKING:
    from ringfence.lang.engine import Run


def _print(
    run: Run, *values: Value, sep: Value = " ", end: Value = "\n", file: Value = None, flush: Value = None
) -> Value:
    label = TRUSTED_PUBLIC
    texts: list[str] = []
    for value in values:
        value = settle_deep(value)
        label = label.join(deep(value))
        texts.append(str_raw(value))
    between, sep_label = split(sep)
    made = (between if isinstance(between, str) else " ").join(texts)
    sizes.text(len(made))
    run.show(labelled(made, label.join(sep_label)))
    return None


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
