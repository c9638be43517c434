"""Behaviour as text: reads `*.case` files, and compares what a plan did with what its case says.

A file holds plans separated by lines of `---`. A line that starts with `# ` is a directive (a line that starts with
whitespace and a `#`, or with `##`, is a comment). Directives with an indented continuation (`#   …`) take it too.

Before the run:
    # given: NAME = {"value": JSON, "sources": [...], "readers": [...] or "everyone"}
    # tools: NAME, …              toolsets of tests/case_tools.py
    # policy:                     TOML, on the lines that follow, indented
    # mode: enforce|strict|observe
    # dialect: NAME
    # approve: all|none
    # limit: NAME=NUMBER, …
    # quarantine: [JSON, …]       what the quarantined model answers, in order; "$insufficient": it cannot tell
    # vary: NAME = JSON           run again with this value instead (same label): nothing public may differ
    # python: differs REASON      do not ask CPython

What is expected:
    code ### reject E204 "part of the message"     a diagnostic on this line
    code ### fails E301 KeyError                   the run ends here: code and kind
    # reject: E101 "part"                          a diagnostic on any line
    # error: E301 KeyError                         the run ends with this, on any line
    # => x: JSON
    # label x, y: sources={a, b} readers={c}|everyone
    # answer: JSON
    # answer label: sources={…} readers={…}
    # outcome: completed|refused|rejected|denied|waiting|failed|limit
    # calls: a, b                 exactly these were made, in this order ("none" for none)
    # call N: JSON                the arguments of the N-th one
    # decision: allow|ask|deny by RULE             of the last call that was decided

Its one rule: strict both ways. An unknown directive, a problem that no line expects, an expectation that is not
met, and a case that expects nothing are failures. The runner only compares; `case_execution` runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTCOMES = ("completed", "refused", "rejected", "denied", "waiting", "failed", "limit")
MODES = ("enforce", "strict", "observe")

_DIRECTIVE = re.compile(r"# (?P<name>=>|[a-z]+)(?: (?P<subject>[^:=]+?))?:(?: (?P<rest>.*))?$")
_RETURNS = re.compile(r"# => (?P<subject>\w+): (?P<rest>.+)$")
_MARK = re.compile(r"###\s*(?P<name>[a-z]+)\s+(?P<code>[EPC]\d{3})(?:\s+(?P<rest>.*?))?\s*(?=###|$)")
_LABEL = re.compile(r"sources=\{(?P<sources>[^}]*)\} readers=(?:(?P<everyone>everyone)|\{(?P<readers>[^}]*)\})$")


class CaseError(Exception):
    """The case itself is wrong: an unknown directive, a malformed expectation."""


@dataclass(frozen=True)
class Labels:
    """A label as cases write it: sorted names; readers None for everyone."""

    sources: tuple[str, ...]
    readers: tuple[str, ...] | None


@dataclass
class Problem:
    """A diagnostic that is expected; line None is anywhere."""

    code: str
    part: str
    line: int | None


@dataclass
class Failure:
    """How the run is expected to end; line None is anywhere."""

    code: str
    kind: str
    line: int | None


@dataclass
class Case:
    """One plan with what it is given and what is expected of it."""

    path: Path
    line: int
    text: str
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    tools: list[str] = field(default_factory=list)
    policy: str | None = None
    mode: str = "enforce"
    dialect: str = "code-then-execute"
    approve: str = "none"
    limits: dict[str, int] = field(default_factory=dict)
    quarantine: list[Any] = field(default_factory=list)
    vary: list[tuple[str, Any]] = field(default_factory=list)
    differs: str | None = None
    rejects: list[Problem] = field(default_factory=list)
    fails: Failure | None = None
    values: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Labels] = field(default_factory=dict)
    answer: list[Any] = field(default_factory=list)
    answer_label: Labels | None = None
    outcome: str | None = None
    calls: list[str] | None = None
    arguments: dict[int, Any] = field(default_factory=dict)
    decision: tuple[str, str | None] | None = None

    @property
    def name(self) -> str:
        return f"{self.path.stem}:{self.line}"

    @property
    def expects(self) -> bool:
        """Whether anything at all is expected."""
        told = self.rejects or self.values or self.labels or self.answer or self.arguments or self.vary
        parts = (self.fails, self.answer_label, self.outcome, self.calls, self.decision)
        return bool(told) or any(part is not None for part in parts)

    @property
    def plain(self) -> bool:
        """Whether the meaning of the plan should be Python's own. What an attack does in Python is no model."""
        if self.path.parent.name == "attacks":
            return False
        return not (self.given or self.tools or self.rejects or self.quarantine or self.limits or self.policy) and (
            self.dialect == "code-then-execute" and self.outcome in (None, "completed", "failed") and not self.differs
        )


@dataclass
class Report:
    """What a plan did, in the words of `exec --json`. Values are JSON objects."""

    outcome: str
    variables: dict[str, tuple[Any, Labels]] = field(default_factory=dict)
    answer: tuple[Any, Labels] | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hidden: list[tuple[str, ...]] = field(default_factory=list)
    """For each call the arguments that not everyone may read."""
    private: list[bool] = field(default_factory=list)
    """For each call whether not everyone may know that it was made."""
    decisions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    diagnostics: list[tuple[str, str, int]] = field(default_factory=list)
    error: tuple[str, tuple[str, ...], int | None] | None = None
    """Code, the names of its kind (the class; of a plan's failure also the exception), line."""
    trusted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """The calls that only trusted sources decided to make, with those of their arguments that only they decided."""


# Reading


def read_cases(path: Path) -> list[Case]:
    """All cases of a file. Lines of a case's text are those of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [0, *(number + 1 for number, line in enumerate(lines) if line.strip() == "---")]
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    return [read_case(path, start, lines[start:end]) for start, end in zip(starts, ends, strict=True)]


def read_case(path: Path, start: int, lines: list[str]) -> Case:
    """One case; the plan's text begins with as many empty lines as the file has before it."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    case = Case(path, start + first + 1, "\n" * start + "\n".join(lines) + "\n")
    for number, text in directives(lines):
        try:
            apply(case, text)
        except CaseError as problem:
            raise CaseError(f"{path.name}:{start + number}: {problem}") from None
    for number, line in enumerate(lines, start + 1):
        for mark in marks(line, path, number):
            expect_on_line(case, number, mark)
    if not case.expects:
        raise CaseError(f"{path.name}:{case.line}: the case expects nothing")
    return case


def directives(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines that start with `# `, each with its indented continuation."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#   ") and found:
            found[-1] = (found[-1][0], found[-1][1] + "\n" + line[4:])
        elif line.startswith("# "):
            found.append((number, line))
    return iter(found)


def marks(line: str, path: Path, number: int) -> Iterator[re.Match[str]]:
    """The `### …` of a line; one that cannot be read is an error."""
    rest = line.partition("###")[1:]
    if rest[0]:
        text = "".join(rest)
        found = list(_MARK.finditer(text))
        if "".join(mark.group() for mark in found).replace(" ", "") != text.replace(" ", ""):
            raise CaseError(f"{path.name}:{number}: cannot read {text!r}")
        yield from found


def expect_on_line(case: Case, number: int, mark: re.Match[str]) -> None:
    name, code, rest = mark["name"], mark["code"], mark["rest"] or ""
    if name == "reject":
        case.rejects.append(Problem(code, quoted(rest), number))
    elif name == "fails" and case.fails is None:
        case.fails = Failure(code, rest, number)
    else:
        raise CaseError(f"{case.path.name}:{number}: unknown or repeated mark {name}")


def quoted(text: str) -> str:
    if text and not re.fullmatch(r'"[^"]*"', text):
        raise CaseError(f"not a quoted part of a message: {text}")
    return text.strip('"')


def apply(case: Case, text: str) -> None:
    """Read one directive into the case."""
    head, _, tail = text.partition("\n")
    match = _RETURNS.match(head)
    if match:
        case.values[match["subject"]] = read_json(match["rest"] + tail)
        return
    match = _DIRECTIVE.match(head)
    if not match or match["name"] not in _READERS:
        raise CaseError(f"unknown directive {head!r} (a comment starts with ##)")
    _READERS[match["name"]](case, match["subject"], (match["rest"] or "") + ("\n" + tail if tail else ""))


def read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise CaseError(f"not JSON: {text} ({problem})") from None


def read_label(text: str) -> Labels:
    match = _LABEL.match(text.strip())
    if not match:
        raise CaseError(f"not a label: {text} (sources={{a}} readers={{b}} or everyone)")
    return Labels(names(match["sources"]), None if match["everyone"] else names(match["readers"]))


def names(text: str) -> tuple[str, ...]:
    return tuple(sorted(name.strip() for name in text.split(",") if name.strip()))


def one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text.strip() not in allowed:
        raise CaseError(f"{text!r} is none of {', '.join(allowed)}")
    return text.strip()


def _given(case: Case, subject: str | None, rest: str) -> None:
    name, equals, value = rest.partition(" = ")
    made = read_json(value)
    if not equals or not isinstance(made, dict) or "value" not in made or made.keys() - {"value", "sources", "readers"}:
        raise CaseError('write NAME = {"value": …, "sources": […], "readers": […]}')
    case.given[name.strip()] = made


def _vary(case: Case, subject: str | None, rest: str) -> None:
    name, equals, value = rest.partition(" = ")
    if not equals or name.strip() not in case.given:
        raise CaseError("write NAME = JSON, after the `given` of that name")
    case.vary.append((name.strip(), read_json(value)))


def _limit(case: Case, subject: str | None, rest: str) -> None:
    for part in rest.split(","):
        name, equals, number = part.partition("=")
        if not equals or not number.strip().isdecimal():
            raise CaseError("write NAME=NUMBER")
        case.limits[name.strip()] = int(number)


def _quarantine(case: Case, subject: str | None, rest: str) -> None:
    replies = read_json(rest)
    if not isinstance(replies, list):
        raise CaseError("the answers are a list")
    case.quarantine = replies


def _label(case: Case, subject: str | None, rest: str) -> None:
    if subject is None or not all(name.isidentifier() for name in names(subject)):
        raise CaseError("write `# label NAME, …: …`")
    case.labels.update(dict.fromkeys(names(subject), read_label(rest)))


def _answer(case: Case, subject: str | None, rest: str) -> None:
    if subject == "label":
        case.answer_label = read_label(rest)
    elif subject is None:
        case.answer.append(read_json(rest))
    else:
        raise CaseError("write `# answer: …` or `# answer label: …`")


def _calls(case: Case, subject: str | None, rest: str) -> None:
    case.calls = [] if rest.strip() == "none" else [name.strip() for name in rest.split(",")]


def _call(case: Case, subject: str | None, rest: str) -> None:
    if subject is None or not subject.isdecimal():
        raise CaseError("write `# call NUMBER: …`")
    case.arguments[int(subject)] = read_json(rest)


def _decision(case: Case, subject: str | None, rest: str) -> None:
    verdict, by, rule = rest.partition(" by ")
    case.decision = one_of(verdict, ("allow", "ask", "deny")), rule.strip() if by else None


def _reject(case: Case, subject: str | None, rest: str) -> None:
    code, _, part = rest.partition(" ")
    case.rejects.append(Problem(code, quoted(part.strip()), None))


def _error(case: Case, subject: str | None, rest: str) -> None:
    code, _, kind = rest.partition(" ")
    if case.fails is not None:
        raise CaseError("a run ends once")
    case.fails = Failure(code, kind.strip(), None)


def _setter(attribute: str, read: Callable[[str], Any]) -> Callable[[Case, str | None, str], None]:
    def put(case: Case, subject: str | None, rest: str) -> None:
        if not rest.strip():
            raise CaseError("the directive is empty")
        setattr(case, attribute, read(rest))

    return put


def _differs(text: str) -> str:
    word, _, reason = text.partition(" ")
    if word != "differs" or not reason.strip():
        raise CaseError("write `# python: differs REASON`")
    return reason.strip()


_READERS: dict[str, Callable[[Case, str | None, str], None]] = {
    "given": _given,
    "vary": _vary,
    "limit": _limit,
    "quarantine": _quarantine,
    "label": _label,
    "answer": _answer,
    "calls": _calls,
    "call": _call,
    "decision": _decision,
    "reject": _reject,
    "error": _error,
    "tools": _setter("tools", lambda text: [name.strip() for name in text.split(",")]),
    "policy": _setter("policy", str.strip),
    "mode": _setter("mode", lambda text: one_of(text, MODES)),
    "dialect": _setter("dialect", str.strip),
    "approve": _setter("approve", lambda text: one_of(text, ("all", "none"))),
    "outcome": _setter("outcome", lambda text: one_of(text, OUTCOMES)),
    "python": _setter("differs", _differs),
}


# Comparing


def compare(case: Case, report: Report) -> list[str]:
    """Everything in which the report is not what the case expects."""
    return [
        *compare_diagnostics(case, report),
        *compare_end(case, report),
        *compare_values(case, report),
        *compare_calls(case, report),
    ]


def compare_diagnostics(case: Case, report: Report) -> Iterator[str]:
    left = list(report.diagnostics)
    for expected in case.rejects:
        found = [
            (code, message, line)
            for code, message, line in left
            if code == expected.code and expected.part in message and expected.line in (None, line)
        ]
        if found:
            left.remove(found[0])
        else:
            yield f"expected {expected.code} {expected.part!r} on line {expected.line}"
    yield from (f"unexpected diagnostic {code} on line {line}: {message}" for code, message, line in left)


def compare_end(case: Case, report: Report) -> Iterator[str]:
    if case.outcome is not None:
        wanted: tuple[str, ...] = (case.outcome,)
    elif case.rejects:
        wanted = ("rejected",)
    else:
        wanted = ("completed",) if case.fails is None else ("failed", "denied", "waiting", "limit", "refused")
    if report.outcome not in wanted:
        yield f"outcome {report.outcome}, expected {' or '.join(wanted)} ({report.error})"
    if case.fails is not None:
        if report.error is None:
            yield f"expected to end with {case.fails.code}"
            return
        code, kinds, line = report.error
        if code != case.fails.code or (case.fails.kind and case.fails.kind not in kinds):
            yield f"ended with {code} {kinds}, expected {case.fails.code} {case.fails.kind}"
        if case.fails.line is not None and case.fails.line != line:
            yield f"ended on line {line}, expected {case.fails.line}"
    elif report.error is not None and case.outcome in (None, "completed"):
        yield f"unexpected error {report.error}"


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def compare_values(case: Case, report: Report) -> Iterator[str]:
    for name, value in case.values.items():
        if name not in report.variables:
            yield f"there is no variable {name}"
        elif canonical(report.variables[name][0]) != canonical(value):
            yield f"{name} is {canonical(report.variables[name][0])}, expected {canonical(value)}"
    for name, label in case.labels.items():
        if name not in report.variables:
            yield f"there is no variable {name}"
        elif report.variables[name][1] != label:
            yield f"{name} has {report.variables[name][1]}, expected {label}"
    for value in case.answer:
        if report.answer is None or canonical(report.answer[0]) != canonical(value):
            yield f"the answer is {report.answer and canonical(report.answer[0])}, expected {canonical(value)}"
    if case.answer_label is not None and (report.answer is None or report.answer[1] != case.answer_label):
        yield f"the answer has {report.answer and report.answer[1]}, expected {case.answer_label}"


def compare_calls(case: Case, report: Report) -> Iterator[str]:
    made = [name for name, _ in report.calls]
    if case.calls is not None and made != case.calls:
        yield f"calls {', '.join(made) or 'none'}, expected {', '.join(case.calls) or 'none'}"
    for number, arguments in case.arguments.items():
        if number >= len(report.calls):
            yield f"there is no call {number}"
        elif canonical(report.calls[number][1]) != canonical(arguments):
            yield f"call {number} has {canonical(report.calls[number][1])}, expected {canonical(arguments)}"
    if case.decision is not None:
        verdict, rule = case.decision
        if not report.decisions:
            yield "nothing was decided"
            return
        found, rules = report.decisions[-1]
        if found != verdict or (rule is not None and rule not in rules):
            yield f"decided {found} by {', '.join(rules)}, expected {verdict} by {rule}"


def compare_public(one: Report, other: Report) -> list[str]:
    """In which of the things that everyone may see two runs differ that were given other secrets."""
    public = [
        [
            ("outcome", report.outcome),
            ("error", report.error),
            ("diagnostics", report.diagnostics),
            ("calls", public_calls(report)),
            ("denials", [decision for decision in report.decisions if decision[0] != "allow"]),
            ("answer", shown(report.answer)),
            ("variables", public_variables(report, another)),
        ]
        for report, another in ((one, other), (other, one))
    ]
    return [
        f"{name}: {canonical(left)} and {canonical(right)}"
        for (name, left), (_, right) in zip(*public, strict=True)
        if canonical(left) != canonical(right)
    ]


def public_calls(report: Report) -> list[Any]:
    """The calls that everyone may know of, with the arguments that everyone may read."""
    count = len(report.calls)
    hidden, private = report.hidden or [()] * count, report.private or [False] * count
    return [
        [name, {key: "(hidden)" if key in secret else value for key, value in arguments.items()}]
        for (name, arguments), secret, unknown in zip(report.calls, hidden, private, strict=True)
        if not unknown
    ]


def public_variables(report: Report, other: Report) -> dict[str, Any]:
    """What everyone sees of the variables. A name that is there in one run only must be hidden where it is there."""
    return {
        name: shown(value)
        for name, value in sorted(report.variables.items())
        if name in other.variables or value[1].readers is None
    }


def shown(value: tuple[Any, Labels] | None) -> Any:
    """What everyone sees of a value: its label, and itself if everyone may read it."""
    if value is None:
        return None
    content, label = value
    return [content if label.readers is None else "(hidden)", list(label.sources), label.readers]
