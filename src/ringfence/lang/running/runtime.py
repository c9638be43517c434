"""Everything that generated code can name.

Its one rule: this table is the whole world of a compiled plan; there are no Python built-ins beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Dict, Labeled, List, Value
from ringfence.lang import sizes
from ringfence.lang.builtins.classes import define_class
from ringfence.lang.builtins.functions.names import names
from ringfence.lang.builtins.methods import tables as methods
from ringfence.lang.builtins.modules import tables
from ringfence.lang.builtins.schemas import forward
from ringfence.lang.kernels.fusing import fused
from ringfence.lang.kernels.reductions import reduced
from ringfence.lang.kernels.running import KeyKernel, uniform
from ringfence.lang.kernels.writing import FUNCTIONS
from ringfence.lang.mappings import DefaultDict
from ringfence.lang.objects import (
    UNBOUND,
    Builtin,
    Function,
    Module,
    Native,
    ToolValue,
    TypeValue,
    deep,
    label_of,
    settle,
    settle_deep,
)
from ringfence.lang.operations import arithmetic, attributes, comparison, displays, items, membership, unpacking
from ringfence.lang.operations.augmenting import in_place
from ringfence.lang.operations.displays import make_dict, make_set
from ringfence.lang.operations.symbols import BINARY
from ringfence.lang.operations.truth import negation, truth
from ringfence.lang.raised import Raised
from ringfence.lang.running.bindings import kept, keyword_dict, load, load_free, load_local, taint
from ringfence.lang.running.branching import Saved
from ringfence.lang.running.calling import apply, call_builtin, call_tool, starred
from ringfence.lang.running.loops import Loop, generator, used_up
from ringfence.lang.running.matching import matched
from ringfence.lang.text import format_raw, str_raw

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

methods.install()
tables.install()
NAMES: Final[Mapping[str, Value]] = names()
DIRECT: Final[Mapping[str, Native]] = {
    name: native
    for name, value in NAMES.items()
    if (native := value.native if isinstance(value, Builtin) else value.make if isinstance(value, TypeValue) else None)
}
_MODULES: Final[dict[str, Module]] = {}


def modules() -> Mapping[str, Module]:
    """The modules of the language, made when the first plan asks for one."""
    if not _MODULES:
        from ringfence.lang.builtins.modules import MODULES

        _MODULES.update(MODULES)
    return _MODULES


class _AnyName:
    """The names of a function that takes `**keywords`."""

    def __contains__(self, name: object) -> bool:
        return True


def chosen(run: Run, value: Value, condition: Value) -> Value:
    """The value of a conditional expression of names and constants. What is on its way is waited for, chosen or not."""
    if type(condition) is bool:
        return value
    label = label_of(condition)
    if label is not TRUSTED_PUBLIC:
        run.in_order()
    return taint(value, label)


def imported(module: str, name: str | None) -> Value:
    """What `import module` or `from module import name` binds."""
    found = modules()[module]
    return found if name is None else found.members[name]


def filled(value: Value, number: int) -> Value:
    """A new defaultdict, and the allocation site of what it makes."""
    raw = value._value if type(value) is Labeled else value
    if isinstance(raw, DefaultDict):
        raw.child_site = number
    return value


def fstring(shape: tuple[str | tuple[str, str | None], ...], *values: Value) -> Value:
    """An f-string: literal parts, and (conversion, spec) for each value; a spec of None is a value of its own."""
    label = TRUSTED_PUBLIC
    texts: list[str] = []
    rest = iter(values)
    for part in shape:
        if isinstance(part, str):
            texts.append(part)
            continue
        value = next(rest)
        if type(value) is str and part == ("", ""):
            texts.append(value)
            continue
        if type(value) is Labeled and type(value._value) is str and part == ("", ""):
            if value.label is not label:
                label = label.join(value.label)
            texts.append(value._value)
            continue
        value = settle_deep(value)
        label = label.join(deep(value))
        spec = part[1]
        if spec is None:
            given = next(rest)
            label = label.join(deep(given))
            spec = str_raw(given)
        texts.append(format_raw(value, part[0], spec, label))
    made = "".join(texts)
    sizes.text(len(made))
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def list_of(run: Run, loop: Loop, values: list[Value]) -> Value:
    """A list comprehension: its shape carries what decided which elements there are."""
    run.back(loop.pc)
    label = loop.label
    made = List(values, label)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def set_of(run: Run, loop: Loop, values: list[Value]) -> Value:
    """A set comprehension."""
    run.back(loop.pc)
    return make_set(run, values, loop.label)


def dict_of(run: Run, loop: Loop, rows: list[tuple[Value, Value]]) -> Value:
    """A dict comprehension."""
    run.back(loop.pc)
    made = make_dict(run, (((key,), value) for key, value in rows))
    assert isinstance(made, Dict)
    made.taint(loop.label)
    return made


def _augmented(symbol: str) -> object:
    operation = BINARY[symbol]

    def apply_in_place(run: Run, target: Value, value: Value) -> Value:
        raw = target._value if type(target) is Labeled else target
        if type(raw) in (int, float, str, bool):
            return operation(target, value)
        target = settle(target)
        made = in_place(symbol, run, target, value)
        return operation(target, value) if made is None else made

    return apply_in_place


def _named(module: ModuleType, names: str) -> dict[str, object]:
    """Functions of a module by their names."""
    return {name: getattr(module, name) for name in names.split()}


WORLD: Final[Mapping[str, object]] = {
    "__builtins__": {},
    "type": type,
    "bool": bool,
    "ANY_NAME": _AnyName(),
    "Dict": Dict,
    "Function": Function,
    "KeyKernel": KeyKernel,
    "List": List,
    "Loop": Loop,
    "Raised": Raised,
    "Saved": Saved,
    "TRUSTED_PUBLIC": TRUSTED_PUBLIC,
    "ToolValue": ToolValue,
    "UNBOUND": UNBOUND,
    "apply": apply,
    "call_builtin": call_builtin,
    "call_tool": call_tool,
    "chosen": chosen,
    "define_class": define_class,
    "dict_of": dict_of,
    "filled": filled,
    "forward": forward,
    "fstring": fstring,
    "fused": fused,
    "generator": generator,
    "imported": imported,
    "kept": kept,
    "keyword_dict": keyword_dict,
    "list_of": list_of,
    "load": load,
    "load_free": load_free,
    "load_local": load_local,
    "matched": matched,
    "negation": negation,
    "reduced": reduced,
    "set_of": set_of,
    "settle": settle,
    "starred": starred,
    "taint": taint,
    "truth": truth,
    "used_up": used_up,
    "uniform": uniform,
    **FUNCTIONS,
    **_named(attributes, "append attr method method_with set_attr"),
    **_named(items, "del_item del_slice item set_item set_slice slice_of slice_value"),
    **_named(unpacking, "unpack unpacked"),
    **_named(displays, "make_dict make_set spread_display"),
    **_named(arithmetic, "add sub mul div floordiv mod power lshift rshift bitand bitor bitxor"),
    **_named(arithmetic, "negate positive complement"),
    **_named(comparison, "eq ne lt le gt ge same not_same"),
    **_named(membership, "contains not_contains"),
    **{
        f"i{name}": _augmented(symbol)
        for symbol, name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("|", "bitor"), ("&", "bitand"), ("^", "bitxor"))
    },
    **{f"b_{name}": value for name, value in NAMES.items()},
    **{f"c_{name}": native for name, native in DIRECT.items()},
}
