"""Quarantined calls: the instruction and the data that the quarantined model gets, and the label of what it says.

Its one rule: what comes out is as untrusted, and as private, as everything that went in together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from ringfence.core.encoding import dumps, to_json
from ringfence.core.errors import LimitExceeded, ModelError, QuarantineError
from ringfence.core.labels import Label, join_all
from ringfence.core.origins import origin_of
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Origin, Value, deep, unsafe_plain, wrap
from ringfence.guard.models import QuarantineModel
from ringfence.guard.quotes import Grounding, check_quotes, has_quotes
from ringfence.schema import SchemaMismatch, Type, validate

_SHORTEST: Final = 4
_WHY: Final = {
    "E340": "the quarantined model could not answer",
    "E341": "the data do not hold what was asked for",
    "E343": "the budget of the run is used up",
}


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """One quarantined call, as plain text and with the labels of its parts."""

    instruction: str
    data: tuple[str, ...]
    labels: tuple[Label, ...]
    origins: tuple[Origin | None, ...]
    instruction_label: Label
    label: Label
    schema: Type


def prepare(instruction: Value, data: tuple[Value, ...], schema: Type) -> Reading:
    """A quarantined call from the plan's values."""
    labels = tuple(deep(item) for item in data)
    own = deep(instruction)
    texts, origins = tuple(text_of(item) for item in data), tuple(origin_of(item) for item in data)
    return Reading(text_of(instruction), texts, labels, origins, own, own.join(join_all(labels)), schema)


def text_of(value: Value) -> str:
    """The value as the model reads it: text as it is, anything else as JSON with `$` tags.

    The quarantined model may see everything: it has no tools, and its answer carries all these labels.
    """
    plain = unsafe_plain(value)
    return plain if isinstance(plain, str) else dumps(to_json(plain), indent=1)


def read(model: QuarantineModel | None, reading: Reading, *, grounding: bool) -> tuple[Value, int]:
    """The model's answer, validated and labelled; and how many of its texts were grounded.

    Raises QuarantineError, with the label of the data on it, for the model decides on that ground; ModelError.
    """
    if model is None:
        raise ModelError(
            "no quarantined model is configured",
            code="E361",
            hint="set a key in the environment, or --quarantine-model",
        )
    try:
        plain = validate(reading.schema, model.read(reading.instruction, reading.data, reading.schema), coerce=True)
        check_quotes(reading.schema, plain, reading.data)
    except (ModelError, LimitExceeded):
        raise
    except QuarantineError as problem:
        # Its words may quote the data, so only the code is kept.
        raise QuarantineError(_WHY.get(problem.code, _WHY["E340"]), code=problem.code, label=reading.label) from None
    except SchemaMismatch as problem:
        raise QuarantineError(
            f"the quarantined model's answer does not fit: expected {problem.expected}", label=reading.label
        ) from None
    except Exception as problem:
        raise QuarantineError(f"the quarantined model failed: {type(problem).__name__}", label=reading.label) from None
    if has_quotes(reading.schema) and not grounding:
        quoted = Grounding(reading.data, reading.labels, reading.origins, reading.label)
        return quoted.ground(reading.schema, plain), quoted.count
    if not grounding or len(reading.data) < 2:
        return wrap(plain, reading.label), 0
    grounded = _Grounded(reading)
    made = grounded.descend(plain)
    return (made, grounded.count) if grounded.count else (wrap(plain, reading.label), 0)


@final
class _Grounded:
    """Gives texts that stand verbatim in exactly one input that input's readers and origin.

    The sources stay those of all inputs: the model chose the text under the influence of all of them, so text of
    an untrusted input could have picked one of a trusted one. Choosing among the texts of an input that more may
    read still tells a little about the others: therefore this is off unless the configuration asks for it.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._instruction = Label((), reading.instruction_label.readers)
        self.count = 0

    def descend(self, plain: Plain) -> Value:
        """The answer with a label on each field; a list, whose length is the model's choice, has one on all of it."""
        if isinstance(plain, str):
            return self._text(plain)
        if isinstance(plain, RecordData):
            fields = {name: self.descend(part) for name, part in plain.fields.items()}
            return wrap(RecordData(plain.name, fields), self._reading.instruction_label)
        return wrap(plain, self._reading.label)

    def _text(self, text: str) -> Value:
        found = [index for index, whole in enumerate(self._reading.data) if text in whole]
        if len(text) < _SHORTEST or len(found) != 1:
            return wrap(text, self._reading.label)
        own = self._reading.labels[found[0]]
        self.count += 1
        label = Label(self._reading.label.sources, own.readers).join(self._instruction)
        return wrap(text, label, self._reading.origins[found[0]])
