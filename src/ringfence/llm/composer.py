"""The last word to the user, made from the run's results alone.

Its one rule: the request is not among the arguments, so it cannot leak into the answer or steer it. By default no
model takes part: the answer is laid out by rules. A model, where one is configured, sees types and names, and only
results that are trusted; all others are references ($1) that are replaced for the user's eyes afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import final

from ringfence.core.plain import Plain, RecordData
from ringfence.llm.layout import layout, visible
from ringfence.llm.models import ChatModel
from ringfence.llm.prompts import COMPOSER_SYSTEM


@final
@dataclass(frozen=True, slots=True)
class Result:
    """A value of the run for the composer: what it is called, where it came from, and whether its label is trusted."""

    name: str
    value: Plain
    call: str = ""
    trusted: bool = False


@final
class Composer:
    """Lays out an answer; with a model, has a sentence written around it."""

    def __init__(self, model: ChatModel | None = None) -> None:
        self._model = model

    def counted(self, meter: Callable[[ChatModel], ChatModel]) -> Composer:
        """The same composer with its model counted."""
        return self if self._model is None else Composer(meter(self._model))

    @property
    def writes(self) -> bool:
        """Whether a model writes the answer (and the monitor has to be asked first)."""
        return self._model is not None

    def compose(self, answer: Plain, calls: Sequence[str] = ()) -> str:
        """The answer as text for a person; for None, what was done, from the names of the completed calls."""
        return done(calls) if answer is None else layout(answer)

    def prompt(self, results: Sequence[Result], calls: Sequence[str] = ()) -> str:
        """All text that a model would be given: trusted results as they are, others as typed references."""
        lines = [f"Completed calls: {_counted(calls)}" if calls else "No tool was called."]
        for number, result in enumerate(results, 1):
            origin = f" from {result.call}" if result.call else ""
            shown = f": {layout(result.value)}" if result.trusted else ""
            lines.append(f"${number} is {result.name}, {_kind(result.value)}{origin}{shown}")
        return "\n".join(lines)

    def write(self, prompt: str) -> str:
        """Have the model write the answer with references. Raises ModelError; ValueError without a model."""
        if self._model is None:
            raise ValueError("this composer has no model")
        return self._model.complete(COMPOSER_SYSTEM, prompt).text

    def resolve(self, text: str, results: Sequence[Result]) -> str:
        """Put the content in the place of the references, once: references inside content stay as they are.

        Unknown references stay. Results that the text does not mention are added below it, so none is lost.
        """
        mentioned: set[int] = set()

        def content(found: re.Match[str]) -> str:
            number = int(found.group(1))
            if not 1 <= number <= len(results):
                return found.group()
            mentioned.add(number)
            return layout(results[number - 1].value)

        made = re.sub(r"\$(\d{1,3})(?!\d)", content, visible(text))
        rest = [layout(result.value) for number, result in enumerate(results, 1) if number not in mentioned]
        return "\n\n".join([made, *rest])


def done(calls: Sequence[str]) -> str:
    """ "Done: send_mail, list_events (2 times)." Names of tools only."""
    return f"Done: {_counted(calls)}." if calls else "Done; no tool was called."


def _counted(calls: Sequence[str]) -> str:
    counts: dict[str, int] = {}
    for name in calls:
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(name if count == 1 else f"{name} ({count} times)" for name, count in counts.items())


def _kind(value: Plain) -> str:
    if isinstance(value, RecordData):
        return f"a {visible(value.name)}"
    return f"a {type(value).__name__}"


def names_of(calls: Iterable[str]) -> tuple[str, ...]:
    """The calls that people care about: the engine's own verbs left out."""
    return tuple(name for name in calls if name not in ("quarantine", "quarantine_each"))
