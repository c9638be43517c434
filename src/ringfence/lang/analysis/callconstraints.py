"""The constraints of calls: of functions of the plan, of built-ins, of methods, and of what is not known.

Its one rule: as in `lang/analysis/constraints.py`: what is called and not known to be harmless changes, calls and keeps
all that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, final

from ringfence.lang import ir
from ringfence.lang.analysis.pointsto import NOTHING
from ringfence.lang.scope import Outline, binds, target_names

if TYPE_CHECKING:
    from ringfence.lang.analysis.constraints import Constraints

VERBS: Final = frozenset({"quarantine", "quarantine_each"})
SPEAKS: Final = frozenset({"answer", "print"})
MUTATORS: Final = frozenset(
    "append extend insert pop remove clear sort reverse update setdefault add discard popitem popleft appendleft "
    "extendleft rotate subtract intersection_update difference_update symmetric_difference_update "
    "move_to_end".split()
)
_SEVERAL: Final = MUTATORS - {"append", "appendleft", "add", "insert"}
_PICK: Final = frozenset({"get", "pop", "setdefault", "popleft", "popitem"})
TEXT: Final = frozenset(
    "lower upper strip lstrip rstrip title capitalize casefold swapcase startswith endswith replace join format "
    "zfill center ljust rjust count find rfind index rindex isdigit isalpha isalnum isspace isnumeric isupper islower "
    "strftime isoformat date time weekday isoweekday timestamp total_seconds encode decode removeprefix "
    "removesuffix expandtabs".split()
)
# Names of such methods that are functions of modules, too: where one of these is imported, they make objects.
_ALSO_FUNCTIONS: Final = {"count": "itertools", "replace": "dataclasses"}
SCALAR: Final = frozenset(
    "len str int float bool abs round ord chr repr format isinstance hash sum any all range divmod pow bin hex oct "
    "callable id type ascii issubclass Decimal date datetime time timedelta".split()
)
FRESH: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "deque", "Counter", "OrderedDict"})
STEPS: Final = frozenset({"enumerate", "zip", "map", "filter", "reversed", "iter"})
# Those of them that are imported.
_KNOWN: Final = {
    "collections": frozenset({"deque", "Counter", "OrderedDict"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta"}),
    "decimal": frozenset({"Decimal"}),
}
_CHOOSE: Final = frozenset({"min", "max", "next"})
FILLS: Final = frozenset({"defaultdict", "DefaultDict"})
_APPLIES: Final = frozenset({"map", "iter"})
# Methods and functions of modules that make objects in objects; `loads` makes them as deep as its text says.
NESTING: Final = frozenset("loads model_validate deepcopy copy model_dump dict asdict model_copy".split())
# Makers of iterators that give on what a function of the language gave them: something new, or a part of what it took.
GIVES: Final = frozenset({"starmap", "groupby", "accumulate"})
HIDES: Final = frozenset({"setitem", "delitem", "methodcaller", "attrgetter"})


@final
class Code:
    """A function, lambda or generator expression: something whose body runs when it is called or consumed."""

    def __init__(self, node: ir.Node, body: tuple[ir.Node, ...], params: tuple[ir.Parameter, ...]) -> None:
        self.node = node
        self.body = body
        self.params = params


def call(c: Constraints, node: ir.Call) -> int:
    args = [c.expr(arg) for arg in node.args]
    loose = [arg for arg, part in zip(args, node.args, strict=True) if type(part) is ir.Starred]
    named: dict[str, int] = {}
    for keyword in node.keywords:
        given = c.expr(keyword.value)
        if keyword.name is None:
            loose.append(given)
        else:
            named[keyword.name] = given
    everything = [*args, *named.values(), *loose]
    func = node.func
    if isinstance(func, ir.Name) and (func.id in c.imported or c.variable(func.id) is None):
        return _outside_call(c, node, func.id, everything)
    result = c.graph.node()
    for part in loose:
        c.consumes(node, part)
    spread = tuple([c.graph.contents(part) for part in loose])
    called = c.graph.node() if isinstance(func, ir.Attribute) else c.expr(func)
    c.graph.call(called, tuple(args), named, spread, result)
    if isinstance(func, ir.Attribute):
        return _method_call(c, node, func, everything, called, result)
    c.calls[id(node)].append(called)
    made = isinstance(func, ir.Name) and func.id in c.record_classes
    if not made:
        c.changes(node, called)  # a bound method, perhaps: what it was taken from may change
    _, fresh = c.allocate(node)
    for part in everything:
        c.graph.store(fresh, part)
    c.graph.copy(fresh, result)
    if not (isinstance(func, ir.Name) and func.id in c.own_functions):
        # Last: the object is then known by this site, a blob's.
        _unknown_call(c, node, [*everything, called], c.graph.node() if made else result, result)
    return result


def _unknown_call(c: Constraints, node: ir.Call, sources: list[int], passed: int, result: int) -> None:
    """Something that is not known to be a function of the plan is called: an imported built-in, perhaps.

    It may give anything that it was given or holds itself (`passed`), however deep; a class makes a new object.
    """
    given = c.graph.node()
    for source in sources:
        c.graph.copy(c.graph.reach(source), given)
    returned = _fed_back(c, _callbacks(c, node, sources, given), given)
    number, place = c.allocate(node, blob=True, steps=True)
    if c.giving:
        c.givers.add(number)
    c.graph.store(place, place)
    c.graph.store(place, given)
    c.graph.store(place, returned)
    c.graph.copy(place, result)
    for source in (given, returned):
        c.graph.copy(source, passed)


def bound_method(c: Constraints, node: ir.Attribute, receiver: int, loaded: int) -> None:
    """A method that changes its receiver, taken as a value: code that does so when it is called."""
    number, place = c.allocate(node)
    body = ir.Pass()
    c.changes(body, receiver)
    given = c.graph.node()
    c.graph.store(receiver, given)
    c.codes[number] = Code(node, (body,), ())
    c.graph.code(number, {"*": given}, (), loaded)
    c.graph.copy(place, loaded)


def tool_taken(c: Constraints, node: ir.Name) -> int:
    """A tool, taken as a value: code that calls the host when it is called."""
    c.host_calls[id(node)] = node
    number, place = c.allocate(node)
    c.codes[number] = Code(node, (node,), ())
    c.graph.code(number, {"*": c.graph.node()}, (), c.graph.node())
    return place


def _hidden_changes(c: Constraints, node: ir.Node, sources: list[int]) -> None:
    """`operator.setitem` and its like change what they are given, also when another function calls them."""
    if c.hiding:
        everything = c.merged([c.graph.reach(source) for source in sources])
        c.changes(node, everything)
        c.graph.store(everything, everything)


def _callbacks(c: Constraints, node: ir.Node, sources: list[int], given: int) -> int:
    """Functions among the arguments of a built-in are called with what the built-in was given."""
    sources = [source for source in sources if source]
    if not sources:
        return NOTHING
    result = c.graph.node()
    for source in sources:
        c.graph.call(source, (), {}, (given,), result)
        c.consumes(node, source)  # which also says that it is called
    _hidden_changes(c, node, sources)
    return result


def _fed_back(c: Constraints, returned: int, given: int) -> int:
    """What a function returned may be what it is given the next time: `reduce` and its like."""
    c.graph.copy(returned, given)
    c.graph.load(returned, given)
    return returned


def _outside_call(c: Constraints, node: ir.Call, name: str, sources: list[int]) -> int:
    if name in c.tools or name in VERBS:
        c.host_calls[id(node)] = node
        number, place = c.allocate(node, blob=True)
        c.graph.store(place, place)
        c.layers[number] = NOTHING
        return place
    given = c.graph.node()
    for source in sources:
        if name != "sorted":  # its key is told of the elements, and of nothing else that it is given
            c.graph.copy(source, given)
        c.graph.load(source, given)
    returned = _callbacks(c, node, sources, given)
    if name == "sum" and (any(sources[1:]) or any(isinstance(arg, ir.Starred) for arg in node.args)):
        c.graph.copy(_summed(c, node, sources), given)
        return given
    if name in SCALAR or name in SPEAKS:
        return NOTHING
    if name in _CHOOSE:
        c.graph.copy(returned, given)
        return given
    number, place = c.allocate(node, steps=name in STEPS)
    if name in _APPLIES and not _known_code(c, node):  # a function of the language may give a part of what it is given
        c.givers.add(number)
        for source in sources:
            c.graph.store(place, c.graph.reach(source))
    if name not in FRESH:  # what sorted() is told by its key is not in what it makes
        c.graph.store(place, returned)
    for source in sources:
        c.spread(place, c.graph.reach(source) if name == "dict" else source)
        if name == "dict":  # dict(key=value), dict(pairs)
            c.graph.store(place, source)
    if name == "defaultdict":
        filled, product = c.allocate(node.func)
        c.products[id(node)] = filled
        c.graph.store(place, product)
        return place
    if name not in FRESH:
        c.layers[number] = given
        c.graph.store(place, place)
        c.graph.store(place, given)
    return place


def _summed(c: Constraints, node: ir.Call, sources: list[int]) -> int:
    """`sum(lists, start)` gives `start` itself, or a new list with what is in the others."""
    _, fresh = c.allocate(node)
    for source in sources:
        c.spread(fresh, c.graph.reach(source))
    return c.merged([fresh, *map(c.graph.reach, sources)])


def _known_code(c: Constraints, node: ir.Call) -> bool:
    """Whether what a built-in is to call is written in the plan, or makes no container."""
    first = node.args[0] if node.args else node
    if isinstance(first, ir.Name):
        return first.id in c.own_functions or (c.variable(first.id) is None and first.id in SCALAR - {"sum"})
    return isinstance(first, ir.Lambda)


def _method_call(c: Constraints, node: ir.Call, func: ir.Attribute, sources: list[int], field: int, result: int) -> int:
    """A method, or a function in a field of that name: `field` is what is called then, `result` what it gives."""
    receiver = c.expr(func.value)
    c.graph.load(receiver, field)
    c.calls[id(node)].append(field)
    # update([("key", value)]) takes apart what it is given, and does not say how far.
    held = c.merged([c.graph.reach(source) for source in sources] if func.name in _SEVERAL else sources)
    given = c.graph.node()
    module = isinstance(func.value, ir.Name) and func.value.id in c.modules
    for source in (held, receiver, *((c.graph.reach if module else c.graph.contents)(source) for source in sources)):
        c.graph.copy(source, given)
    c.graph.load(receiver, given)
    returned = _fed_back(c, _callbacks(c, node, sources, given), given)
    c.consumes(node, receiver)
    if func.name in MUTATORS:
        c.changes(node, receiver)
        c.graph.store(receiver, held)
    if func.name in c.texts:
        return result
    if func.name in _PICK:
        c.graph.copy(given, result)
        return result
    blob = func.name in NESTING
    number, place = c.allocate(node, blob=blob, steps=True)
    if func.name in GIVES:
        c.givers.add(number)
    if not blob:
        c.layers[number] = given
    c.graph.store(place, place)
    c.graph.store(place, given)
    c.graph.store(place, returned)
    c.graph.copy(place, result)
    c.graph.copy(given, result)
    c.graph.copy(returned, result)
    return result


def hides(outline: Outline) -> bool:
    """Whether something may be changed where no method's name stands: by `setitem`, or by a method named in a text.

    `attrgetter("pay")` and `methodcaller("lower")` change nothing, where what they name is written out.
    """
    found = {item.alias or item.name: item.name for item in outline.of(ir.ImportName) if item.name in HIDES}
    written = [node for node in outline.of(ir.Attribute) if node.name in HIDES]
    if not found and not written:
        return False
    used = sum(node.id in found for node in outline.of(ir.Name)) + len(written)
    return used > sum(_harmless(node, found) for node in outline.of(ir.Call))


def _harmless(node: ir.Call, names: Mapping[str, str]) -> bool:
    """Whether a call makes a getter or caller of names that are written out and change nothing."""
    func = node.func
    name = names.get(func.id, "") if isinstance(func, ir.Name) else getattr(func, "name", "")
    named = node.args if name == "attrgetter" else node.args[:1] if name == "methodcaller" else ()
    words = [arg.value for arg in named if isinstance(arg, ir.Constant) and isinstance(arg.value, str)]
    return 0 < len(words) == len(named) and MUTATORS.isdisjoint(part for word in words for part in word.split("."))


def record_classes(outline: Outline) -> frozenset[str]:
    """Names that stand for classes of the plan wherever they are bound."""
    kinds = (ir.FunctionDef, ir.Assign, *(kind for kind in _OTHER_BINDERS if kind is not ir.ClassDef))
    others = {name for node in outline.of_any(kinds) for name in binds(node)}
    others.update(param.name for param in outline.of(ir.Parameter))
    others.update(name for clause in outline.of(ir.Clause) for name in target_names(clause.target))
    return frozenset({node.name for node in outline.of(ir.ClassDef)} - others)


def texts(outline: Outline) -> frozenset[str]:
    """The names of methods that give nothing that can change."""
    imported = {item.name for node in outline.of(ir.Import) if node.module is None for item in node.names}
    return TEXT - {name for name, module in _ALSO_FUNCTIONS.items() if module in imported}


def imported_names(outline: Outline) -> frozenset[str]:
    """Names that mean what a module of the language calls so, wherever they are bound: calls of them are known."""
    found, others = set[str](), set(own_functions(outline))
    for node in outline.of(ir.Import):
        known = _KNOWN.get(node.module, frozenset()) if node.module is not None else frozenset[str]()
        same = {item.name for item in node.names if item.name in known and item.alias in (None, item.name)}
        found |= same
        others.update(set(binds(node)) - same)
    others.update(param.name for param in outline.of(ir.Parameter))
    others.update(name for clause in outline.of(ir.Clause) for name in target_names(clause.target))
    kinds = (ir.FunctionDef, ir.Assign, *(kind for kind in _OTHER_BINDERS if kind is not ir.Import))
    others.update(name for node in outline.of_any(kinds) for name in binds(node))
    return frozenset(found - others)


def imported_modules(outline: Outline) -> frozenset[str]:
    """Names that may stand for modules."""
    return frozenset(name for node in outline.of(ir.Import) if node.module is None for name in binds(node))


_OTHER_BINDERS: Final = (
    ir.AugAssign,
    ir.AnnAssign,
    ir.For,
    ir.Walrus,
    ir.Import,
    ir.ClassDef,
    ir.Handler,
    ir.CapturePattern,
    ir.StarPattern,
    ir.MappingPattern,
)


def own_functions(outline: Outline) -> frozenset[str]:
    """Names that stand for functions of the plan wherever they are bound."""
    functions = {node.name for node in outline.of(ir.FunctionDef)}
    others = {param.name for param in outline.of(ir.Parameter)}
    for node in outline.of(ir.Assign):
        (functions if isinstance(node.value, ir.Lambda) else others).update(binds(node))
    for clause in outline.of(ir.Clause):
        others.update(target_names(clause.target))
    for binder in outline.of_any(_OTHER_BINDERS):
        others.update(binds(binder))
    return frozenset(functions - others)
