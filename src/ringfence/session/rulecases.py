"""Rule cases: calls as text with the verdict that the policy must give, for a team's own tests.

    # mode: strict
    send_email(to="bob@x.example", body=private("b"))           -> deny by send_email.allow because trusted(to)
    under private: post(text="hello")                           -> ask
    ---

A line that starts with `# ` is a directive (`mode`, `user`, `dialect`, `set NAME`, `policy`) and holds from there on;
one that starts with `##` is a comment. `---` begins a new run: budgets count within one. Values are literals, and
`untrusted(x)`, `private(x)`, `secret(x)` (both), `verbatim(x)`, `labelled(x, sources=[...], readers=[...])`.

Its one rule: strict both ways. An unknown directive, tool or parameter, a case without an expectation, a file without
cases, and any difference in verdict, code, rules or reasons that are named is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias, cast, final

from ringfence.config import Config, parse
from ringfence.core.encoding import EncodingError, loads
from ringfence.core.errors import ConfigError, PlanRejected
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Origin, Value, deep, unsafe_plain, wrap
from ringfence.guard.budgets import MemoryLedger, Spending
from ringfence.guard.decision import Decision
from ringfence.guard.labelling import principal
from ringfence.guard.policy import Policy
from ringfence.guard.ruleset import MODES, VERBS, Mode
from ringfence.guard.sets import TrustedSet
from ringfence.guard.tools import Tool
from ringfence.guard.views import ArgumentView, view_of
from ringfence.lang import ir
from ringfence.lang.dialects import DIALECTS
from ringfence.lang.host import Bounds
from ringfence.lang.parse import parse_expression
from ringfence.lang.values_of import literal

MAX_FILE: Final = 4 << 20
OTHERS: Final = "tool:others"
_PLACES: Final = ("untrusted", "private", "secret")
_CASE: Final = re.compile(r"(?:under (?P<place>[a-z]+): )?(?P<call>.+?)\s+->\s+(?P<rest>.+)$")
_EXPECTED: Final = re.compile(
    r"(?P<verdict>allow|ask|deny)(?: (?P<code>P\d{3}))?(?: by (?P<rules>.+?))?(?: because (?P<reasons>.+))?$"
)
_DIRECTIVE: Final = re.compile(r"# (?P<name>mode|user|dialect|policy|set (?P<set>\w+)):\s*(?P<rest>.*)$", re.DOTALL)
_Labels: TypeAlias = "Mapping[str, Label]"


@final
@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects; None: anything."""

    verdict: str
    code: str | None = None
    rules: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None


@final
@dataclass(frozen=True, slots=True)
class RuleCase:
    """One call. `run` counts the runs of the file."""

    file: str
    line: int
    text: str
    run: int
    call: ir.Call
    place: str | None
    expected: Expected
    setting: Setting


@final
@dataclass(frozen=True, slots=True)
class Setting:
    """What the directives say, as far as they do."""

    mode: Mode | None = None
    user: str | None = None
    dialect: str | None = None
    policy: str | None = None
    sets: Mapping[str, tuple[Plain, ...]] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """A case and what the policy said. `problem` is None if it is what was expected."""

    case: RuleCase
    decision: Decision
    problem: str | None


# Reading


def read_file(path: Path) -> list[RuleCase]:
    """The cases of a file. Raises ConfigError (C506, C525)."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path} cannot be read ({type(problem).__name__})", code="C506") from None
    if len(data) > MAX_FILE:
        raise ConfigError(f"{path} is larger than {MAX_FILE >> 20} MiB", code="C506")
    return read_text(text, str(path))


def read_text(text: str, file: str) -> list[RuleCase]:
    """The cases of a text. Raises ConfigError (C525)."""
    setting, run, cases = Setting(), 0, list[RuleCase]()
    for line, found in _logical(text):
        if found.startswith("##") or not found.strip():
            continue
        if found.strip() == "---":
            run += 1
        elif found.startswith("#"):
            setting = _directed(setting, found, file, line)
        else:
            cases.append(_case(found, file, line, run, setting))
    if not cases:
        raise _bad(file, 1, "there is no case in the file")
    return cases


def _bad(file: str, line: int, message: str, hint: str | None = None) -> ConfigError:
    return ConfigError(f"{file}:{line}: {message}", code="C525", hint=hint)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines; a directive with its indented continuation, and a case with the lines that are indented below it."""
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if begun is not None and line.startswith("#   ") and begun[1].startswith("# "):
            begun = (begun[0], f"{begun[1]}\n{line[4:]}")
        elif begun is not None and line[:1] in (" ", "\t") and line.strip() and not begun[1].startswith("#"):
            begun = (begun[0], f"{begun[1]} {line.strip()}")
        else:
            if begun is not None:
                yield begun
            begun = (number, line)
    if begun is not None:
        yield begun


def _directed(setting: Setting, text: str, file: str, line: int) -> Setting:
    found = _DIRECTIVE.match(text)
    if found is None:
        raise _bad(
            file, line, "an unknown directive", "mode, user, dialect, set NAME, policy; a comment starts with ##"
        )
    rest = found["rest"].strip()
    if found["set"] is not None:
        try:
            members = loads(rest)
        except EncodingError:
            members = None
        if not isinstance(members, list) or not all(isinstance(one, (str, int, float, bool)) for one in members):
            raise _bad(file, line, "the members of a set are a JSON list of texts or numbers")
        return replace(setting, sets={**setting.sets, found["set"]: tuple(members)})
    match found["name"]:
        case "mode" if rest in ("enforce", "strict", "observe"):
            return replace(setting, mode=cast(Mode, rest))
        case "user" if rest:
            return replace(setting, user=rest)
        case "dialect" if rest in DIALECTS:
            return replace(setting, dialect=rest)
        case "policy":
            return replace(setting, policy=rest)
    raise _bad(file, line, f"{found['name']} has a value that does not exist", f"{', '.join((*MODES, *DIALECTS))}")


def _case(text: str, file: str, line: int, run: int, setting: Setting) -> RuleCase:
    found = _CASE.match(text)
    wanted = None if found is None else _EXPECTED.match(found["rest"].strip())
    if found is None or wanted is None:
        raise _bad(
            file, line, "no case", "TOOL(PARAMETER=VALUE, ...) -> allow|ask|deny [CODE] [by RULE + RULE] [because X(Y)]"
        )
    if found["place"] not in (None, *_PLACES):
        raise _bad(file, line, "an unknown place", f"under {', '.join(_PLACES)}")
    try:
        call = parse_expression(found["call"])
    except PlanRejected as rejected:
        raise _bad(file, line, f"the call cannot be read: {rejected.diagnostics[0].message}") from None
    if not isinstance(call, ir.Call) or not isinstance(call.func, ir.Name) or call.args:
        raise _bad(file, line, "a case is the call of a tool with named arguments", 'send(to="x", body=private("y"))')
    rules, reasons = wanted["rules"], wanted["reasons"]
    expected = Expected(
        wanted["verdict"],
        wanted["code"],
        None if rules is None else tuple(one.strip() for one in rules.split(" + ")),
        None if reasons is None else tuple(one.strip() for one in reasons.split(",")),
    )
    return RuleCase(file, line, text, run, call, found["place"], expected, setting)


# Deciding


def check_cases(cases: list[RuleCase], tools: list[Tool], config: Config) -> list[Checked]:
    """What the policy says of each case. Raises ConfigError (C525, and what is wrong with the policy)."""
    policies: dict[int, Policy] = {}
    ledgers: dict[int, MemoryLedger] = {}
    made = []
    for number, case in enumerate(cases):
        key = id(case.setting)
        if key not in policies:
            policies[key] = _policy(case.setting, tools, config)
        ledger = ledgers.setdefault(case.run, MemoryLedger())
        decision = _decided(case, policies[key], ledger, number, _user(case.setting, config))
        made.append(Checked(case, decision, _difference(case.expected, decision)))
    return made


def _user(setting: Setting, config: Config) -> str:
    name = config.user if setting.user is None else setting.user
    return principal(name)


def _policy(setting: Setting, tools: list[Tool], config: Config) -> Policy:
    written = config if setting.policy is None else parse(setting.policy.encode(), Path("policy"))
    chosen = written.mode if setting.mode is None else setting.mode
    policy = Policy.load(
        tools,
        mode=chosen,
        trusted=written.trusted,
        sections=written.sections,
        user=written.user if setting.user is None else setting.user,
        dialect=written.dialect if setting.dialect is None else setting.dialect,
    )
    return policy.for_run(_members(setting.sets))


def _members(sets: Mapping[str, tuple[Plain, ...]]) -> Callable[[TrustedSet], Value]:
    def load(wanted: TrustedSet) -> Value:
        if wanted.name not in sets:
            raise LookupError
        found = list(sets[wanted.name])
        return [{wanted.part: one} for one in found] if wanted.part is not None and "." not in wanted.part else found

    return load


def _decided(case: RuleCase, policy: Policy, ledger: MemoryLedger, number: int, user: str) -> Decision:
    assert isinstance(case.call.func, ir.Name)
    name = case.call.func.id
    labels: _Labels = {
        "untrusted": Label({OTHERS}),
        "private": Label({"user"}, {user}),
        "secret": Label({OTHERS}, {user}),
    }
    tool = policy.tools.get(name)
    if tool is None and name not in VERBS:
        raise _bad(case.file, case.line, f"no tool has the name {name}", f"there are {', '.join(policy.tools)}")
    known = VERBS[name] if tool is None else tuple(param.name for param in tool.signature.params)
    views: dict[str, ArgumentView] = {}
    for keyword in case.call.keywords:
        if keyword.name not in known or keyword.name is None:
            raise _bad(case.file, case.line, f"{name} has no parameter {keyword.name}", f"there are {', '.join(known)}")
        views[keyword.name] = _view(keyword.value, case, labels)
    for param in () if tool is None else tool.signature.params:
        if param.required and param.kind not in ("args", "kwargs") and param.name not in views:
            raise _bad(case.file, case.line, f"{name} needs an argument for {param.name}")
    pc = TRUSTED_PUBLIC if case.place is None else labels[case.place]
    decision = policy.decide(name, views, Bounds(pc, pc))
    if tool is None or name not in policy.budgets:
        return decision
    spending, plain = Spending(policy.budgets, ledger, f"run {case.run}"), dict(tool.defaults)
    plain |= {key: unsafe_plain(view.known[0]) for key, view in views.items() if view.known is not None}
    decision = spending.weigh(decision, number, plain, "2000-01-01")
    if decision.verdict == "allow":
        spending.settle(decision, number, plain, "2000-01-01")
    return decision


def _view(node: ir.Expr, case: RuleCase, labels: _Labels) -> ArgumentView:
    if (found := literal(node)) is not None:
        return view_of(found[0], literal=True)
    return view_of(_value(node, case, labels))


def _value(node: ir.Expr, case: RuleCase, labels: _Labels) -> Value:
    if (found := literal(node)) is not None:
        return found[0]
    if isinstance(node, ir.Sequence) and node.kind in ("list", "tuple"):
        items = [_value(item, case, labels) for item in node.items]
        return wrap(items if node.kind == "list" else tuple(items), TRUSTED_PUBLIC)
    if isinstance(node, ir.Call) and isinstance(node.func, ir.Name):
        made = _called(node.func.id, node, case, labels)
        if made is not None:
            return made
    raise _bad(
        case.file, case.line, "a value that is none", "literals, date(...), untrusted(x), private(x), secret(x), ..."
    )


def _called(name: str, node: ir.Call, case: RuleCase, labels: _Labels) -> Value | None:
    if name in ("date", "datetime"):
        numbers = [literal(one) for one in node.args]
        parts = [one[0] for one in numbers if one is not None and isinstance(one[0], int)]
        try:
            return date(*parts) if name == "date" else datetime(*parts)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
    if len(node.args) != 1:
        return None
    inner = _value(node.args[0], case, labels)
    if name in labels:
        return _under(inner, labels[name])
    if name == "verbatim":
        return wrap(unsafe_plain(inner), deep(inner), Origin(0))
    if name == "labelled":
        return _under(inner, _label(node, case))
    return None


def _under(value: Value, label: Label) -> Value:
    return wrap(unsafe_plain(value), deep(value).join(label))


def _label(node: ir.Call, case: RuleCase) -> Label:
    given = {keyword.name: literal(keyword.value) for keyword in node.keywords}
    sources, readers = given.pop("sources", ([],)), given.pop("readers", ("everyone",))
    if given or sources is None or readers is None:
        raise _bad(case.file, case.line, "labelled() takes sources=[...] and readers=[...]")
    names, who = sources[0], readers[0]
    if not isinstance(names, list) or not (who == "everyone" or isinstance(who, list)):
        raise _bad(case.file, case.line, 'labelled() takes sources=[...] and readers=[...] or "everyone"')
    try:
        made = frozenset(principal(name) for name in names)
        return Label(made, EVERYONE if not isinstance(who, list) else {principal(name) for name in who})
    except TypeError:
        raise _bad(case.file, case.line, "sources and readers are names") from None


def _difference(expected: Expected, decision: Decision) -> str | None:
    """In what the decision is not what was expected."""
    if decision.verdict != expected.verdict:
        return f"expected {expected.verdict}, and it is {decision.verdict}"
    if expected.code is not None and decision.code != expected.code:
        return f"expected {expected.code}, and it is {decision.code}"
    if expected.rules is not None and decision.rules != expected.rules:
        return f"expected the rules {' + '.join(expected.rules)}, and it is {' + '.join(decision.rules)}"
    found = tuple(dict.fromkeys(reason.short for reason in decision.reasons))
    if expected.reasons is not None and set(found) != set(expected.reasons):
        return f"expected because {', '.join(expected.reasons)}, and it is because {', '.join(found)}"
    return None
