"""Regular expressions: from Python's syntax to programs for the linear-time engine.

Its one rule: the syntax and its errors are Python's own (its parser reads the pattern), and what is handed to the
engine means the same as in Python. What the engine cannot express is left to `automaton.py`; back-references, atomic
groups and possessive repeats have no linear-time meaning and are refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final, Protocol, TypeAlias, cast

# One step of a parsed pattern: the name of the operation and its operand.
Node: TypeAlias = "tuple[object, object]"
MAX_PATTERN: Final = 10_000
MAX_NESTING: Final = 100
UNBOUNDED: Final = 2**31
LINEAR: Final = (
    "the engine takes linear time in every case, so there are no back-references, atomic groups or possessive repeats"
)

# Python's Unicode white space; `str.isspace` without the information separators differs nowhere else.
_SPACE: Final = r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_NOT_SPACE: Final = (
    r"\x{0}-\x{8}\x{e}-\x{1b}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"
    r"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)
_UNICODE: Final = {
    "CATEGORY_DIGIT": r"\p{Nd}",
    "CATEGORY_NOT_DIGIT": r"\P{Nd}",
    "CATEGORY_SPACE": _SPACE,
    "CATEGORY_NOT_SPACE": _NOT_SPACE,
    "CATEGORY_WORD": r"\p{L}\p{N}_",
}
# With the flag ASCII, white space is Python's own short list.
_STRICT: Final = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_NOT_DIGIT": r"\x{0}-/:-\x{10ffff}",
    "CATEGORY_SPACE": r"\t-\r\x{20}",
    "CATEGORY_NOT_SPACE": r"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{10ffff}",
    "CATEGORY_WORD": "0-9A-Za-z_",
    "CATEGORY_NOT_WORD": r"\x{0}-/:-@\x{5b}-\x{5e}`\x{7b}-\x{10ffff}",
}
# On text that is all ASCII these mean the same as the Unicode ones, and are much smaller.
_ASCII: Final = {
    **_STRICT,
    "CATEGORY_SPACE": r"\t-\r\x{1c}-\x{20}",
    "CATEGORY_NOT_SPACE": r"\x{0}-\x{8}\x{e}-\x{1b}\x{21}-\x{10ffff}",
}


class PatternError(Exception):
    """The pattern is not Python's syntax, or needs what a linear-time engine does not have."""


class NotExpressible(Exception):
    """The engine has no exact form of this pattern; `automaton.py` runs it."""


class _State(Protocol):
    flags: int
    groups: int
    groupdict: dict[str, int]


class Parsed(Protocol):
    """A pattern as Python's parser gives it."""

    data: list[Node]
    state: _State

    def getwidth(self) -> tuple[int, int]:
        """The smallest and the largest number of characters that it matches."""


class _Parser(Protocol):
    def parse(self, text: str, flags: int) -> Parsed: ...


_PARSER: Final = cast(_Parser, import_module("re._parser"))


def parse(text: str, flags: int) -> Parsed:
    """The pattern as a tree. Raises PatternError with Python's message for what is not its syntax."""
    if len(text) > MAX_PATTERN or text.count("(") > MAX_NESTING * 10:
        raise PatternError(f"the pattern is longer than {MAX_PATTERN:,} characters or has too many groups")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # about syntax that may change in later versions of Python
            tree = _PARSER.parse(text, flags)
            _supported(tree.data, 0)
    except (re.error, OverflowError, ValueError) as error:
        raise PatternError(str(error)) from None
    return tree


def name_of(operation: object) -> str:
    """The parser's name of an operation, as text."""
    return str(operation)


def _supported(nodes: Iterable[Node], depth: int) -> None:
    if depth > MAX_NESTING:
        raise PatternError("the pattern is nested too deeply")
    for operation, operand in nodes:
        if name_of(operation) in ("GROUPREF", "GROUPREF_EXISTS", "ATOMIC_GROUP", "POSSESSIVE_REPEAT"):
            raise PatternError(LINEAR)
        for inner in parts_of(operation, operand):
            _supported(inner.data, depth + 1)


def parts_of(operation: object, operand: object) -> Sequence[Parsed]:
    """The patterns inside of one step."""
    match name_of(operation):
        case "BRANCH":
            return cast("tuple[None, list[Parsed]]", operand)[1]
        case "SUBPATTERN":
            return (cast("tuple[object, object, object, Parsed]", operand)[3],)
        case "MAX_REPEAT" | "MIN_REPEAT":
            return (cast("tuple[object, object, Parsed]", operand)[2],)
        case "ASSERT" | "ASSERT_NOT":
            return (cast("tuple[int, Parsed]", operand)[1],)
        case _:
            return ()


def literal(code: int) -> str:
    """A character in the engine's syntax."""
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\x{{{code:x}}}"


class Translator:
    """Writes a tree in the engine's syntax. `ascii_text`: only for texts that are all ASCII."""

    def __init__(self, ascii_text: bool) -> None:
        self.ascii_text = ascii_text
        self.final_newline = False  # whether a `$` also means before a newline at the very end

    def pattern(self, nodes: Iterable[Node], flags: int) -> str:
        return "".join(self.step(name_of(operation), operand, flags) for operation, operand in nodes)

    def step(self, operation: str, operand: object, flags: int) -> str:
        match operation:
            case "LITERAL":
                return self.cased(literal(cast(int, operand)), flags)
            case "NOT_LITERAL":
                return self.cased(f"[^{literal(cast(int, operand))}]", flags)
            case "ANY":
                return "(?s:.)" if flags & re.DOTALL else r"[^\n]"
            case "IN":
                return self.choice(cast("list[Node]", operand), flags)
            case "BRANCH":
                options = cast("tuple[None, list[Parsed]]", operand)[1]
                return f"(?:{'|'.join(self.pattern(option.data, flags) for option in options)})"
            case "SUBPATTERN":
                group, added, removed, inner = cast("tuple[int | None, int, int, Parsed]", operand)
                text = self.pattern(inner.data, (flags | added) & ~removed)
                return f"(?:{text})" if group is None else f"({text})"
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self.repeat(operation, cast("tuple[int, object, Parsed]", operand), flags)
            case "AT":
                return self.place(name_of(operand), flags)
            case _:
                raise NotExpressible(operation)

    def cased(self, text: str, flags: int) -> str:
        if not flags & re.IGNORECASE:
            return text
        if flags & re.ASCII and not self.ascii_text:
            raise NotExpressible("the engine also folds the long s and the Kelvin sign")
        return f"(?i:{text})"

    def repeat(self, operation: str, operand: tuple[int, object, Parsed], flags: int) -> str:
        low, high, inner = operand
        text = self.pattern(inner.data, flags)
        upper = int(cast(int, high))
        count = {(0, 1): "?", (0, UNBOUNDED): "*", (1, UNBOUNDED): "+"}.get((low, min(upper, UNBOUNDED)))
        if count is None:
            if low > 1000 or 1000 < upper < UNBOUNDED:
                raise NotExpressible("the engine counts to 1000")
            count = f"{{{low},{'' if upper >= UNBOUNDED else upper}}}"
        return f"(?:{text}){count}" + ("?" if operation == "MIN_REPEAT" else "")

    def place(self, where: str, flags: int) -> str:
        match where:
            case "AT_BEGINNING":
                return "(?m:^)" if flags & re.MULTILINE else r"\A"
            case "AT_BEGINNING_STRING":
                return r"\A"
            case "AT_END":
                self.final_newline = self.final_newline or not flags & re.MULTILINE
                return "(?m:$)" if flags & re.MULTILINE else r"\z"
            case "AT_END_STRING":
                return r"\z"
            case "AT_BOUNDARY" | "AT_NON_BOUNDARY":
                # Outside of ASCII the engine knows neither the letters nor that \B cannot be inside of a character.
                if not self.ascii_text and not (flags & re.ASCII and where == "AT_BOUNDARY"):
                    raise NotExpressible("the engine's boundaries are those of ASCII words")
                return r"\b" if where == "AT_BOUNDARY" else r"\B"
            case _:
                raise NotExpressible(where)

    def choice(self, items: list[Node], flags: int) -> str:
        negated = bool(items) and name_of(items[0][0]) == "NEGATE"
        rest = items[1:] if negated else items
        known = _STRICT if flags & re.ASCII else _ASCII if self.ascii_text else _UNICODE
        parts: list[str] = []
        outside = False
        for operation, operand in rest:
            match name_of(operation):
                case "LITERAL":
                    parts.append(literal(cast(int, operand)))
                case "RANGE":
                    low, high = cast("tuple[int, int]", operand)
                    parts.append(f"{literal(low)}-{literal(high)}")
                case "CATEGORY" if name_of(operand) in known:
                    # Folding case must not bring the Kelvin sign of a large set to the letter k.
                    top = r"\x{7f}" if self.ascii_text else r"\x{10ffff}"
                    parts.append(known[name_of(operand)].replace(r"\x{10ffff}", top))
                case "CATEGORY":
                    outside = True  # \W of Unicode: the only category without a form that can stand beside others
                case other:
                    raise NotExpressible(other)
        if not outside:
            return self.cased(f"[{'^' if negated else ''}{''.join(parts)}]", flags)
        return self.beside_words(rest, parts, negated, flags)

    def beside_words(self, items: list[Node], parts: list[str], negated: bool, flags: int) -> str:
        r"""A set with \W in it: as an alternative, or for the usual ways to say "letters" by the letters themselves."""
        if not negated:
            rest = f"|[{''.join(parts)}]" if parts else ""
            return self.cased(f"(?:[^{_UNICODE['CATEGORY_WORD']}]{rest})", flags)
        names = {name_of(operand) if name_of(operation) == "CATEGORY" else operand for operation, operand in items}
        plain = names - {"CATEGORY_NOT_WORD", "CATEGORY_DIGIT", ord("_")}
        if plain:
            raise NotExpressible("an intersection of sets")
        digits = r"\p{Nl}\p{No}" if "CATEGORY_DIGIT" in names else r"\p{N}"
        return f"[\\p{{L}}{digits}{'' if ord('_') in names else '_'}]"
