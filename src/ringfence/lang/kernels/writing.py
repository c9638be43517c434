"""Writing expressions over one element of a sequence as Python on raw values.

Its one rule: what is written here gives, for every element of the leaf types, what the runtime's operations give, or
raises. Whatever is not in these tables has no kernel, and is left to the runtime's operations, which are the definition
(docs/decisions/0003-uniform-kernels.md). A kernel holds no attribute, no call but of the functions in `FUNCTIONS`,
and nothing that can have an effect. How much a text or a number can grow in it is bounded here, when it is written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.lang import ir
from ringfence.lang.kernels.kernel import LEAF_BITS, LEAF_CHARS, Column, Kernel, Written

_MOST_CHARS: Final = 65_536
MOST_BITS: Final = 4096
_NUMBER_CHARS: Final = 5000
_SPEC_CHARS: Final = 2100
_INT_BITS: Final = 1024
MOST_NODES: Final = 60
BINARY: Final = frozenset({"+", "-", "*", "/", "//", "%"})
COMPARE: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SPEC: Final = re.compile(r"\d{4,}")
# Methods of text that only compute: how many times longer the result can be, or -1 for what is no text.
_METHODS: Final[Mapping[str, int]] = {
    **dict.fromkeys("upper lower title capitalize casefold swapcase".split(), 3),
    **dict.fromkeys("strip lstrip rstrip removeprefix removesuffix".split(), 1),
    **dict.fromkeys("startswith endswith find rfind index rindex count".split(), -1),
    **dict.fromkeys("isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace istitle isupper".split(), -1),
    **dict.fromkeys("split rsplit splitlines".split(), 1),
}
_LISTS: Final = frozenset({"split", "rsplit", "splitlines"})


@final
@dataclass(frozen=True, slots=True)
class Raw:
    """Code of a raw value. `chars`, `bits`: bounds of its size. `text`: it can be text where leaves are numbers."""

    code: str
    chars: int = 0
    bits: int = 0
    leaves: frozenset[str] = frozenset()
    text: bool = False
    listed: bool = False  # a list of texts: it can be indexed, counted and searched only


class NoKernel(Exception):
    """The expression is left to the runtime's operations."""


def _int(value: object) -> int:
    """`int` of what gives at most `_INT_BITS` bits; of anything else the runtime's decides."""
    if (isinstance(value, str) and len(value) > 75) or (isinstance(value, int) and value.bit_length() > _INT_BITS):
        raise ValueError
    return int(value)  # type: ignore[call-overload,no-any-return]  # Python's own checks


_CALLS: Final[Mapping[str, Callable[..., object]]] = {"len": len, "int": _int, "float": float, "str": str, "abs": abs}
# What a kernel can name.
FUNCTIONS: Final[Mapping[str, object]] = {
    "k_zip": zip,
    "k_enumerate": enumerate,
    "k_replace": str.replace,
    **{f"k_{name}": call for name, call in _CALLS.items()},
    **{f"k_text_{name}": getattr(str, name) for name in _METHODS},
}


class RawWriter:
    """Writes the parts of one kernel; `outside` says whether a name means what it means without the plan."""

    def __init__(self, target: str, outside: Callable[[str], bool]) -> None:
        self.target = target
        self.outside = outside
        self.mode = ""
        self.columns: dict[Column, str] = {}
        self.variables: dict[str, str] = {}
        self.numeric: set[str] = set()
        self.nodes = 0
        self.names = 0

    def raw(self, node: ir.Expr) -> Raw:
        """The code of an expression. Raises NoKernel."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise NoKernel
        match node:
            case ir.Constant(value=value):
                return self.constant(value)
            case ir.Name(id=name):
                return self.name(name)
            case ir.Attribute() | ir.Subscript() if (column := self.part(node)) is not None:
                return self.column(*column)
            case ir.Subscript(value=value, index=index):
                return self.subscript(self.raw(value), index)
            case ir.Binary(op=op, left=left, right=right) if op in BINARY:
                return self.binary(op, self.value(left), self.value(right))
            case ir.Unary(op=op, operand=operand) if op in ("not", "-"):
                inner = self.value(operand)
                spaced = f"({op} {inner.code})"
                return Raw(spaced) if op == "not" else Raw(spaced, 0, inner.bits + 1, inner.leaves)
            case ir.Compare(operands=operands, ops=ops):
                return self.comparison(operands, ops)
            case ir.Logic(op=op, values=values):
                return self.either([self.value(part) for part in values], f" {op} ")
            case ir.Conditional(test=test, then=then, orelse=orelse):
                chosen = self.value(then), self.value(test), self.value(orelse)
                both = self.either([chosen[0], chosen[2]], "")
                code = f"({chosen[0].code} if {chosen[1].code} else {chosen[2].code})"
                return Raw(code, both.chars, both.bits, both.leaves, both.text)
            case ir.FString(parts=parts):
                return self.fstring(parts)
            case ir.Call(func=func, args=args, keywords=()):
                return self.call(node, func, args)
            case _:
                raise NoKernel

    def value(self, node: ir.Expr) -> Raw:
        made = self.raw(node)
        if made.listed:
            raise NoKernel
        return made

    # Leaves

    def constant(self, value: object) -> Raw:
        if value is None or isinstance(value, bool):
            return Raw(repr(value), 0, 1)
        if isinstance(value, int) and value.bit_length() <= 64:
            return Raw(f"({value!r})", 0, 64)
        if isinstance(value, float) and math.isfinite(value):
            return Raw(f"({value!r})")
        if isinstance(value, str) and len(value) <= LEAF_CHARS:
            return Raw(repr(value), len(value), text=True)
        raise NoKernel

    def name(self, name: str) -> Raw:
        if name == self.target:
            return self.column("leaf", Column(""))
        if self.outside(name):
            raise NoKernel
        return self.leaf(self.variables.setdefault(name, f"o{len(self.variables)}"))

    def leaf(self, code: str) -> Raw:
        return Raw(code, LEAF_CHARS, LEAF_BITS, frozenset({code}))

    def column(self, mode: str, column: Column) -> Raw:
        if self.mode not in ("", mode):
            raise NoKernel
        self.mode = mode
        return self.leaf(self.columns.setdefault(column, f"a{len(self.columns)}"))

    def part(self, node: ir.Expr) -> tuple[str, Column] | None:
        """What is read of the element itself: `x.name`, `x["name"]`."""
        match node:
            case ir.Attribute(value=ir.Name(id=name), name=field) if name == self.target:
                return "field", Column(field)
            case ir.Subscript(value=ir.Name(id=name), index=ir.Constant(value=str() as key)) if name == self.target:
                return "item", Column(key)
            case _:
                return None

    # Operations

    def binary(self, op: str, left: Raw, right: Raw) -> Raw:
        leaves = left.leaves | right.leaves
        code = f"({left.code} {op} {right.code})"
        bits = max(left.bits, right.bits) + 1
        if op in ("*", "%"):  # of texts, these repeat and format
            if left.text or right.text:
                raise NoKernel
            self.numeric |= leaves
            bits = left.bits + right.bits
            if bits > MOST_BITS:
                raise NoKernel
        if op == "+":
            return Raw(code, self.bounded(left.chars + right.chars), bits, leaves, left.text or right.text)
        return Raw(code, 0, bits, leaves)

    def bounded(self, chars: int) -> int:
        if chars > _MOST_CHARS:
            raise NoKernel
        return chars

    def either(self, parts: list[Raw], word: str) -> Raw:
        code = f"({word.join(part.code for part in parts)})"
        chars, bits = max(part.chars for part in parts), max(part.bits for part in parts)
        leaves = frozenset[str]().union(*(part.leaves for part in parts))
        return Raw(code, chars, bits, leaves, any(part.text for part in parts))

    def comparison(self, operands: tuple[ir.Expr, ...], ops: tuple[str, ...]) -> Raw:
        if len(ops) == 1 and ops[0] in ("in", "not in"):
            return Raw(f"({self.value(operands[0]).code} {ops[0]} {self.container(operands[1])})")
        if len(ops) == 1 and ops[0] in ("is", "is not"):
            if not (isinstance(operands[1], ir.Constant) and operands[1].value in (None, True, False)):
                raise NoKernel
            if not (operands[1].value is None or isinstance(operands[1].value, bool)):
                raise NoKernel
            return Raw(f"({self.value(operands[0]).code} {ops[0]} {operands[1].value!r})")
        if len(ops) > 2 or not set(ops) <= COMPARE:
            raise NoKernel
        parts = [self.value(operand).code for operand in operands]
        code = parts[0] + "".join(f" {op} {part}" for op, part in zip(ops, parts[1:], strict=True))
        return Raw(f"({code})")

    def container(self, node: ir.Expr) -> str:
        """The right side of `in`: a text, texts from a split, or constants that are written out."""
        if isinstance(node, ir.Sequence):
            if not node.items or not all(isinstance(item, ir.Constant) for item in node.items):
                raise NoKernel
            return f"({''.join(f'{self.constant_code(item)}, ' for item in node.items)})"
        return self.raw(node).code

    def constant_code(self, node: ir.Expr) -> str:
        assert isinstance(node, ir.Constant)
        return self.constant(node.value).code

    def subscript(self, value: Raw, index: ir.Expr) -> Raw:
        code = f"{value.code}[{self.place(index)}]"
        if value.listed and isinstance(index, ir.Slice):
            raise NoKernel
        return Raw(code, value.chars, 0, value.leaves, text=True)

    def place(self, index: ir.Expr) -> str:
        if isinstance(index, ir.Slice):
            bounds = (index.lower, index.upper, index.step)
            return ":".join("" if bound is None else self.index(bound) for bound in bounds)
        return self.index(index)

    def index(self, node: ir.Expr) -> str:
        match node:
            case ir.Constant(value=int() as number) if not isinstance(number, bool) and abs(number) < 1 << 31:
                return f"({number!r})"
            case ir.Unary(op="-", operand=ir.Constant(value=int() as number)) if not isinstance(number, bool):
                return f"(-{number!r})" if number < 1 << 31 else self.refused()
            case _:
                return self.refused()

    def refused(self) -> str:
        raise NoKernel

    def fstring(self, parts: tuple[ir.Constant | ir.Formatted, ...]) -> Raw:
        """An f-string of names: what is more than a name is bound to one first, for quotes cannot be nested."""
        made, first, chars = "", "", 0
        for part in parts:
            if isinstance(part, ir.Constant):
                chars += len(str(part.value))
                made += _quoted(str(part.value))
                continue
            inner, spec = self.value(part.value), self.spec(part.spec)
            if part.conversion:
                raise NoKernel
            chars += max(inner.chars, _NUMBER_CHARS) + (_SPEC_CHARS if spec else 0)
            name = inner.code
            if not name.isidentifier():
                self.names += 1
                name = f"w{self.names}"
                first += f"({name} := {inner.code}), "
            made += f"{{{name}{':' + spec if spec else ''}}}"
        code = f"({first}f'{made}')[-1]" if first else f"f'{made}'"
        return Raw(code, self.bounded(chars), text=True)

    def spec(self, spec: ir.FString | None) -> str:
        if spec is None:
            return ""
        text = "".join(str(part.value) for part in spec.parts if isinstance(part, ir.Constant))
        if any(not isinstance(part, ir.Constant) for part in spec.parts):
            raise NoKernel
        if len(text) > 20 or _SPEC.search(text) or not re.fullmatch(r"[-+ <>=^,.#_0-9a-zA-Z%]*", text):
            raise NoKernel
        return text

    # Calls

    def call(self, node: ir.Call, func: ir.Expr, args: tuple[ir.Expr, ...]) -> Raw:
        if any(isinstance(arg, ir.Starred) for arg in args):
            raise NoKernel
        if isinstance(func, ir.Name) and func.id in _CALLS and self.builtin(func.id) and len(args) == 1:
            inner = self.raw(args[0])
            if inner.listed and func.id != "len":
                raise NoKernel
            code = f"k_{func.id}({inner.code})"
            if func.id == "str":
                return Raw(code, max(inner.chars, _NUMBER_CHARS), text=True)
            if func.id == "abs":
                return Raw(code, 0, inner.bits, inner.leaves, inner.text)
            return Raw(code, 0, _INT_BITS)
        if isinstance(func, ir.Attribute):
            return self.method(func, args)
        raise NoKernel

    def builtin(self, name: str) -> bool:
        return name != self.target and self.outside(name)

    def method(self, func: ir.Attribute, args: tuple[ir.Expr, ...]) -> Raw:
        if func.name == "get" and isinstance(func.value, ir.Name) and func.value.id == self.target:
            return self.column("item", self.given(args))
        if func.name == "replace":
            return self.replaced(self.value(func.value), args)
        growth = _METHODS.get(func.name)
        if growth is None or len(args) > 1:
            raise NoKernel
        receiver = self.value(func.value)
        given = "".join(f", {self.argument(func.name, arg)}" for arg in args)
        code = f"k_text_{func.name}({receiver.code}{given})"
        if growth < 0:
            return Raw(code, 0, 64)
        listed = func.name in _LISTS
        return Raw(code, self.bounded(receiver.chars * growth), text=True, listed=listed)

    def argument(self, method: str, node: ir.Expr) -> str:
        if method in ("startswith", "endswith") and isinstance(node, ir.Sequence) and node.kind == "tuple":
            return self.container(node)
        return self.value(node).code

    def given(self, args: tuple[ir.Expr, ...]) -> Column:
        match args:
            case (ir.Constant(value=str() as key),):
                return Column(key, True)
            case (ir.Constant(value=str() as key), ir.Constant(value=default)):
                self.constant(default)
                return Column(key, True, default)
            case _:
                raise NoKernel

    def replaced(self, receiver: Raw, args: tuple[ir.Expr, ...]) -> Raw:
        match args:
            case (ir.Constant(value=str() as old), ir.Constant(value=str() as new)) if old:
                chars = self.bounded(receiver.chars * max(1, -(-len(new) // len(old))))
                return Raw(f"k_replace({receiver.code}, {old!r}, {new!r})", chars, text=True)
            case _:
                raise NoKernel

    # The whole

    def written(self, result: str, long: bool, takes: str, projects: str | None) -> Written:
        params = [*(name.replace("a", "c") for name in self.columns.values()), *self.variables.values()]
        order = [*self.columns.values(), *self.variables.values()]
        numbers = frozenset(index for index, name in enumerate(order) if name in self.numeric)
        kernel = Kernel(self.mode, tuple(self.columns), numbers, takes, projects, long)
        return Written(kernel, tuple(params), result, tuple(self.variables))

    def loops(self, places: bool) -> str:
        """The `for` over the columns; with `places`, `i` is that of the element."""
        one = list(self.columns.values())
        if not one:
            raise NoKernel
        names = one[0] if len(one) == 1 else f"({', '.join(one)})"
        whole = one[0].replace("a", "c")
        if len(one) > 1:
            whole = f"k_zip({', '.join(name.replace('a', 'c') for name in one)})"
        return f"for i, {names} in k_enumerate({whole})" if places else f"for {names} in {whole}"


def _quoted(text: str) -> str:
    """Text inside of an f-string in single quotes."""
    escaped = text.encode("unicode_escape", "surrogatepass").decode("ascii").replace("'", "\\x27")
    return escaped.replace("{", "{{").replace("}", "}}")
