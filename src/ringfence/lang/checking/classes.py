"""Imports and classes: modules of the language, and classes that are schemas.

Its one rule: a class declares; whatever in it would compute is a diagnostic.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import PlanRejected
from ringfence.lang import habits, ir
from ringfence.lang.analysis.callconstraints import VERBS
from ringfence.lang.checking.facts import last_name
from ringfence.lang.parse import parse_expression
from ringfence.lang.scope import walk

if TYPE_CHECKING:
    from ringfence.lang.checking.checker import Checker

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


def imports(c: Checker, node: ir.Import) -> None:
    from ringfence.lang.running.runtime import modules

    known = modules()
    for item in node.names:
        module = node.module if node.module is not None else item.name
        if module == "__future__":
            continue
        if module not in known and not (node.module is None and module.split(".")[0] in known and module in known):
            close = difflib.get_close_matches(module, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"modules: {', '.join(sorted(known))}"
            hint = habits.MODULES.get(module.split(".")[0], hint)
            c.problem("E206", f"module '{module}' is not in the language", item, hint)
            c.absent.add(item.alias or item.name.split(".")[0])
        elif node.module is not None and item.name not in known[module].members:
            close = difflib.get_close_matches(item.name, known[module].members, 1)
            hint = f"did you mean `{close[0]}`?" if close else "docs/language.md lists the modules"
            c.problem("E206", f"module '{module}' has no '{item.name}' in the language", item, hint)


def schema_class(c: Checker, node: ir.ClassDef) -> None:
    if node.name in c.exceptions:
        _exception_class(c, node)
        return
    options = node.decorator.keywords if isinstance(node.decorator, ir.Call) else ()
    _class_parts(c, node)
    for option in options:
        if option.name not in ("frozen", "order", "slots", "eq", "repr", "init", "kw_only"):
            c.problem("E208", f"dataclass has no option '{option.name}' in the language", option, "leave it out")
    if not node.bases and node.decorator is None:
        hint = "write class X(BaseModel): or put @dataclass above it"
        c.problem("E208", f"class {node.name} is not a schema", node, hint)
    for base in node.bases:
        c.node(base)
    if node.decorator is not None:
        c.node(node.decorator)
    for part in node.fields:
        if part.annotation is not None:
            _annotation(c, part.annotation)
        if part.default is not None:
            c.node(part.default)
            _default(c, part.default)


def _exception_class(c: Checker, node: ir.ClassDef) -> None:
    """A class that derives from an exception: a name of its own for what goes wrong, and nothing else."""
    hint = "write `class NotFound(Exception): pass` and raise it with its arguments; they are in `error.args`"
    if len(node.bases) > 1 or node.keywords or node.decorator is not None or node.fields:
        c.problem("E208", f"the exception {node.name} has more than one base, or a body", node, hint)
    c.each(node.bases)


def _annotation(c: Checker, node: ir.Expr) -> None:
    """The type of a field: names, subscripts and literals, and what describes a field; it calls nothing else."""
    parts: ir.Node = node
    if isinstance(node, ir.Constant) and isinstance(node.value, str):
        try:
            parts = parse_expression(node.value)
        except PlanRejected:
            return  # text that is no type means any value
    for part in walk((parts,)):
        called = part.func if isinstance(part, ir.Call) else part
        name = last_name(called) if isinstance(called, (ir.Name, ir.Attribute)) else ""
        if (
            not isinstance(part, _TYPE_PARTS)
            or (isinstance(part, ir.Call) and name not in _DESCRIBES)
            or (isinstance(part, ir.Name) and name in (VERBS | c.signatures.keys()) and not c.known(name))
        ):
            hint = "write a type, such as str, list[int], Literal['a', 'b'], or a class of the plan"
            c.problem("E208", "the annotation of a field is not a type", node, hint)
            return


def _class_parts(c: Checker, node: ir.ClassDef) -> None:
    """What a class derives from, its options and its decorator are among those that have a meaning here."""
    renamed = {item.alias: item.name for item in c.outline.of(ir.ImportName) if item.alias is not None}
    own = {part.name for part in c.outline.of(ir.ClassDef)}
    for base in node.bases:
        name = last_name(base)
        if renamed.get(name, name) not in _BASES | own:
            c.problem("E208", f"class {node.name} is not a schema", base, f"derive from {', '.join(_SHOWN)}")
    for keyword in node.keywords if node.bases else ():
        if keyword.name not in _CLASS_OPTIONS:
            c.problem("E208", f"a class has no option '{keyword.name}' in the language", keyword, "leave it out")
    if node.decorator is not None:
        target = node.decorator.func if isinstance(node.decorator, ir.Call) else node.decorator
        name = last_name(target)
        if renamed.get(name, name) != "dataclass":
            c.problem("E208", "a class can have the decorator @dataclass only", node.decorator, "leave it out")


def _default(c: Checker, node: ir.Expr) -> None:
    """A default is a value written out: of calls, only those that make one."""
    for part in walk((node,)):
        if isinstance(part, ir.Call):
            name = part.func.id if isinstance(part.func, ir.Name) else getattr(part.func, "name", "")
            if name not in _MAKES:
                c.problem("E208", "a field's default is a value, not a computation", part, "write the value out")
