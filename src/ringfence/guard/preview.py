"""What a person sees before approving a call: as it is shown, and as it is stored. guard/drawing.py draws it.

Its one rule: the person sees the arguments that the tool will get, who influenced each part and who may read
it, and which rule asked. Text from data can neither leave its place nor hide in it (guard/visible.py); what is
cut off is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast, final

from ringfence.core.encoding import EncodingError, Json, loads
from ringfence.guard.visible import BAR, MAX_LINES, WIDTH, folded, visible

Form: TypeAlias = Literal["text", "json", "schema", "unseen"]
FORMS: Final = ("text", "json", "schema", "unseen")
MAX_TEXT: Final = 4_000
MAX_TAIL: Final = 400
_MAX_NAMES: Final = 6
# A name that can be nothing but one: others may hold the engine's own words.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+/%=~-]*")
_NAME_HEAD: Final = 20
_NAME_TAIL: Final = 43
_INDENT: Final = 10
_BESIDE: Final = 4 + len(BAR)  # what stands before each line of data
_LEAST: Final = 24


@final
@dataclass(frozen=True, slots=True)
class PreviewPart:
    """A part of an argument with a label or an origin of its own. `path` is "" for the whole argument.

    `origin` is the call, and the place in its result, that the part was taken from as it is; "" if there is none.
    """

    path: str
    sources: tuple[str, ...]
    readers: tuple[str, ...] | None
    origin: str = ""

    def render(self) -> str:
        """Where it comes from and who may read it. Names may come from data, so they are made visible and cut."""
        sources = _names(self.sources) if self.sources else "the plan itself"
        readers = "everyone" if self.readers is None else _names(self.readers) if self.readers else "nobody"
        origin = f"; unchanged from {visible(self.origin)[:160]}" if self.origin else ""
        return f"{visible(self.path)[:80] or 'all of it'}: from {sources}; may be read by {readers}{origin}"


@final
@dataclass(frozen=True, slots=True)
class PreviewArgument:
    """One argument: its text (cut off after MAX_TEXT characters, `omitted` says how many follow), and its parts.

    `tail` are the last of the characters that are cut off. form: what the text is: a text itself, a value as JSON, a
    schema, or, before a plan starts, where the value will come from, for it is not known yet ("unseen").
    orders: it is to be carried out, so it is shown whole, and a yes makes it the user's own words.
    """

    name: str
    text: str
    omitted: int
    parts: tuple[PreviewPart, ...]
    more_parts: int
    trusted: bool
    audience: bool
    form: Form = "json"
    tail: str = ""
    orders: bool = False

    @property
    def editable(self) -> bool:
        """Whether a person could write another value in its place."""
        return self.form in ("text", "json")

    def _reads_as_json(self) -> bool:
        """Whether a value that is no text would be drawn the same."""
        if self.omitted:
            return self.text.lstrip()[:1] in ("[", "{", '"')
        try:
            loads(self.text)
        except (EncodingError, RecursionError):
            return False
        return True

    def render(self, *, whole: bool = False, width: int = WIDTH) -> list[str]:
        """For a terminal; `whole`: long texts are not folded. width: of the lines of data, without their bar."""
        mark = "" if self.trusted else "  (not trusted)"
        mark += "  (with a yes it is carried out as if you had asked for it: read all of it)" if self.orders else ""
        mark += "  (a text)" if self.form == "text" and self._reads_as_json() else ""
        who = "  (who receives it)" if self.audience else ""
        made = [f"  {self.name}{who}{mark}"]
        if self.form == "unseen":
            return [*made, f"    not known yet: {visible(self.text)[:400]}"]
        most = 1_000_000 if whole or self.orders else MAX_LINES
        made += [f"    {line}" for line in folded(self.text, width, most)]
        if self.omitted:
            hidden = self.omitted - len(self.tail)
            made += [f"    ... and {hidden:,} more characters that are not shown"] if hidden else []
            made += [f"    ... and its last {len(self.tail):,} characters:"] if self.tail else []
            made += [f"    {line}" for line in (folded(self.tail, width, 20) if self.tail else [])]
        made += [f"      {part.render()}" for part in self.parts]
        if self.more_parts:
            made.append(f"      ... and {self.more_parts:,} more parts with labels of their own")
        return made


@final
@dataclass(frozen=True, slots=True)
class Preview:
    """A call as it is put to a person. `asks` are the rules that ask, with the reason in words.

    Of a plan that has not started, `calls` are those that it will ask about, and the rest is empty but for the name.
    `line` is the call's line in the plan, and `question` which question of its run this is: 0 if that is not told.
    """

    tool: str
    effect: str
    description: str
    arguments: tuple[PreviewArgument, ...]
    asks: tuple[str, ...]
    calls: tuple[Preview, ...] = ()
    line: int = 0
    question: int = 0

    def render(self, *, whole: bool = False, columns: int | None = None) -> str:
        """For a terminal: plain text, no escape sequences; `whole`: nothing is folded.

        columns: how wide the terminal is, which else would break lines itself, and without their bars.
        """
        width = WIDTH if columns is None else max(1, min(WIDTH, columns - _BESIDE))
        made = self._lines(whole, width)
        return "\n".join(made if columns is None else _broken(made, columns))

    def _lines(self, whole: bool, width: int) -> list[str]:
        made = [f"question {self.question} of this run"] if self.question else []
        if self.calls:
            return [*made, *self._of_plan(whole, width)]
        verb = "would act" if self.effect == "write" else "would read, and part of it leaves"
        place = f"line {self.line}: " if self.line else ""
        what = f": {visible(self.description)[:200]}" if self.description else ""
        made.append(f"{place}{visible(self.tool)} {verb}{what}")
        for argument in self.arguments:
            made += argument.render(whole=whole, width=width)
        return [*made, "  asked by", *(f"    {visible(ask)}" for ask in self.asks)]

    def _of_plan(self, whole: bool, width: int) -> Iterable[str]:
        count = len(self.calls)
        yield f"the plan has {count} call{'s' if count != 1 else ''} that a person must approve; each counts once"
        for number, call in enumerate(self.calls, 1):
            yield ""
            first, *rest = call._lines(whole, width)
            yield f"({number}) {first}"
            yield from rest

    def to_json(self) -> dict[str, Json]:
        """The same as an object, texts as they are."""
        return {
            "tool": self.tool,
            "effect": self.effect,
            "description": self.description,
            "arguments": [_argument_json(argument) for argument in self.arguments],
            "asks": [*self.asks],
            **({"calls": [call.to_json() for call in self.calls]} if self.calls else {}),
            **({"line": self.line} if self.line else {}),
            **({"question": self.question} if self.question else {}),
        }

    def unplaced(self) -> Preview:
        """The same without what another time may have otherwise: a stored plan has no lines of text any more."""
        arguments = tuple(replace(one, text="") if one.form == "unseen" else one for one in self.arguments)
        return replace(
            self, arguments=arguments, calls=tuple(call.unplaced() for call in self.calls), line=0, question=0
        )


def _argument_json(argument: PreviewArgument) -> Json:
    parts: list[Json] = [
        {
            "path": part.path,
            "sources": [*part.sources],
            "readers": "everyone" if part.readers is None else [*part.readers],
            **({"origin": part.origin} if part.origin else {}),
        }
        for part in argument.parts
    ]
    return {
        "name": argument.name,
        "text": argument.text,
        "omitted": argument.omitted,
        "parts": parts,
        "more_parts": argument.more_parts,
        "trusted": argument.trusted,
        "audience": argument.audience,
        "form": argument.form,
        **({"tail": argument.tail} if argument.tail else {}),
        **({"orders": True} if argument.orders else {}),
    }


def preview_from_json(obj: Json) -> Preview:
    """The preview that `to_json` wrote. KeyError or TypeError for anything else."""
    if not isinstance(obj, dict):
        raise TypeError("a preview is an object")
    arguments = tuple(_argument_from_json(argument) for argument in _list(obj["arguments"]))
    asks = tuple(str(ask) for ask in _list(obj["asks"]))
    calls = tuple(preview_from_json(call) for call in _list(obj.get("calls", [])))
    line, question = obj.get("line", 0), obj.get("question", 0)
    if type(line) is not int or type(question) is not int:
        raise TypeError("the line and the number of a preview are numbers")
    return Preview(
        str(obj["tool"]), str(obj["effect"]), str(obj["description"]), arguments, asks, calls, line, question
    )


def _argument_from_json(obj: Json) -> PreviewArgument:
    if not isinstance(obj, dict):
        raise TypeError("an argument of a preview is an object")
    parts = tuple(_part_from_json(part) for part in _list(obj["parts"]))
    omitted, more = obj["omitted"], obj["more_parts"]
    if not isinstance(omitted, int) or not isinstance(more, int):
        raise TypeError("counts of a preview are numbers")
    form, trusted, audience = obj.get("form", "json"), obj["trusted"] is True, obj["audience"] is True
    if form not in FORMS:
        raise TypeError("an argument of a preview is shown in a way that does not exist")
    tail = str(obj.get("tail", ""))
    return PreviewArgument(
        str(obj["name"]), str(obj["text"]), omitted, parts, more, trusted, audience, cast(Form, form), tail,
        obj.get("orders") is True,
    )  # fmt: skip


def _part_from_json(obj: Json) -> PreviewPart:
    if not isinstance(obj, dict):
        raise TypeError("a part of a preview is an object")
    readers = obj["readers"]
    names = None if readers == "everyone" else tuple(str(name) for name in _list(readers))
    sources = tuple(str(name) for name in _list(obj["sources"]))
    return PreviewPart(str(obj["path"]), sources, names, str(obj.get("origin", "")))


def _list(obj: Json) -> list[Json]:
    if not isinstance(obj, list):
        raise TypeError("a list of a preview is a list")
    return obj


def _names(names: tuple[str, ...]) -> str:
    shown = [_name(name) for name in names[:_MAX_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _name(name: str) -> str:
    """A name on a line of the engine's: quoted if it could be read as more than a name, and cut where one sees it.

    The end is kept: of an address it says whose it is.
    """
    text = visible(name)
    shown = text if len(text) <= _NAME_HEAD + _NAME_TAIL + 1 else f"{text[:_NAME_HEAD]}…{text[-_NAME_TAIL:]}"
    return shown if _NAME.fullmatch(name) else '"' + shown.replace('"', "⟨U+0022⟩") + '"'


def _broken(lines: Iterable[str], columns: int) -> Iterable[str]:
    """Lines that fit a terminal: those of data do, others go on below, away from the edge."""
    columns = max(_LEAST, columns)
    for line in lines:
        yield line[:columns]
        for start in range(columns, len(line), columns - _INDENT):
            yield " " * _INDENT + line[start : start + columns - _INDENT]
