"""Writing a plan line by line: literals, imports, and only tools that are there.

Its one rule: everything from the request enters the plan as a literal, so that no wording of a request can add code.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, final

from ringfence.llm.planner import Task

EMAIL: Final = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_EMAIL: Final = re.compile(EMAIL)
_MYSELF: Final = frozenset({"me", "myself", "my own address", "my address"})
_ARTICLES: Final = re.compile(r"(?:my|our|the)\s+", re.IGNORECASE)
_NAME_TAIL: Final = re.compile(
    r"(?:[A-ZÀ-ÖØ-Þ][\w'’.-]*)(?:\s+(?:[A-ZÀ-ÖØ-Þ][\w'’.-]*|de|van|von|der|da|di|la|le|bin|al))*$"
)
_ROLE: Final = re.compile(
    r"(?!(?:and|then|or|also|delete|send|forward|remove|cancel|reply|write|read|show|with|to)\b)[^\W\d_]+(?:[ "
    r"-][^\W\d_]+){0,2}"
)
_NO_PERSON: Final = frozenset(
    {"everyone", "everybody", "all", "them", "him", "her", "someone", "anybody", "anyone", "nobody", "it", "this"}
)


class MissingToolError(Exception):
    """The plan would need a tool, or a parameter of one, that is not among the signatures."""

    def __init__(self, tool: str) -> None:
        super().__init__(tool)
        self.tool = tool


class NotUnderstoodError(Exception):
    """A shape fits the words but not their meaning. `need` says what is missing; it holds nothing of the request."""

    def __init__(self, need: str = "") -> None:
        super().__init__(need)
        self.need = need


@final
class PlanWriting:
    """The plan being written. `name` counts no variable twice; `tool` refuses what the task does not have."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._params = {tool.name: frozenset(param.name for param in tool.params) for tool in task.tools}
        self._imports: dict[str, dict[str, None]] = {}
        self._lines: list[str] = []
        self._names: set[str] = set(self._params)

    def line(self, text: str) -> None:
        """Add one line, or several."""
        self._lines.append(text)

    def name(self, wish: str) -> str:
        """A variable that the plan does not have yet."""
        name, count = wish, 1
        while name in self._names:
            count += 1
            name = f"{wish}{count}"
        self._names.add(name)
        return name

    def assign(self, wish: str, expression: str) -> str:
        """`name = expression`; returns the name."""
        name = self.name(wish)
        self.line(f"{name} = {expression}")
        return name

    def needs(self, module: str, *names: str) -> None:
        """An import."""
        self._imports.setdefault(module, {}).update(dict.fromkeys(names))

    def tool(self, name: str, *positional: str, **keywords: str) -> str:
        """A call of a tool, its arguments expressions. Raises MissingToolError."""
        if name not in self._params or not self._params[name].issuperset(keywords):
            raise MissingToolError(name)
        parts = [*positional, *(f"{key}={value}" for key, value in keywords.items())]
        return f"{name}({', '.join(parts)})"

    def literal(self, value: str | int | date | datetime) -> str:
        """A value of the request as an expression."""
        if isinstance(value, datetime):
            self.needs("datetime", "datetime")
            return f"datetime({value.year}, {value.month}, {value.day}, {value.hour}, {value.minute})"
        if isinstance(value, date):
            self.needs("datetime", "date")
            return f"date({value.year}, {value.month}, {value.day})"
        return text_literal(value) if isinstance(value, str) else str(value)

    def answer(self, expression: str) -> None:
        self.line(f"answer({expression})")

    def text(self) -> str:
        """The plan so far."""
        head = [f"from {module} import {', '.join(names)}" for module, names in self._imports.items()]
        return "\n".join([*head, *([""] if head else []), *self._lines]) + "\n"

    def people(self, phrase: str) -> list[Person]:
        """Everybody in "Ann Lee, bob@example.org and my boss"."""
        return [self.person(part) for part in re.split(r",? and |, ?| & ", phrase.strip()) if part.strip()]

    def person(self, phrase: str) -> Person:
        """Who is meant: an address in the request, the user, or a contact looked up by the plan."""
        phrase = phrase.strip().strip(",.;:")
        address = _EMAIL.search(phrase)
        if address is not None:
            literal = self.literal(address.group())
            return Person(literal, address.group())
        if phrase.lower() in _MYSELF:
            return Person(self.literal(self.task.user), "you")
        name = person_name(phrase)
        if name is None:
            raise NotUnderstoodError("the name, the role or the e-mail address of one person")
        variable = self.assign(_variable(name), self.tool("find_contact", self.literal(name)))
        return Person(f"{variable}.email", f"{{{variable}.name}}")


@final
class Person:
    """`email` is an expression; `shown` goes into an f-string."""

    __slots__ = ("email", "shown")

    def __init__(self, email: str, shown: str) -> None:
        self.email = email
        self.shown = shown


def person_name(phrase: str) -> str | None:
    """The name or role to look up: "my boss John Doe" is "John Doe", "my boss" is "boss"; None if nobody is named."""
    phrase = " ".join(phrase.split()).strip(" .,;:")
    bare = _ARTICLES.sub("", phrase, count=1) if _ARTICLES.match(phrase) else phrase
    tail = _NAME_TAIL.search(bare)
    if tail is not None and (tail.start() == 0 or bare[tail.start() - 1] == " "):
        bare = tail.group()
    if bare == bare.lower() and not _ROLE.fullmatch(bare):
        return None
    words = bare.split()
    if not 1 <= len(words) <= 5 or bare.lower() in _NO_PERSON or not re.fullmatch(r"[\w'’. -]{1,80}", bare):
        return None
    return bare


def text_literal(text: str) -> str:
    """A string literal with double quotes; nothing in it is interpolated."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + "".join(part if part.isprintable() else _escaped(part) for part in plain) + '"'


def _escaped(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def in_fstring(text: str) -> str:
    """Text of the request as it must stand inside an f-string with double quotes."""
    return text_literal(text)[1:-1].replace("{", "{{").replace("}", "}}")


_TAKEN: Final = frozenset(
    [*keyword.kwlist, *dir(builtins), "answer", "refuse", "quarantine", "observe", "body", "subject"]
)


def _variable(name: str) -> str:
    """A variable for a person: the first word of the name, in plain letters."""
    first = re.sub(r"[^a-z]", "", name.lower().split()[0])
    return first if len(first) > 1 and first not in _TAKEN else "contact"


def quoted_list(parts: Iterable[str]) -> str:
    return "[" + ", ".join(parts) + "]"
