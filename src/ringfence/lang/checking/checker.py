"""The walk of the checker: names, attributes, calls; the rules of each construct are in a table.

Its one rule: it knows nothing but the plan, the signatures it is given and the language's own tables.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ringfence.core.diagnostics import Diagnostic
from ringfence.lang import habits, ir
from ringfence.lang.analysis.callconstraints import VERBS
from ringfence.lang.checking.classes import imports, schema_class
from ringfence.lang.checking.facts import bindings, exceptions, known_fields, only_functions
from ringfence.lang.checking.shapes import Shape, shape_of, shape_of_native
from ringfence.lang.host import Bounds, Signature
from ringfence.lang.objects import Builtin, TypeValue
from ringfence.lang.raised import Raised
from ringfence.lang.running.calling import bind
from ringfence.lang.scope import Outline, children, target_names, used_up, walk
from ringfence.lang.values_of import literal
from ringfence.schema import SchemaMismatch, render, validate

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


class Checker:
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
        self.shapes: dict[str, Shape] = {}
        self.fields: frozenset[str] | None = None
        self.exceptions: frozenset[str] = frozenset()
        self.used_up: set[int] = set()
        self.lacking = False  # whether something was called that is not there: nobody knows what it would give
        self.absent: set[str] = set()  # names of modules that were refused: what is read of them is no second problem

    def problem(self, code: str, message: str, node: ir.Node, hint: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, node.span, hint))

    def whole(self) -> None:
        for node, name in bindings(self.outline):
            if name in VERBS:
                self.problem("E209", f"'{name}' is a verb of the language", node, "give the variable another name")
        self.scopes.append(frozenset(self.outline.names))
        self.everywhere = self.names.union(self.given, self.outline.names, self.signatures, VERBS) - {"observe"}
        self.functions = only_functions(self.outline)
        self.exceptions = exceptions(self.outline)
        self.fields = known_fields(self.outline, self.signatures) if not self.given else None
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
        from ringfence.lang.running.runtime import modules

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
        hint = f"did you mean `{close[0]}`?" if close else self._there()
        self.problem("E201", f"name '{name}' is not defined", node, hint)

    def _there(self) -> str:
        hint = "use a variable of the plan, a tool, or a built-in"
        return hint if self.signatures.keys() - VERBS else f"{hint}; there are no tools"

    def _is_nowhere(self, node: ir.Attribute) -> bool:
        """Whether no value that the plan can have has an attribute of this name."""
        known = self.fields
        return known is not None and not self.lacking and node.name not in known and _root(node) not in self.absent

    def attribute(self, node: ir.Attribute) -> None:
        self.node(node.value)
        if node.name.startswith("_") and node.name not in ("_asdict", "_replace", "_fields", "_make"):
            self.problem("E202", "attributes that begin with an underscore cannot be read", node, "read a public field")
        elif node.name in ("now", "today", "utcnow") and _names_a_type(node.value):
            hint = "the planner knows today's date: write it as a literal, such as date(2026, 11, 21)"
            self.problem("E202", "the language has no clock", node, hint)
        elif self.fields is not None and self._is_nowhere(node):
            close = difflib.get_close_matches(node.name, self.fields, 1)
            hint = f"did you mean `.{close[0]}`?" if close else "docs/language.md lists the methods of each type"
            if node.name in habits.METHODS:
                hint = f"for x.{node.name} write {habits.METHODS[node.name]}"
            self.problem("E202", f"no value in this plan has a field or method '{node.name}'", node, hint)

    # Calls

    def call(self, node: ir.Call) -> None:
        problems = len(self.problems)
        self.node(node.func)
        self.lacking = self.lacking or (isinstance(node.func, ir.Name) and len(self.problems) > problems)
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
            shape = self.shapes[function.name] = shape_of(function)
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
            from ringfence.lang.running.runtime import NAMES

            found = NAMES[name]
            native = (
                found.native if isinstance(found, Builtin) else found.make if isinstance(found, TypeValue) else None
            )
            shape = None if native is None else shape_of_native(native)
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


# The rules of the nodes that have one, each for its class; of others their parts are looked at.
_RULES: Final[dict[type[ir.Node], Callable[[Checker, ir.Node], None]]] = {
    ir.Name: Checker.name,  # type: ignore[dict-item]
    ir.FunctionDef: Checker.function,  # type: ignore[dict-item]
    ir.Lambda: Checker.lambda_,  # type: ignore[dict-item]
    ir.Comprehension: Checker.comprehension,  # type: ignore[dict-item]
    ir.ExprStatement: Checker.statement,  # type: ignore[dict-item]
    ir.Call: Checker.call,  # type: ignore[dict-item]
    ir.Import: imports,  # type: ignore[dict-item]
    ir.ClassDef: schema_class,  # type: ignore[dict-item]
    ir.AnnAssign: Checker.annotated,  # type: ignore[dict-item]
    ir.Delete: Checker.delete,  # type: ignore[dict-item]
    ir.Attribute: Checker.attribute,  # type: ignore[dict-item]
}


def _root(node: ir.Node) -> str | None:
    """The name that a chain of attributes and calls begins with."""
    while isinstance(node, (ir.Attribute, ir.Call)):
        node = node.value if isinstance(node, ir.Attribute) else node.func
    return node.id if isinstance(node, ir.Name) else None


def _names_a_type(node: ir.Expr) -> bool:
    """`datetime`, `date`, `datetime.datetime`, `dt.date`: where a clock would be asked."""
    name = node.id if isinstance(node, ir.Name) else node.name if isinstance(node, ir.Attribute) else ""
    return name in ("datetime", "date", "dt", "_datetime", "_date")


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
