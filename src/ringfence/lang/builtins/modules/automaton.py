r"""The second engine for regular expressions: look-around, Unicode word boundaries, Python's `$`.

Its one rule: every step of it is a step of the run, so that no pattern and no text can make it stall. It keeps a list
of threads in order of preference, one for each instruction, and so needs time proportional to text times pattern
(K. Thompson 1968; with captures R. Pike, described by R. Cox, "Regular Expression Matching: the Virtual Machine
Approach", 2009). A look-around is the same machine, started at one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias, cast, final

from ringfence.lang.builtins.modules.patterns import UNBOUNDED, Node, Parsed, PatternError, name_of

MAX_PROGRAM: Final = 5_000
_STEPS_AT_ONCE: Final = 64
_COST: Final = 2  # steps of the machine for one step of the run

Spans: TypeAlias = "tuple[int, ...]"
Tick: TypeAlias = Callable[[int], None]


@final
class Letters:
    """One character of a pattern, tested by Python's own engine: exact, and nothing to backtrack over."""

    __slots__ = ("known", "test")

    def __init__(self, text: str, flags: int) -> None:
        self.test = re.compile(text, flags & (re.IGNORECASE | re.ASCII | re.DOTALL)).match
        self.known: dict[str, bool] = {}

    def hold(self, letter: str) -> bool:
        found = self.known.get(letter)
        if found is None:
            found = self.known[letter] = self.test(letter) is not None
        return found


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One instruction. `kind`: letters, split (to `x`, rather than `y`), jump, save, place, look, match."""

    kind: str
    x: int = 0
    y: int = 0
    letters: Letters | None = None
    flags: int = 0
    where: str = ""
    inner: tuple[Step, ...] = ()


class Compiler:
    """Writes a tree as instructions."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.total = 0

    def program(self, nodes: Iterable[Node], flags: int) -> tuple[Step, ...]:
        """The instructions of the whole pattern."""
        self.put(Step("save", 0))
        self.pattern(nodes, flags)
        self.put(Step("save", 1))
        self.put(Step("match"))
        return tuple(self.steps)

    def put(self, step: Step) -> int:
        self.total += 1
        if self.total > MAX_PROGRAM:
            raise PatternError("the pattern is too large: its repeats are written out")
        self.steps.append(step)
        return len(self.steps) - 1

    def pattern(self, nodes: Iterable[Node], flags: int) -> None:
        for operation, operand in nodes:
            self.step(name_of(operation), operand, flags)

    def step(self, operation: str, operand: object, flags: int) -> None:
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                self.put(Step("letters", letters=Letters(_python(operation, operand), flags)))
            case "BRANCH":
                self.branch(cast("tuple[None, list[Parsed]]", operand)[1], flags)
            case "SUBPATTERN":
                group, added, removed, inner = cast("tuple[int | None, int, int, Parsed]", operand)
                if group is not None:
                    self.put(Step("save", 2 * group))
                self.pattern(inner.data, (flags | added) & ~removed)
                if group is not None:
                    self.put(Step("save", 2 * group + 1))
            case "MAX_REPEAT" | "MIN_REPEAT":
                self.repeat(cast("tuple[int, int, Parsed]", operand), flags, operation == "MAX_REPEAT")
            case "AT":
                self.put(Step("place", where=name_of(operand), flags=flags))
            case "ASSERT" | "ASSERT_NOT":
                direction, inner = cast("tuple[int, Parsed]", operand)
                self.look(inner, flags, direction < 0, operation == "ASSERT_NOT")
            case "FAILURE":
                self.put(Step("place", where="NOWHERE"))
            case _:
                raise PatternError(f"{operation} has no linear-time meaning")

    def branch(self, options: list[Parsed], flags: int) -> None:
        ends: list[int] = []
        for option in options[:-1]:
            start = self.put(Step("split"))
            self.pattern(option.data, flags)
            ends.append(self.put(Step("jump")))
            self.steps[start] = Step("split", start + 1, len(self.steps))
        self.pattern(options[-1].data, flags)
        for end in ends:
            self.steps[end] = Step("jump", len(self.steps))

    def repeat(self, operand: tuple[int, int, Parsed], flags: int, greedy: bool) -> None:
        low, high, inner = operand
        for _ in range(low):
            self.pattern(inner.data, flags)
        if high >= UNBOUNDED:
            start = self.put(Step("split"))
            self.pattern(inner.data, flags)
            self.put(Step("jump", start))
            self.steps[start] = _fork(start + 1, len(self.steps), greedy)
            return
        starts: list[int] = []
        for _ in range(high - low):
            starts.append(self.put(Step("split")))
            self.pattern(inner.data, flags)
        for start in starts:
            self.steps[start] = _fork(start + 1, len(self.steps), greedy)

    def look(self, inner: Parsed, flags: int, behind: bool, negated: bool) -> None:
        compiler = Compiler()
        compiler.total = self.total
        program = compiler.program(inner.data, flags)
        self.total = compiler.total
        width, longest = inner.getwidth() if behind else (0, 0)
        if width != longest:
            raise PatternError("look-behind requires fixed-width pattern")
        self.put(Step("look", x=width, y=int(negated), inner=program, where="behind" if behind else "ahead"))


def _fork(inside: int, after: int, greedy: bool) -> Step:
    return Step("split", inside, after) if greedy else Step("split", after, inside)


_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _python(operation: str, operand: object) -> str:
    """One character's pattern in Python's syntax."""
    if operation == "ANY":
        return "."
    if operation != "IN":
        return f"[{'^' if operation == 'NOT_LITERAL' else ''}{_letter(cast(int, operand))}]"
    parts = ""
    for kind, value in cast("list[Node]", operand):
        match name_of(kind):
            case "NEGATE":
                parts += "^"
            case "LITERAL":
                parts += _letter(cast(int, value))
            case "RANGE":
                low, high = cast("tuple[int, int]", value)
                parts += f"{_letter(low)}-{_letter(high)}"
            case _:
                parts += _CATEGORIES[name_of(value)]
    return f"[{parts}]"


def _letter(code: int) -> str:
    return f"\\U{code:08x}"


@final
class Machine:
    """A program and the text it runs over, from `first` up to `end`. `tick` counts the steps of the run."""

    def __init__(self, program: tuple[Step, ...], groups: int, text: str, end: int, tick: Tick) -> None:
        self.program = program
        self.groups = groups
        self.text = text
        self.end = end
        self.tick = tick
        self.cost = 0
        self.looked: dict[tuple[int, int], Spans | None] = {}

    def run(self, start: int, *, anchored: bool = False, whole: bool = False, nonempty: bool = False) -> Spans | None:
        """The preferred match at or after `start`: the ends of all groups, -1 for those not taken."""
        blank = (-1,) * (2 * self.groups + 2)
        threads: list[tuple[int, Spans]] = []
        best: Spans | None = None
        position = start
        while True:
            following: list[tuple[int, Spans]] = []
            seen: set[int] = set()
            if best is None and (position == start or not anchored):
                threads = [*threads, (0, blank)]
            letter = self.text[position] if position < self.end else None
            for place, spans in threads:
                taken = self.follow(place, spans, position, seen)
                stop = False
                for index, held in taken:
                    step = self.program[index]
                    if step.kind == "match":
                        if (whole and position != self.end) or (nonempty and held[0] == position == start):
                            continue
                        best, stop = held, True
                        break
                    assert step.letters is not None
                    if letter is not None and step.letters.hold(letter):
                        following.append((index + 1, held))
                if stop:
                    break
            threads = following
            if position >= self.end or (not threads and (best is not None or anchored)):
                self.tick(self.cost // _COST)
                self.cost = 0
                return best
            position += 1

    def spend(self) -> None:
        self.cost += 1
        if self.cost >= _STEPS_AT_ONCE * _COST:
            self.tick(_STEPS_AT_ONCE)
            self.cost = 0

    def follow(self, place: int, spans: Spans, position: int, seen: set[int]) -> list[tuple[int, Spans]]:
        """The instructions that can be reached without a character, in order of preference."""
        reached: list[tuple[int, Spans]] = []
        pending = [(place, spans)]
        while pending:
            index, held = pending.pop()
            if index in seen:
                continue
            seen.add(index)
            self.spend()
            step = self.program[index]
            match step.kind:
                case "letters" | "match":
                    reached.append((index, held))
                case "jump":
                    pending.append((step.x, held))
                case "split":
                    pending.append((step.y, held))
                    pending.append((step.x, held))
                case "save":
                    pending.append((index + 1, (*held[: step.x], position, *held[step.x + 1 :])))
                case "place":
                    if self.at(step, position):
                        pending.append((index + 1, held))
                case _:
                    found = self.look(index, step, position)
                    if found is not None:
                        pending.append((index + 1, _merged(held, found)))
        return reached

    def at(self, step: Step, position: int) -> bool:
        text, lines = self.text, bool(step.flags & re.MULTILINE)
        match step.where:
            case "AT_BEGINNING":
                return position == 0 or (lines and text[position - 1] == "\n")
            case "AT_BEGINNING_STRING":
                return position == 0
            case "AT_END":
                if position == self.end:
                    return True
                return text[position] == "\n" and (lines or position == self.end - 1)
            case "AT_END_STRING":
                return position == self.end
            case "AT_BOUNDARY" | "AT_NON_BOUNDARY":
                before = position > 0 and _is_word(text[position - 1], step.flags)
                behind = position < self.end and _is_word(text[position], step.flags)
                return (before != behind) == (step.where == "AT_BOUNDARY")
            case _:
                return False

    def look(self, index: int, step: Step, position: int) -> Spans | None:
        """What a look-around captures if it holds, else None."""
        key = (index, position)
        if key not in self.looked:
            start = position - step.x
            found: Spans | None = None
            if start >= 0:
                inner = Machine(step.inner, self.groups, self.text, self.end, self.tick)
                found = inner.run(start, anchored=True)
            blank = (-1,) * (2 * self.groups + 2)
            self.looked[key] = (blank if found is None else None) if step.y else found
        return self.looked[key]


def _merged(held: Spans, found: Spans) -> Spans:
    return (*held[:2], *(new if new >= 0 else old for old, new in zip(held[2:], found[2:], strict=True)))


def _is_word(letter: str, flags: int) -> bool:
    return letter == "_" or (letter.isalnum() and (letter.isascii() or not flags & re.ASCII))
