"""The quarantined model: untrusted text in, data of a given shape out.

Its one rule: each question is fresh, without tools, memory or history, and what comes back is validated here, whatever
the provider promised. Error messages never hold what the model wrote. Its output is as untrusted as its input; labels
are the monitor's. What is too long for one question is read in parts (`llm/parts.py`), each as fresh as the others.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Final, NoReturn, final

from ringfence.core.encoding import dumps, to_json
from ringfence.core.errors import QuarantineError
from ringfence.core.plain import Plain
from ringfence.guard.quotes import check_quotes
from ringfence.llm.models import ChatModel, TooLongError, UnusableReplyError
from ringfence.llm.parts import LONGEST, MOST_PARTS, SHORTEST, of_findings, of_part, parts
from ringfence.llm.planner import without_thoughts
from ringfence.llm.prompts import QUARANTINE_JSON_FORM, QUARANTINE_SYSTEM, QUARANTINE_TEXT_FORM
from ringfence.schema import AnyType, Field, RecordType, Scalar, SchemaMismatch, Type, UnionType, json_schema, validate

REFUSAL: Final = "NOT_ENOUGH_INFORMATION"
FLAG: Final = "not_enough_information"
MAX_ANSWER_CHARACTERS: Final = 200_000


def _marker() -> str:
    return secrets.token_hex(12)


@final
class Quarantine:
    """A `guard.models.QuarantineModel` on a chat model.

    `attempts` bounds the questions for one answer; `longest` the characters of data in one question, `most` the parts
    that longer data are read in.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        attempts: int = 3,
        longest: int = LONGEST,
        most: int = MOST_PARTS,
        marker: Callable[[], str] = _marker,
    ) -> None:
        self._model = model
        self._attempts = attempts
        self._longest = longest
        self._most = most
        self._marker = marker

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """What the model says about the data, as plain data of the schema.

        Raises QuarantineError: E341 if the data do not hold it, E340 if no answer fits; ModelError.
        """
        longest = self._longest
        while True:
            try:
                if sum(map(len, data)) <= longest:
                    return self._ask(instruction, data, schema)
                return self._in_parts(instruction, data, schema, longest)
            except TooLongError as problem:
                longest = min(longest, sum(map(len, data))) // 2
                if longest < SHORTEST:
                    raise QuarantineError("the data are longer than the model can read") from problem

    def _in_parts(self, instruction: str, data: tuple[str, ...], schema: Type, longest: int) -> Plain:
        """Read each part, then answer from what was found in them. All of it stays in the quarantine."""
        pieces = parts(data, longest)
        if len(pieces) > self._most:
            raise QuarantineError(
                f"the data are longer than {self._most} questions can hold", hint="read the items with quarantine_each"
            )
        values: list[Plain] = []
        for number, piece in enumerate(pieces, 1):
            try:
                part = self._ask(of_part(instruction, number, len(pieces)), (piece,), schema)
            except QuarantineError as missing:
                if missing.code != "E341":
                    raise
                continue
            values.append(part)
        if not values:
            _not_enough()
        if len(values) == 1:
            return values[0]
        found = [dumps(to_json(value), indent=1) for value in values]
        if sum(map(len, found)) > longest:
            raise QuarantineError("what was found in the parts is longer than the model can read")
        return self._ask(of_findings(instruction), tuple(found), schema, quoting=data)

    def _ask(
        self, instruction: str, data: tuple[str, ...], schema: Type, quoting: tuple[str, ...] | None = None
    ) -> Plain:
        """One answer in a few attempts. Quotes must stand in `quoting`, or else in the data."""
        envelope = None if is_text(schema) else envelope_of(schema)
        problem = ""
        for _ in range(self._attempts):
            system, user = render_question(instruction, data, schema, self._marker, problem)
            try:
                reply = self._model.complete(system, user, envelope)
            except UnusableReplyError as failed:
                # A refusal or a cut-off answer may be the data's doing, so it looks like an item that cannot be read.
                # A server that is down is not about this item and passes through.
                if failed.retryable:
                    problem = "it was empty"
                    continue
                raise QuarantineError(failed.message) from failed
            try:
                plain = parse_reply(reply.text, schema)
                check_quotes(schema, plain, data if quoting is None else quoting)
                return plain
            except SchemaMismatch as mismatch:
                problem = str(mismatch)
        raise QuarantineError(
            f"the quarantined model's answer did not fit the schema in {self._attempts} attempts",
            hint="make the schema simpler, or the instruction more exact",
        )


def is_text(schema: Type) -> bool:
    """Whether the answer is asked for as bare text: `str`, perhaps with a bound on its length."""
    return isinstance(schema, Scalar) and schema.name == "str" and schema.format is None and schema.pattern is None


def envelope_of(schema: Type) -> RecordType:
    """What the provider is asked to enforce: the value, or the statement that the data does not hold it."""
    value = schema if isinstance(schema, AnyType) else UnionType((schema, Scalar("None")))
    return RecordType("Reply", (Field(FLAG, Scalar("bool")), Field("value", value)), mapping=True)


def render_question(
    instruction: str, data: tuple[str, ...], schema: Type, marker: Callable[[], str], problem: str = ""
) -> tuple[str, str]:
    """System and user text. The marker is drawn again until it occurs nowhere in the parts, so none can forge one."""
    drawn = marker()
    while any(drawn in part for part in (instruction, *data)):
        drawn = marker()
    if is_text(schema):
        form = QUARANTINE_TEXT_FORM.format(refusal=REFUSAL)
    else:
        form = QUARANTINE_JSON_FORM.format(schema=json.dumps(json_schema(envelope_of(schema)), ensure_ascii=False))
    system = QUARANTINE_SYSTEM.format(marker=drawn, form=form)
    if problem:
        system += f"\nAn earlier answer to this question did not fit: {problem}\n"
    parts = [_part(drawn, "INSTRUCTION", instruction)]
    parts += [_part(drawn, f"DATA {number} of {len(data)}", text) for number, text in enumerate(data, 1)]
    return system, "\n".join(parts)


def _part(marker: str, name: str, text: str) -> str:
    return f"[{marker}] BEGIN {name}\n{text}\n[{marker}] END {name}"


def parse_reply(text: str, schema: Type) -> Plain:
    """The data in a model's answer. Lenient in form only: a code fence is stripped, a record may come without envelope.

    Raises QuarantineError when the model says that it cannot tell, SchemaMismatch for all that does not fit.
    """
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise SchemaMismatch("", f"at most {MAX_ANSWER_CHARACTERS} characters")
    text = without_thoughts(text)
    if text.strip() == REFUSAL:
        _not_enough()
    if is_text(schema):
        if _says_not_enough(text):
            _not_enough()
        return validate(schema, text.strip())
    found = _json(text)
    if isinstance(found, dict) and found.get(FLAG) is True and set(found) <= {FLAG, "value"}:
        _not_enough()
    if (
        isinstance(found, dict)
        and "value" in found
        and set(found) <= {FLAG, "value"}
        and found.get(FLAG) in (None, False)
    ):
        try:
            return validate(schema, found["value"], coerce=True)
        except SchemaMismatch:
            if not _has_field(schema, "value"):
                raise
    return validate(schema, _without_flag(found, schema), coerce=True)


def _not_enough() -> NoReturn:
    raise QuarantineError("the data does not hold what was asked for", code="E341")


def _says_not_enough(text: str) -> bool:
    try:
        found = _json(text) if text.lstrip().startswith(("{", "`")) else None
    except SchemaMismatch:
        return False
    return isinstance(found, dict) and found.get(FLAG) is True and set(found) <= {FLAG, "value"}


def _has_field(schema: Type, name: str) -> bool:
    return isinstance(schema, RecordType) and any(field.name == name for field in schema.fields)


def _without_flag(found: Plain, schema: Type) -> Plain:
    if isinstance(found, dict) and found.get(FLAG) is False and not _has_field(schema, FLAG):
        return {key: value for key, value in found.items() if key != FLAG}
    return found


def _json(text: str) -> Plain:
    try:
        return json.loads(_unfenced(text.strip()), object_pairs_hook=_object, parse_constant=_constant)
    except SchemaMismatch:
        raise
    except (ValueError, RecursionError):  # half an object, prose, endless nesting, an integer of a million digits
        raise SchemaMismatch("", "one JSON object and nothing around it") from None


def _object(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise SchemaMismatch("", "each field once")
    return made


def _constant(_: str) -> NoReturn:
    raise SchemaMismatch("", "finite numbers")


def _unfenced(text: str) -> str:
    """The text without a code fence around all of it."""
    if not text.startswith("```") or not text.endswith("```") or len(text) < 6:
        return text
    first, newline, rest = text[3:-3].partition("\n")
    return rest.strip() if newline and (not first.strip() or first.strip().isalnum()) else text[3:-3].strip()
