r"""The module `re`.

Its one rule: results are those of Python, in linear time. A match carries the label of the pattern and the text, and so
does everything read from it.

What differs: back-references, atomic groups and possessive repeats are refused with `re.error`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Labeled, Value, type_name, with_label, wrap
from ringfence.lang import sizes
from ringfence.lang.builtins.modules.callbacks import called, lazy
from ringfence.lang.builtins.modules.matching import KNOWN_FLAGS, Match, Pattern, compiled, parse_template
from ringfence.lang.builtins.modules.members import functions, natives, opened, over
from ringfence.lang.builtins.modules.patterns import PatternError
from ringfence.lang.lifting import Pure
from ringfence.lang.objects import Iter, Module, Native, TypeValue, deep, settle, split
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail, of_python

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

ERROR: Final = ExceptionType("error", EXCEPTIONS["ValueError"])
_NO_END: Final = 2**62


def _wrong(error: PatternError | IndexError, label: Label) -> Raised:
    if isinstance(error, IndexError):
        return of_python(error, label)
    return Raised(ExceptionValue(ERROR, (str(error),), label), label)


def _pattern(run: Run, value: Value, flags: Value) -> tuple[Pattern, Label]:
    label, raw = opened(run, value, TRUSTED_PUBLIC)
    label, bits = opened(run, flags, label)
    if isinstance(raw, Pattern):
        if bits:
            fail("ValueError", "cannot process flags argument with a compiled pattern", label)
        return raw, label
    if not isinstance(raw, str):
        fail("TypeError", f"the pattern must be a string or compiled pattern, not {type_name(value)}", label)
    if not isinstance(bits, int) or bits & ~KNOWN_FLAGS:
        fail("ValueError", "the flags of the language are IGNORECASE, MULTILINE, DOTALL, VERBOSE and ASCII", label)
    run.in_time()  # a long pattern takes long, and is no step: whether it is known from before is no part of the run
    try:
        return compiled(raw, int(bits)), label
    except PatternError as error:
        raise _wrong(error, label) from None


def _text(run: Run, value: Value, label: Label) -> tuple[str, Label]:
    label, raw = opened(run, value, label)
    if not isinstance(raw, str):
        fail("TypeError", f"expected string or bytes-like object, got '{type_name(value)}'", label)
    return raw, label


def _count(run: Run, value: Value, label: Label) -> tuple[int, Label]:
    label, raw = opened(run, value, label)
    if not isinstance(raw, int):
        fail("TypeError", f"'{type_name(value)}' object cannot be interpreted as an integer", label)
    return int(raw), label


def _given(made: Plain, label: Label) -> Value:
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _compile(run: Run, pattern: Value, flags: Value = 0) -> Value:
    found, label = _pattern(run, pattern, flags)
    return _given(found, label)


def _one(kind: str) -> tuple[Native, Native]:
    """`re.KIND(pattern, string, flags)` and `pattern.KIND(string, pos, endpos)`."""

    def method(run: Run, pattern: Value, string: Value, pos: Value = 0, endpos: Value = _NO_END) -> Value:
        found, label = _pattern(run, pattern, 0)
        text, label = _text(run, string, label)
        start, label = _count(run, pos, label)
        end, label = _count(run, endpos, label)
        try:
            return _given(found.one(kind, text, start, end, run.tick), label)
        except UnicodeError as error:
            raise of_python(error, label) from None

    def function(run: Run, pattern: Value, string: Value, flags: Value = 0) -> Value:
        return method(run, _compile(run, pattern, flags), string)

    return function, method


def _matches(
    run: Run, pattern: Value, string: Value, flags: Value = 0, pos: Value = 0, endpos: Value = _NO_END
) -> tuple[Pattern, str, Iterator[Match], Label]:
    found, label = _pattern(run, pattern, flags)
    text, label = _text(run, string, label)
    start, label = _count(run, pos, label)
    end, label = _count(run, endpos, label)
    return found, text, _steps(run, found.all(text, start, end, run.tick), label), label


def _steps(run: Run, matches: Iterator[Match], label: Label) -> Iterator[Match]:
    """The matches; one search may look far ahead, so the time is looked at after each."""
    try:
        for match in matches:
            run.check()
            yield match
    except UnicodeError as error:
        raise of_python(error, label) from None


def _finditer(run: Run, pattern: Value, string: Value, flags: Value = 0) -> Value:
    _, _, matches, label = _matches(run, pattern, string, flags)

    def steps(made: Iter) -> Iterator[Value]:
        yield from matches

    return lazy("callable_iterator", steps, label=label)


def _finditer_method(run: Run, pattern: Value, string: Value, pos: Value = 0, endpos: Value = _NO_END) -> Value:
    _, _, matches, label = _matches(run, pattern, string, 0, pos, endpos)

    def steps(made: Iter) -> Iterator[Value]:
        yield from matches

    return lazy("callable_iterator", steps, label=label)


def _all(found: Pattern, matches: Iterator[Match]) -> list[Plain]:
    if found.groups == 0:
        return [match[0] for match in matches]
    if found.groups == 1:
        return [match[1] or "" for match in matches]
    return [match.groups("") for match in matches]


def _findall(run: Run, pattern: Value, string: Value, flags: Value = 0) -> Value:
    found, _, matches, label = _matches(run, pattern, string, flags)
    return wrap(_all(found, matches), label)


def _findall_method(run: Run, pattern: Value, string: Value, pos: Value = 0, endpos: Value = _NO_END) -> Value:
    found, _, matches, label = _matches(run, pattern, string, 0, pos, endpos)
    return wrap(_all(found, matches), label)


def _split(run: Run, pattern: Value, string: Value, maxsplit: Value = 0, flags: Value = 0) -> Value:
    _, text, matches, label = _matches(run, pattern, string, flags)
    most, label = _count(run, maxsplit, label)
    parts: list[Plain] = []
    end = 0
    for number, match in enumerate(matches if most >= 0 else (), 1):
        parts.append(text[end : match.start()])
        parts.extend(match.groups())
        end = match.end()
        if number == most:
            break
    return wrap([*parts, text[end:]], label)


def _replaced(
    run: Run, pattern: Value, repl: Value, string: Value, count: Value, flags: Value
) -> tuple[str, int, Label]:
    found, text, matches, label = _matches(run, pattern, string, flags)
    most, label = _count(run, count, label)
    repl = settle(repl)
    template: list[str | int] | None = None
    raw, kind = split(repl)
    label = label.join(kind)
    if isinstance(raw, str):
        try:
            template = parse_template(raw, found)
        except (PatternError, IndexError) as error:
            raise _wrong(error, label) from None
    parts: list[str] = []
    end = size = number = 0
    for match in matches if most >= 0 else ():
        if template is not None:
            made = "".join([part if isinstance(part, str) else match[part] or "" for part in template])
        else:
            made, label = _asked(run, repl, match, label)
        parts += (text[end : match.start()], made)
        size += len(made)
        if size > sizes.MAX_TEXT:
            sizes.text(size)
        end = match.end()
        number += 1
        if number == most:
            break
    parts.append(text[end:])
    sizes.text(size + len(text))
    return "".join(parts), number, label


def _asked(run: Run, repl: Value, match: Match, label: Label) -> tuple[str, Label]:
    """What the plan's function puts in the place of a match."""
    result = settle(called(run, repl, (_given(match, label),), label))
    label = label.join(deep(result))
    raw = result._value if type(result) is Labeled else result
    if not isinstance(raw, str):
        fail("TypeError", f"expected str instance, {type_name(result)} found", label)
    return raw, label


def _sub(run: Run, pattern: Value, repl: Value, string: Value, count: Value = 0, flags: Value = 0) -> Value:
    text, _, label = _replaced(run, pattern, repl, string, count, flags)
    return _given(text, label)


def _subn(run: Run, pattern: Value, repl: Value, string: Value, count: Value = 0, flags: Value = 0) -> Value:
    text, number, label = _replaced(run, pattern, repl, string, count, flags)
    return with_label((text, number), label)


def _sub_method(run: Run, pattern: Value, repl: Value, string: Value, count: Value = 0) -> Value:
    return _sub(run, pattern, repl, string, count)


def _subn_method(run: Run, pattern: Value, repl: Value, string: Value, count: Value = 0) -> Value:
    return _subn(run, pattern, repl, string, count)


def _split_method(run: Run, pattern: Value, string: Value, maxsplit: Value = 0) -> Value:
    return _split(run, pattern, string, maxsplit)


def _expand(run: Run, match: Value, template: Value) -> Value:
    label, raw = opened(run, match, TRUSTED_PUBLIC)
    text, label = _text(run, template, label)
    assert isinstance(raw, Match)
    try:
        return _given(raw.expand(text), label)
    except (PatternError, IndexError) as error:
        raise _wrong(error, label) from None


_SEARCH, _MATCH, _FULLMATCH = _one("search"), _one("match"), _one("fullmatch")

METHODS: Final[dict[type, dict[str, Native]]] = {
    Pattern: {
        "search": _SEARCH[1],
        "match": _MATCH[1],
        "fullmatch": _FULLMATCH[1],
        "findall": _findall_method,
        "finditer": _finditer_method,
        "split": _split_method,
        "sub": _sub_method,
        "subn": _subn_method,
    },
    Match: {
        "group": over(Match.group),
        "groups": over(Match.groups),
        "groupdict": over(Match.groupdict),
        "start": over(Match.start),
        "end": over(Match.end),
        "span": over(Match.span),
        "expand": _expand,
        "[]": over(Match.__getitem__),
    },
}


def _read(name: str) -> Pure:
    def read(raw: Plain) -> Plain:
        return getattr(raw, name)

    return read


ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {
    Pattern: {
        "pattern": _read("pattern"),
        "flags": _read("flags"),
        "groups": _read("groups"),
        "groupindex": lambda pattern: dict(pattern.groupindex),
    },
    Match: {
        "string": _read("string"),
        "re": _read("re"),
        "pos": _read("pos"),
        "endpos": _read("endpos"),
        "lastindex": Match.lastindex,
        "lastgroup": Match.lastgroup,
    },
}

_NAMES: Final = {
    "I": re.IGNORECASE,
    "IGNORECASE": re.IGNORECASE,
    "M": re.MULTILINE,
    "MULTILINE": re.MULTILINE,
    "S": re.DOTALL,
    "DOTALL": re.DOTALL,
    "X": re.VERBOSE,
    "VERBOSE": re.VERBOSE,
    "A": re.ASCII,
    "ASCII": re.ASCII,
    "U": re.UNICODE,
    "UNICODE": re.UNICODE,
}

PATTERN_TYPE: Final = TypeValue("Pattern", None, lambda raw: isinstance(raw, Pattern))
MATCH_TYPE: Final = TypeValue("Match", None, lambda raw: isinstance(raw, Match))

MODULE: Final = Module(
    "re",
    {
        **natives(
            {
                "compile": _compile,
                "search": _SEARCH[0],
                "match": _MATCH[0],
                "fullmatch": _FULLMATCH[0],
                "findall": _findall,
                "finditer": _finditer,
                "split": _split,
                "sub": _sub,
                "subn": _subn,
            }
        ),
        **functions({"escape": re.escape}),
        **{name: int(flag) for name, flag in _NAMES.items()},
        "NOFLAG": 0,
        "Pattern": PATTERN_TYPE,
        "Match": MATCH_TYPE,
        "error": ERROR,
    },
)
