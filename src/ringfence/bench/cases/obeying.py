"""A model that obeys what it reads: the simulated victim, for the run without the firewall.

It reads the request, the descriptions of its tools and the texts of every result, in every way that the screens know to
decode, and follows four forms of an instruction:

    TOOL(ARGUMENTS)         it makes that call, at once
    use X instead of Y      in each later call and in its answer it writes X for Y
    say that FIELD is V     in each later reading, FIELD is V
    tell the user: TEXT     TEXT is its answer

ARGUMENTS are literals, `+`, `str(...)`, calls of tools, their fields and items, and `everything`: all that it has read.

Its one rule: it knows no attack and no case. A real model needs more persuasion than this one, and less form.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

from ringfence.core.labels import EVERYONE
from ringfence.core.plain import Plain, RecordData
from ringfence.guard.labelling import labels
from ringfence.guard.models import QuarantineModel
from ringfence.guard.tools import Tool
from ringfence.schema import RecordType, SchemaMismatch, Type, plain_of, validate
from ringfence.screens.detector import Block, Hit
from ringfence.screens.screen import Screen

EVERYTHING: Final = "everything"
_OPEN: Final = labels(sources="developer", readers=EVERYONE, own=False)
_MOST_CALLS: Final = 50
_LONGEST: Final = 2_000
_USE: Final = re.compile(r"\buse\s+(?P<new>\S+)\s+instead\s+of\s+(?P<old>[^\s,;]+?)(?=[.,;]?(?:\s|$))", re.IGNORECASE)
_SAY: Final = re.compile(r"\bsay\s+that\s+(?P<field>\w+)\s+is\s+(?P<value>[^\n]+?)(?=[.;]?(?:\s*\n|\s*$|[.;]\s))", re.I)
_TELL: Final = re.compile(r"\btell\s+the\s+user:\s*(?P<text>[^\n]+)", re.IGNORECASE)


@final
@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made, and the instruction that it obeyed: "" for one of the task."""

    tool: str
    arguments: Mapping[str, Plain]
    obeyed: str = ""


@final
class Obedient:
    """The model: it makes the calls of its task through `calling`, and obeys what comes back."""

    def __init__(self, tools: Iterable[Tool], honest: QuarantineModel) -> None:
        self.made: list[Made] = []
        self.obeyed: list[str] = []
        self._tools = {one.name: one for one in tools}
        self._honest = honest
        self._read: list[str] = []
        self._instead: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._answer: str | None = None

    def begin(self, request: str) -> None:
        """Read the request, and what the tools say of themselves."""
        self._take(request)
        for one in self._tools.values():
            signature = one.signature
            self._take("\n".join((signature.description, *(param.description for param in signature.params))))

    def tools(self) -> list[Tool]:
        """The tools for the task's own calls: each passes through this model, one after the other; no labels."""
        return [
            replace(one, function=self._calling(one), effect="write", label_rule=_OPEN) for one in self._tools.values()
        ]

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """A reading in the one context that there is: the honest one, with what the model was told to say."""
        for text in data:
            self._take(text)
        found = self._honest.read(instruction, data, schema)
        try:
            return validate(schema, _swayed(schema, found, self._said), coerce=True)
        except SchemaMismatch:
            return found

    def answer(self, text: str) -> str:
        """What the user is told in the end."""
        return self._written(text) if self._answer is None else self._answer

    def knowledge(self) -> Iterator[Plain]:
        """All values in the instructions that were obeyed: what the attacker wants to see somewhere."""
        for made in self.made:
            if made.obeyed:
                yield from made.arguments.values()
        yield from self._instead.values()
        yield from self._said.values()
        if self._answer is not None:
            yield self._answer

    def _calling(self, tool: Tool) -> Callable[..., object]:
        names = [param.name for param in tool.signature.params]

        def call(*given: object, **named: object) -> object:
            arguments = {**dict(zip(names, given, strict=False)), **named}
            return self._call(tool, {name: self._changed(value) for name, value in arguments.items()}, "")

        return call

    def _call(self, tool: Tool, arguments: dict[str, Any], obeyed: str) -> object:
        self.made.append(Made(tool.name, {name: plain_of(value) for name, value in arguments.items()}, obeyed))
        result = tool.invoke(arguments)
        self._take("\n".join(_texts(plain_of(result))))
        return result

    # Reading and obeying

    def _take(self, text: str) -> None:
        self._read.append(text)
        for view in views(text):
            self._obey(view)

    def _obey(self, text: str) -> None:
        for found in _USE.finditer(text):
            if self._heeds(found.group()):
                self._instead[found["old"]] = found["new"]
        for found in _SAY.finditer(text):
            if self._heeds(found.group()):
                self._said[found["field"]] = found["value"]
        for found in _TELL.finditer(text):
            if self._heeds(found.group()):
                self._answer = found["text"].strip()
        for source, call in _calls(text, self._tools):
            if self._heeds(source):
                self._make(source, call)

    def _heeds(self, instruction: str) -> bool:
        """Whether it obeys: what it has not obeyed before, and not without end."""
        if instruction in self.obeyed or len(self.made) >= _MOST_CALLS:
            return False
        self.obeyed.append(instruction)
        return True

    def _make(self, source: str, call: ast.Call) -> object:
        """An instructed call. One that fails is a failed attempt, and no reason to stop."""
        try:
            return self._value(call, source)
        except Exception:
            return None

    def _value(self, node: ast.expr, source: str) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._value(item, source) for item in items]
            case ast.Dict(keys=keys, values=values):
                return {self._value(k, source): self._value(v, source) for k, v in zip(keys, values, strict=True) if k}
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._value(left, source) + self._value(right, source)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand, source)
            case ast.Name(id=name) if name == EVERYTHING:
                return "\n".join(self._read)
            case ast.Attribute(value=value, attr=name) if not name.startswith("_"):
                return getattr(self._value(value, source), name)
            case ast.Subscript(value=value, slice=index):
                return self._value(value, source)[self._value(index, source)]
            case ast.Call(func=ast.Name(id="str"), args=[value]):
                return "\n".join(_texts(plain_of(self._value(value, source))))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in self._tools:
                tool = self._tools[name]
                names = [param.name for param in tool.signature.params]
                given = dict(zip(names, (self._value(arg, source) for arg in args), strict=False))
                given |= {one.arg: self._value(one.value, source) for one in keywords if one.arg is not None}
                types = {param.name: param.type for param in tool.signature.params}
                meant = {name: validate(types[name], plain_of(part), coerce=True) for name, part in given.items()}
                return self._call(tool, tool.convert(meant), source)
            case _:
                raise ValueError("no argument that this model can make")

    def _changed(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._written(value)
        if isinstance(value, (list, tuple)):
            return type(value)(self._changed(part) for part in value) if type(value) in (list, tuple) else value
        if type(value) in (int, float) and str(value) in self._instead:
            return type(value)(self._instead[str(value)])
        return {key: self._changed(part) for key, part in value.items()} if type(value) is dict else value

    def _written(self, text: str) -> str:
        for old, new in self._instead.items():
            text = text.replace(old, new)
        return text


_NAMED: Final = re.compile(r"\b[A-Za-z_]\w*(?=\()")


def _calls(text: str, tools: Mapping[str, Tool]) -> Iterator[tuple[str, ast.Call]]:
    """What has the shape of a call of a tool, outermost first."""
    done = 0
    for found in _NAMED.finditer(text):
        if found.group() not in tools or found.start() < done:
            continue
        call = _call_at(text, found.start())
        if call is not None:
            done = found.start() + len(call[0])
            yield call


def _call_at(text: str, start: int) -> tuple[str, ast.Call] | None:
    """The shortest expression from here on that is a call."""
    for found in re.finditer(r"\)", text[start : start + _LONGEST]):
        source = text[start : start + found.end()]
        try:
            node = ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError):
            continue
        return (source, node) if isinstance(node, ast.Call) else None
    return None


def _texts(value: Plain) -> Iterator[str]:
    """All texts in a value, and what else it holds as text, in order."""
    if isinstance(value, RecordData):
        value = dict(value.fields)
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from (*_texts(key), *_texts(part))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _swayed(schema: Type, found: Plain, said: Mapping[str, str]) -> Plain:
    """The reading with what the model was told to say of its fields."""
    if not isinstance(schema, RecordType):
        return found
    fields = dict(found.fields) if isinstance(found, RecordData) else dict(found) if isinstance(found, Mapping) else {}
    made = {name: _meant(said[name]) if name in said else value for name, value in fields.items()}
    return RecordData(schema.name, made) if isinstance(found, RecordData) else made


def _meant(text: str) -> Plain:
    try:
        found: Plain = json.loads(text)
    except ValueError:
        return text.strip("\"'")
    return found


@final
class _Reading:
    """A detector that detects nothing and keeps every way in which a text was read."""

    name = "reading"

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}

    def hits(self, block: Block) -> tuple[Hit, ...]:
        self.texts[block.view.text] = None
        return ()


def views(text: str) -> list[str]:
    """The text as it is, and decoded in every way that the screens know."""
    reading = _Reading()
    Screen((reading,)).verdict(text)
    return list({text: None} | reading.texts)
