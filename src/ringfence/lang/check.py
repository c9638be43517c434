"""Check a whole plan before anything runs: names, calls, types of literals, dialect.

Its one rule: all problems are reported at once, each with a code, a place and what to write instead. The
checker knows nothing but the plan, the signatures it is given and the language's own tables.
"""

from __future__ import annotations

import difflib
import inspect
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, final

from ringfence.core.diagnostics import Diagnostic
from ringfence.core.errors import PlanRejected
from ringfence.core.values import Value
from ringfence.lang import habits, ir
from ringfence.lang.calling import bind
from ringfence.lang.depth import deep_stack, preparing
from ringfence.lang.dialects import dialect_problems
from ringfence.lang.effects import Effects
from ringfence.lang.host import Bounds, Signature
from ringfence.lang.objects import Builtin, TypeValue
from ringfence.lang.parse import parse_expression
from ringfence.lang.raised import ALIASES, EXCEPTIONS, Raised
from ringfence.lang.scope import BINDERS, Outline, binds, children, target_names, used_up, walk
from ringfence.lang.values_of import literal
from ringfence.schema import SchemaMismatch, render, validate

VERBS: Final = frozenset({"quarantine", "quarantine_each"})
_REACHES_OUT: Final = {
    "open": "files are read and written by tools",
    "eval": "write the expression in the plan",
    "exec": "write the statements in the plan",
    "compile": "write the statements in the plan",
    "getattr": "write value.name",
    "setattr": "write value.name = ...",
    "hasattr": "the fields of a value are known from its type",
    "input": "ask the user with answer(...)",
    "globals": "use variables",
    "locals": "use variables",
    "vars": "use asdict(value)",
    "dir": "the fields of a value are known from its type",
    "id": "compare with `is`",
    "hash": "use the value itself as a key",
    "help": "the language has no help()",
    "memoryview": "use text",
    "super": "classes are schemas",
    "property": "classes are schemas",
    "__import__": "write an import statement",
}


@final
@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A plan without known problems, and what it was checked against. Only `check` makes one."""

    plan: ir.Plan
    signatures: Mapping[str, Signature]
    dialect: str
    given: Mapping[str, Bounds]
    names: frozenset[str]
    outline: Outline = field(compare=False, repr=False)
    _effects: list[Effects] = field(default_factory=list, compare=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    def effects(self) -> Effects:
        """What each piece of the plan may do: worked out when it is first asked for, for the forecast and the run."""
        with self._lock, deep_stack():
            if not self._effects:
                self._effects.append(Effects(self.outline, frozenset(self.signatures), frozenset(self.given)))
            return self._effects[0]


def check(
    plan: ir.Plan,
    signatures: Mapping[str, Signature],
    *,
    dialect: str = "code-then-execute",
    given: Mapping[str, Bounds] | None = None,
) -> CheckedPlan:
    """Check a plan. Raises PlanRejected with every problem; `given` are variables that exist before it starts."""
    from ringfence.lang.runtime import NAMES

    variables: Mapping[str, Bounds] = {} if given is None else given
    with preparing():
        outline = Outline(plan.body)
        checker = _Checker(plan, outline, signatures, frozenset(NAMES), variables)
        checker.whole()
        problems = [*checker.problems, *dialect_problems(plan, signatures, dialect)]
    if problems:
        raise PlanRejected(sorted(problems, key=lambda p: (p.span, p.code)), plan.text)
    return CheckedPlan(plan, dict(signatures), dialect, dict(variables), frozenset(NAMES), outline)


@final
@dataclass(frozen=True, slots=True)
class _Shape:
    """How something can be called. A call with that many arguments and no names fits: it is not looked at further."""

    signature: inspect.Signature
    least: float
    most: float

    def refuses(self, args: Sequence[object], keywords: Mapping[str, object]) -> str | None:
        """Why a call does not fit, as Python says it; None if it does."""
        if not keywords and self.least <= len(args) <= self.most:
            return None
        try:
            self.signature.bind(*args, **keywords)
        except TypeError as error:
            return str(error)
        return None


def _shape(signature: inspect.Signature) -> _Shape:
    params = list(signature.parameters.values())
    places = [p for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least: float = sum(p.default is p.empty for p in places)
    if any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in params):
        least = math.inf
    return _Shape(signature, least, math.inf if any(p.kind is p.VAR_POSITIONAL for p in params) else len(places))


_KINDS: Final = {
    "only": inspect.Parameter.POSITIONAL_ONLY,
    "positional": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "keyword": inspect.Parameter.KEYWORD_ONLY,
    "args": inspect.Parameter.VAR_POSITIONAL,
    "kwargs": inspect.Parameter.VAR_KEYWORD,
}


def _shape_of(function: ir.FunctionDef) -> _Shape:
    params = [
        inspect.Parameter(p.name, _KINDS[p.kind], default=inspect.Parameter.empty if p.default is None else None)
        for p in function.params
    ]
    return _shape(inspect.Signature(params))


@cache
def _shape_of_native(native: Callable[..., Value]) -> _Shape | None:
    """Of a built-in, with the run that it is given first; None for those of which Python does not know."""
    try:
        return _shape(inspect.signature(native))
    except ValueError:
        return None


class _Checker:
    def __init__(
        self,
        plan: ir.Plan,
        outline: Outline,
        signatures: Mapping[str, Signature],
        names: frozenset[str],
        given: Mapping[str, Bounds],
    ) -> None:
        self.plan = plan
        self.outline = outline
        self.bound = outline.bound
        self.signatures = signatures
        self.names = names
        self.problems: list[Diagnostic] = []
        self.given = given
        self.scopes: list[frozenset[str]] = [frozenset(given)]
        self.everywhere: frozenset[str] = frozenset()
        self.functions: dict[str, ir.FunctionDef] = {}
        self.shapes: dict[str, _Shape] = {}
        self.fields: frozenset[str] | None = None
        self.exceptions: frozenset[str] = frozenset()
        self.used_up: set[int] = set()
        self.absent: set[str] = set()  # names of modules that were refused: what is read of them is no second problem

    def problem(self, code: str, message: str, node: ir.Node, hint: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, node.span, hint))

    def whole(self) -> None:
        for node, name in _bindings(self.outline):
            if name in VERBS:
                self.problem("E209", f"'{name}' is a verb of the language", node, "give the variable another name")
        self.scopes.append(frozenset(self.outline.names))
        self.everywhere = self.names.union(self.given, self.outline.names, self.signatures, VERBS) - {"observe"}
        self.functions = _only_functions(self.outline)
        self.exceptions = _exceptions(self.outline)
        self.fields = _known_fields(self.outline, self.signatures) if not self.given else None
        self.each(self.plan.body)

    def each(self, nodes: Iterable[ir.Node]) -> None:
        for node in nodes:
            self.node(node)

    def known(self, name: str) -> bool:
        for scope in self.scopes:  # noqa: SIM110  (the checker asks for each name of the plan)
            if name in scope:
                return True
        return False

    def node(self, node: ir.Node) -> None:
        kind = type(node)
        rule = _RULES.get(kind)
        if rule is not None:
            rule(self, node)
        elif kind is not ir.Constant:
            for part in children(node):
                if type(part) is not ir.Name or part.id not in self.everywhere:
                    self.node(part)

    def function(self, node: ir.FunctionDef) -> None:
        self.parameters(node.params)
        self.inner({*(p.name for p in node.params), *self.bound(node.body)}, node.body)

    def lambda_(self, node: ir.Lambda) -> None:
        self.parameters(node.params)
        self.inner({*(p.name for p in node.params), *self.bound((node.body,))}, (node.body,))

    def statement(self, node: ir.ExprStatement) -> None:
        match node:
            case ir.ExprStatement(value=ir.Call(func=ir.Name(id="observe")) as call) if not self.known("observe"):
                self.observation(call)
            case _:
                self.node(node.value)

    def delete(self, node: ir.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ir.Attribute):
                self.problem("E102", "fields cannot be deleted", target, "assign None to the field")
        self.each(node.targets)

    def annotated(self, node: ir.AnnAssign) -> None:
        """The annotation of a variable means nothing to the engine."""
        self.node(node.target)
        if node.value is not None:
            self.node(node.value)

    def parameters(self, params: tuple[ir.Parameter, ...]) -> None:
        for param in params:
            if param.default is not None:
                self.node(param.default)

    def inner(self, names: set[str], body: tuple[ir.Node, ...]) -> None:
        self.scopes.append(frozenset(names))
        self.each(body)
        self.scopes.pop()

    def comprehension(self, node: ir.Comprehension) -> None:
        if node.kind == "generator" and self.outline.walrus and id(node) not in self.used_up:
            for part in walk((node.element, *node.clauses)):
                if isinstance(part, ir.Walrus):
                    hint = "use it up at once, in any(...), sum(...), list(...); or write a list comprehension"
                    self.problem("E102", "a generator that is kept cannot set a variable", part, hint)
        self.node(node.clauses[0].iterable)
        names: set[str] = set()
        self.scopes.append(frozenset())
        for index, clause in enumerate(node.clauses):
            if index:
                self.node(clause.iterable)
            if type(clause.target) is not ir.Name and any(
                isinstance(part, (ir.Attribute, ir.Subscript)) for part in _targets(clause.target)
            ):
                self.problem("E102", "a comprehension binds names only", clause.target, "bind a name, then use it")
            names.update(target_names(clause.target))
            self.scopes[-1] = frozenset(names)
            self.each(clause.conditions)
        self.node(node.element)
        if node.value is not None:
            self.node(node.value)
        self.scopes.pop()

    def name(self, node: ir.Name) -> None:
        name = node.id
        if name in self.everywhere:
            return
        if name == "observe" and not self.known(name):
            self.problem("E201", "'observe' stands as a statement of its own", node, "write observe(count=len(mails))")
            return
        if self.known(name):
            return
        if name in _REACHES_OUT:
            self.problem("E201", f"'{name}' is not in the language", node, _REACHES_OUT[name])
            return
        from ringfence.lang.runtime import modules

        if name in habits.NAMES:
            hint = f"for `{name}` write {habits.NAMES[name]}"
            self.problem("E201", f"name '{name}' is not defined", node, hint)
            return
        if name in modules():
            self.problem("E201", f"name '{name}' is not defined", node, f"add `import {name}` at the top")
            return
        for module in modules().values():
            if name in module.members:
                self.problem(
                    "E201", f"name '{name}' is not defined", node, f"add `from {module.name} import {name}` at the top"
                )
                return
        everything = {*self.signatures, *self.names, *VERBS}.union(*self.scopes)
        close = difflib.get_close_matches(name, everything, 1)
        hint = f"did you mean `{close[0]}`?" if close else "use a variable of the plan, a tool, or a built-in"
        self.problem("E201", f"name '{name}' is not defined", node, hint)

    def attribute(self, node: ir.Attribute) -> None:
        self.node(node.value)
        if node.name.startswith("_") and node.name not in ("_asdict", "_replace", "_fields", "_make"):
            self.problem("E202", "attributes that begin with an underscore cannot be read", node, "read a public field")
        elif node.name in ("now", "today", "utcnow") and _names_a_type(node.value):
            hint = "the planner knows today's date: write it as a literal, such as date(2026, 11, 21)"
            self.problem("E202", "the language has no clock", node, hint)
        elif self.fields is not None and node.name not in self.fields and _root(node) not in self.absent:
            close = difflib.get_close_matches(node.name, self.fields, 1)
            hint = f"did you mean `.{close[0]}`?" if close else "docs/language.md lists the methods of each type"
            if node.name in habits.METHODS:
                hint = f"for x.{node.name} write {habits.METHODS[node.name]}"
            self.problem("E202", f"no value in this plan has a field or method '{node.name}'", node, hint)

    # Calls

    def call(self, node: ir.Call) -> None:
        self.node(node.func)
        generator = used_up(node) if self.outline.walrus else None
        if generator is not None and not (isinstance(node.func, ir.Name) and self.known(node.func.id)):
            self.used_up.add(id(generator))
        for arg in node.args:
            self.node(arg)
        for keyword in node.keywords:
            self.node(keyword.value)
        if isinstance(node.func, ir.Name):
            if not self.known(node.func.id):
                self.named_call(node, node.func.id)
            elif node.func.id in self.functions and not any(node.func.id in scope for scope in self.scopes[2:]):
                self.own_call(node, self.functions[node.func.id])

    def observation(self, node: ir.Call) -> None:
        """`observe(name=value, ...)`: the names are told to the planner, so they stand in the plan's text."""
        loose = [keyword for keyword in node.keywords if keyword.name is None]
        for wrong in (*node.args, *loose):
            self.problem("E203", "observe() takes facts by name only", wrong, "write observe(count=len(mails))")
        if not node.args and not node.keywords:
            self.problem("E203", "observe() without a fact", node, "write observe(count=len(mails))")
        self.each((*node.args, *(keyword.value for keyword in node.keywords)))

    def own_call(self, node: ir.Call, function: ir.FunctionDef) -> None:
        if any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords):
            return
        shape = self.shapes.get(function.name)
        if shape is None:
            shape = self.shapes[function.name] = _shape_of(function)
        wrong = shape.refuses(node.args, {k.name: k for k in node.keywords if k.name is not None})
        if wrong is not None:
            self.problem("E203", f"{function.name}(): {wrong}", node, f"it is defined on line {function.span.line}")

    def named_call(self, node: ir.Call, name: str) -> None:
        if any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords):
            return
        keywords = {k.name: k.value for k in node.keywords if k.name is not None}
        if name in self.signatures:
            self.tool_call(node, self.signatures[name], keywords)
        elif name in ("quarantine", "quarantine_each"):
            self.quarantine(node, name, keywords)
        elif name in self.names:
            from ringfence.lang.runtime import NAMES

            found = NAMES[name]
            native = (
                found.native if isinstance(found, Builtin) else found.make if isinstance(found, TypeValue) else None
            )
            shape = None if native is None else _shape_of_native(native)
            wrong = None if shape is None else shape.refuses((None, *node.args), keywords)
            if wrong is not None:
                self.problem("E203", f"{name}(): {wrong}", node, "call it as in Python")

    def tool_call(self, node: ir.Call, signature: Signature, keywords: dict[str, ir.Expr]) -> None:
        try:
            arguments = bind(signature, node.args, keywords)
        except Raised as error:
            text = error.value.args[0]
            self.problem("E203", str(text), node, f"the tool is {_shown(signature)}")
            return
        types = {param.name: param for param in signature.params}
        for name, value in arguments.items():
            if types[name].kind in ("args", "kwargs") or not isinstance(value, ir.Node):
                continue
            known = literal(value)  # type: ignore[arg-type]  # arguments of a call are expressions
            if known is None:
                continue
            try:
                validate(types[name].type, known[0])
            except SchemaMismatch:
                wanted = render(types[name].type)
                self.problem("E204", f"{signature.name}() takes {wanted} for '{name}'", value, f"pass {wanted}")

    def quarantine(self, node: ir.Call, name: str, keywords: dict[str, ir.Expr]) -> None:
        allowed = {"instruction", "data", "returns"} if name == "quarantine" else {"instruction", "items", "returns"}
        for keyword in node.keywords:
            if keyword.name not in allowed:
                close = difflib.get_close_matches(str(keyword.name), allowed, 1)
                hint = f"did you mean `{close[0]}`?" if close else "it takes an instruction, data and returns="
                self.problem("E203", f"{name}() has no argument '{keyword.name}'", keyword, hint)
        if not node.args and "instruction" not in keywords:
            self.problem(
                "E203", f"{name}() needs an instruction", node, f'write {name}("what to find", data, returns=str)'
            )
        returns = keywords.get("returns")
        if isinstance(returns, ir.Constant) and returns.value is not None and not isinstance(returns.value, str):
            self.problem("E208", "returns= takes a type", returns, "write str, int, a schema class, or a dict of types")

    # Imports and classes

    def imports(self, node: ir.Import) -> None:
        from ringfence.lang.runtime import modules

        known = modules()
        for item in node.names:
            module = node.module if node.module is not None else item.name
            if module == "__future__":
                continue
            if module not in known and not (node.module is None and module.split(".")[0] in known and module in known):
                close = difflib.get_close_matches(module, known, 1)
                hint = f"did you mean `{close[0]}`?" if close else f"modules: {', '.join(sorted(known))}"
                hint = habits.MODULES.get(module.split(".")[0], hint)
                self.problem("E206", f"module '{module}' is not in the language", item, hint)
                self.absent.add(item.alias or item.name.split(".")[0])
            elif node.module is not None and item.name not in known[module].members:
                close = difflib.get_close_matches(item.name, known[module].members, 1)
                hint = f"did you mean `{close[0]}`?" if close else "docs/language.md lists the modules"
                self.problem("E206", f"module '{module}' has no '{item.name}' in the language", item, hint)

    def schema_class(self, node: ir.ClassDef) -> None:
        if node.name in self.exceptions:
            self.exception_class(node)
            return
        options = node.decorator.keywords if isinstance(node.decorator, ir.Call) else ()
        self.class_parts(node)
        for option in options:
            if option.name not in ("frozen", "order", "slots", "eq", "repr", "init", "kw_only"):
                self.problem("E208", f"dataclass has no option '{option.name}' in the language", option, "leave it out")
        if not node.bases and node.decorator is None:
            hint = "write class X(BaseModel): or put @dataclass above it"
            self.problem("E208", f"class {node.name} is not a schema", node, hint)
        for base in node.bases:
            self.node(base)
        if node.decorator is not None:
            self.node(node.decorator)
        for part in node.fields:
            if part.annotation is not None:
                self.annotation(part.annotation)
            if part.default is not None:
                self.node(part.default)
                self.default(part.default)

    def exception_class(self, node: ir.ClassDef) -> None:
        """A class that derives from an exception: a name of its own for what goes wrong, and nothing else."""
        hint = "write `class NotFound(Exception): pass` and raise it with its arguments; they are in `error.args`"
        if len(node.bases) > 1 or node.keywords or node.decorator is not None or node.fields:
            self.problem("E208", f"the exception {node.name} has more than one base, or a body", node, hint)
        self.each(node.bases)

    def annotation(self, node: ir.Expr) -> None:
        """The type of a field: names, subscripts and literals, and what describes a field; it calls nothing else."""
        parts: ir.Node = node
        if isinstance(node, ir.Constant) and isinstance(node.value, str):
            try:
                parts = parse_expression(node.value)
            except PlanRejected:
                return  # text that is no type means any value
        for part in walk((parts,)):
            called = part.func if isinstance(part, ir.Call) else part
            name = _last_name(called) if isinstance(called, (ir.Name, ir.Attribute)) else ""
            if (
                not isinstance(part, _TYPE_PARTS)
                or (isinstance(part, ir.Call) and name not in _DESCRIBES)
                or (isinstance(part, ir.Name) and name in (VERBS | self.signatures.keys()) and not self.known(name))
            ):
                hint = "write a type, such as str, list[int], Literal['a', 'b'], or a class of the plan"
                self.problem("E208", "the annotation of a field is not a type", node, hint)
                return

    def class_parts(self, node: ir.ClassDef) -> None:
        """What a class derives from, its options and its decorator are among those that have a meaning here."""
        renamed = {item.alias: item.name for item in self.outline.of(ir.ImportName) if item.alias is not None}
        own = {part.name for part in self.outline.of(ir.ClassDef)}
        for base in node.bases:
            name = _last_name(base)
            if renamed.get(name, name) not in _BASES | own:
                self.problem("E208", f"class {node.name} is not a schema", base, f"derive from {', '.join(_SHOWN)}")
        for keyword in node.keywords if node.bases else ():
            if keyword.name not in _CLASS_OPTIONS:
                self.problem("E208", f"a class has no option '{keyword.name}' in the language", keyword, "leave it out")
        if node.decorator is not None:
            target = node.decorator.func if isinstance(node.decorator, ir.Call) else node.decorator
            name = _last_name(target)
            if renamed.get(name, name) != "dataclass":
                self.problem("E208", "a class can have the decorator @dataclass only", node.decorator, "leave it out")

    def default(self, node: ir.Expr) -> None:
        """A default is a value written out: of calls, only those that make one."""
        for part in walk((node,)):
            if isinstance(part, ir.Call):
                name = part.func.id if isinstance(part.func, ir.Name) else getattr(part.func, "name", "")
                if name not in _MAKES:
                    self.problem("E208", "a field's default is a value, not a computation", part, "write the value out")


# The rules of the nodes that have one, each for its class; of others their parts are looked at.
_RULES: Final[dict[type[ir.Node], Callable[[_Checker, ir.Node], None]]] = {
    ir.Name: _Checker.name,  # type: ignore[dict-item]
    ir.FunctionDef: _Checker.function,  # type: ignore[dict-item]
    ir.Lambda: _Checker.lambda_,  # type: ignore[dict-item]
    ir.Comprehension: _Checker.comprehension,  # type: ignore[dict-item]
    ir.ExprStatement: _Checker.statement,  # type: ignore[dict-item]
    ir.Call: _Checker.call,  # type: ignore[dict-item]
    ir.Import: _Checker.imports,  # type: ignore[dict-item]
    ir.ClassDef: _Checker.schema_class,  # type: ignore[dict-item]
    ir.AnnAssign: _Checker.annotated,  # type: ignore[dict-item]
    ir.Delete: _Checker.delete,  # type: ignore[dict-item]
    ir.Attribute: _Checker.attribute,  # type: ignore[dict-item]
}


_MAKES: Final = frozenset(
    "Field field auto list dict set tuple frozenset date datetime time timedelta Decimal ConfigDict".split()
)


# What the annotation of a field is made of, and the calls that describe a field in it.
_TYPE_PARTS: Final = (
    ir.Name,
    ir.Attribute,
    ir.Subscript,
    ir.Sequence,
    ir.Constant,
    ir.Binary,
    ir.Unary,
    ir.Call,
    ir.Keyword,
    ir.DictDisplay,
)
_DESCRIBES: Final = frozenset({"Field", "field"})
_SHOWN: Final = ("BaseModel", "TypedDict", "NamedTuple", "Enum")
_BASES: Final = frozenset({*_SHOWN, "IntEnum", "StrEnum", "Flag", "str", "int", "float", "object"})
_CLASS_OPTIONS: Final = frozenset({"total", "frozen", "extra", "strict"})


def _last_name(node: ir.Expr) -> str:
    """`BaseModel`, `pydantic.BaseModel`: the name that says what it is; empty for anything else."""
    if isinstance(node, ir.Attribute) and isinstance(node.value, (ir.Name, ir.Attribute)):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""


def _root(node: ir.Node) -> str | None:
    """The name that a chain of attributes and calls begins with."""
    while isinstance(node, (ir.Attribute, ir.Call)):
        node = node.value if isinstance(node, ir.Attribute) else node.func
    return node.id if isinstance(node, ir.Name) else None


def _names_a_type(node: ir.Expr) -> bool:
    """`datetime`, `date`, `datetime.datetime`, `dt.date`: where a clock would be asked."""
    name = node.id if isinstance(node, ir.Name) else node.name if isinstance(node, ir.Attribute) else ""
    return name in ("datetime", "date", "dt", "_datetime", "_date")


def _bindings(outline: Outline) -> Iterable[tuple[ir.Node, str]]:
    """Every place that binds a name, with the name."""
    for param in outline.of(ir.Parameter):
        yield param, param.name
    for clause in outline.of(ir.Clause):
        yield from ((clause.target, name) for name in target_names(clause.target))
    for node in outline.of_any(BINDERS):
        yield from ((node, name) for name in binds(node))


def _exceptions(outline: Outline) -> frozenset[str]:
    """The names of the classes that derive from an exception, built in or of the plan."""
    found = {*EXCEPTIONS, *ALIASES}
    classes = outline.of(ir.ClassDef)
    for node in classes:  # a base stands before what derives from it
        if any(_last_name(base) in found for base in node.bases):
            found.add(node.name)
    return frozenset(node.name for node in classes if node.name in found)


def _only_functions(outline: Outline) -> dict[str, ir.FunctionDef]:
    """The functions at the top of the plan whose name is bound once, and outside of any `try`."""
    found: dict[str, ir.FunctionDef] = {}
    counts: dict[str, int] = {}
    if outline.has(ir.Try):
        return found
    for statement in outline.body if outline.has(ir.FunctionDef) else ():
        for name in outline.bound((statement,)):
            counts[name] = counts.get(name, 0) + 1
        if isinstance(statement, ir.FunctionDef):
            found[statement.name] = statement
    return {name: node for name, node in found.items() if counts[name] == 1}


@cache
def _fields_of_the_language() -> frozenset[str]:
    """The fields and methods of what every plan can have."""
    from ringfence.lang.builtins.modules.records import FIELDS
    from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
    from ringfence.lang.runtime import NAMES, modules

    names: set[str] = {"args", "name", "value", "failed", "reason", "code", "model_validate", "parse_obj"}
    names |= {"_fields", "_make"}
    for table in (*METHODS.values(), *ATTRIBUTES.values(), *FIELDS.values()):
        names.update(table)
    for module in modules().values():
        names.update(module.members)
        for member in module.members.values():
            names.update(member.members if isinstance(member, TypeValue) else ())
    for value in NAMES.values():
        names.update(value.members if isinstance(value, TypeValue) else ())
    return frozenset(names)


def _known_fields(outline: Outline, signatures: Mapping[str, Signature]) -> frozenset[str] | None:
    """Every field and method that a value of this plan can have; None if that is not known."""
    from ringfence.schema import AnyType, DictType, ListType, RecordType, TupleType, Type, UnionType

    if outline.has(ir.Try):
        return None  # the plan may rely on catching the AttributeError
    names = set(_fields_of_the_language())
    names.update(node.name for node in outline.of(ir.ClassField))
    names.update(node.name for node in outline.of(ir.Keyword) if node.name is not None)
    for constant in outline.of(ir.Constant):  # namedtuple, dict schemas
        if isinstance(constant.value, str):
            names.update(constant.value.replace(",", " ").split())
    pending: list[Type] = [signature.returns for signature in signatures.values()]
    seen: set[int] = set()
    while pending:
        kind = pending.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        match kind:
            case AnyType():
                return None
            case RecordType():
                names.update(field.name for field in kind.fields)
                pending.extend(field.type for field in kind.fields)
            case ListType(item=item):
                pending.append(item)
            case DictType(key=key, value=value):
                pending += [key, value]
            case TupleType(items=items) | UnionType(options=items):
                pending += items
            case _:
                pass
    return frozenset(names)


def _targets(target: ir.Expr) -> Iterable[ir.Expr]:
    if isinstance(target, ir.Sequence):
        for part in target.items:
            yield from _targets(part)
    elif isinstance(target, ir.Starred):
        yield from _targets(target.value)
    else:
        yield target


def _shown(signature: Signature) -> str:
    marks = {"args": "*", "kwargs": "**"}
    parts = [
        f"{marks.get(param.kind, '')}{param.name}: {render(param.type)}" + ("" if param.required else " = ...")
        for param in signature.params
    ]
    return f"{signature.name}({', '.join(parts)})"
