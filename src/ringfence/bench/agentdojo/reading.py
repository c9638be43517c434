"""The honest reader of a reviewed plan: the typed answers that a capable model gives, written down beside the plan.

Its one rule: an answer depends on the question and the data that it is written for, and never on what an attacker put
into them; a question for which no answer is written ends as "not enough information".

In a plan's file: `# reads: JSON` answers any question, `# reads "TEXT": JSON` one whose instruction or data hold TEXT,
`# reads: none` says that the data do not hold it. The first that fits is taken; each may be taken many times.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, final

from ringfence.core.errors import QuarantineError
from ringfence.core.plain import Plain
from ringfence.schema import Type, validate

_LINE: Final = re.compile(r'^# reads(?: ("(?:[^"\\]|\\.)*"))?: (.*)$', re.MULTILINE)


@final
@dataclass(frozen=True)
class HonestReader:
    """A `QuarantineModel` that answers from what is written in a plan's file."""

    answers: tuple[tuple[str, str], ...]

    @staticmethod
    def of(plan: str) -> HonestReader:
        """The answers written in the text of a plan."""
        return HonestReader(
            tuple(("" if text == "" else json.loads(text), answer) for text, answer in _LINE.findall(plan))
        )

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """The answer that is written for this question. Raises QuarantineError if there is none."""
        whole = "\n".join((instruction, *data))
        for text, answer in self.answers:
            if text in whole:
                if answer == "none":
                    break
                return validate(schema, json.loads(answer), coerce=True)
        raise QuarantineError("the data does not hold what was asked for")
