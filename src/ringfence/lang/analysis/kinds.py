"""What types a plan's variables have, as far as its text and the tools' signatures tell.

Its one rule: it reads text, never a value, so that what it says can be told to anybody who wrote the text. Where the
text does not tell, it says `AnyType`. Nothing relies on it for safety: values are compared with what was said of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, final

from ringfence.lang import ir
from ringfence.lang.host import Signature
from ringfence.lang.scope import bound, own, walk
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
)

ANY: Final = AnyType()
BOOL: Final = Scalar("bool")
INT: Final = Scalar("int")
STR: Final = Scalar("str")
NONE: Final = Scalar("None")

_NAMED: Final[Mapping[str, Type]] = {
    name: Scalar(name) for name in ("bool", "int", "float", "str", "bytes", "date", "datetime", "time", "timedelta")
} | {
    "Decimal": Scalar("Decimal"),
    "None": NONE,
    "EmailStr": Scalar("str", format="email"),
    "Quote": Scalar("str", format="quote"),
}
_LISTS: Final = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "sorted", "reversed"})
_CALLS: Final[Mapping[str, Type]] = (
    dict.fromkeys(("len", "int", "ord"), INT)
    | dict.fromkeys(("bool", "any", "all", "isinstance", "callable"), BOOL)
    | dict.fromkeys(("str", "repr", "ascii", "format", "chr", "hex", "bin", "oct"), STR)
    | {"float": Scalar("float"), "date": Scalar("date"), "datetime": Scalar("datetime")}
    | {"timedelta": Scalar("timedelta"), "Decimal": Scalar("Decimal"), "time": Scalar("time")}
)
_METHODS: Final[Mapping[str, Type]] = {
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isupper", "islower", "isalnum", "isspace"), BOOL),
    **dict.fromkeys(("lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "replace", "join"), STR),
    **dict.fromkeys(("isoformat", "strftime", "decode", "casefold", "removeprefix", "removesuffix", "zfill"), STR),
    **dict.fromkeys(("count", "find", "index", "weekday", "isoweekday", "toordinal", "rfind"), INT),
    **dict.fromkeys(("split", "splitlines", "rsplit"), ListType(STR)),
    "total_seconds": Scalar("float"),
}
_PARTS: Final[Mapping[str, Type]] = dict.fromkeys(
    ("year", "month", "day", "hour", "minute", "second", "days", "seconds"), INT
)
_MOMENTS: Final = frozenset({"date", "datetime", "time", "timedelta"})


@final
class Kinds:
    """The types of one plan. `given` are those of variables that exist before it starts."""

    def __init__(
        self, plan: ir.Plan, signatures: Mapping[str, Signature], given: Mapping[str, Type] | None = None
    ) -> None:
        self.signatures = signatures
        self.given: Mapping[str, Type] = {} if given is None else given
        self.classes: dict[str, Type] = {}
        self.names: dict[str, Type] = dict(self.given)
        self._own = tuple(bound(plan.body))
        self._seen: dict[str, Type] = {}
        for node in walk(plan.body):
            if isinstance(node, ir.ClassDef):
                self.classes[node.name] = self._class(node)
        for _ in range(2):  # a loop may use what is assigned further down
            self._seen = {}
            self._statements(plan.body)
            self.names = {**self.given, **self._seen}

    def variables(self) -> dict[str, Type]:
        """The type of each variable of the plan itself."""
        return {name: self.names.get(name, ANY) for name in self._own}

    # Statements

    def _statements(self, body: Iterable[ir.Node]) -> None:
        for node in own(body):
            match node:
                case ir.Assign(targets=targets, value=value):
                    lazy = isinstance(value, ir.Comprehension) and value.kind == "generator"
                    for target in targets:
                        self._bind(target, ANY if lazy else self.of(value))
                case ir.AnnAssign(target=target, value=value) if value is not None:
                    self._bind(target, self.of(value))
                case ir.AugAssign(target=ir.Name(id=name), op=op, value=value):
                    self._say(name, self._binary(op, self.names.get(name, ANY), self.of(value)))
                case ir.For(target=target, iterable=iterable):
                    self._bind(target, element(self.of(iterable)))
                case ir.Walrus(name=name, value=value):
                    self._say(name, self.of(value))
                case ir.FunctionDef() | ir.ClassDef() | ir.Handler() | ir.CapturePattern() | ir.StarPattern():
                    if node.name is not None:
                        self._say(node.name, ANY)
                case _:
                    pass

    def _bind(self, target: ir.Expr, value: Type) -> None:
        if isinstance(target, ir.Name):
            self._say(target.id, value)
        elif isinstance(target, ir.Sequence):
            parts = value.items if isinstance(value, TupleType) and len(value.items) == len(target.items) else None
            for index, part in enumerate(target.items):
                self._bind(part, element(value) if parts is None else parts[index])
        elif isinstance(target, ir.Starred):
            self._bind(target.value, ListType(ANY))

    def _say(self, name: str, value: Type) -> None:
        before = self._seen.get(name, self.given.get(name))
        self._seen[name] = value if before is None else common((before, value))
        self.names[name] = self._seen[name]

    # Expressions

    def of(self, node: ir.Node) -> Type:
        """The type of an expression."""
        match node:
            case ir.Constant(value=value):
                return Scalar(type(value).__name__ if value is not None else "None")
            case ir.Name(id=name):
                return self.names.get(name, ANY)
            case ir.FString():
                return STR
            case ir.Compare():
                return BOOL
            case ir.Unary(op=op, operand=operand):
                return BOOL if op == "not" else self.of(operand)
            case ir.Logic(values=values):
                return common(self.of(value) for value in values)
            case ir.Conditional(then=then, orelse=orelse):
                return common((self.of(then), self.of(orelse)))
            case ir.Binary(op=op, left=left, right=right):
                return self._binary(op, self.of(left), self.of(right))
            case ir.Walrus(value=value):
                return self.of(value)
            case ir.Sequence(kind=kind, items=items):
                inner = tuple(self.of(item) for item in items)
                return TupleType(inner) if kind == "tuple" else ListType(common(inner), kind=kind)
            case ir.Comprehension():
                return self._comprehension(node)
            case ir.Attribute(value=value, name=name):
                return self._field(self.of(value), name)
            case ir.Subscript(value=value, index=index):
                return self._item(self.of(value), index)
            case ir.Call():
                return self._call(node)
            case _:
                return ANY

    def _binary(self, op: str, left: Type, right: Type) -> Type:
        if op == "%" and left == STR:
            return STR
        if left == INT and right == INT:
            return Scalar("float") if op == "/" else INT
        if op == "+" and left == right and isinstance(left, Scalar | ListType):
            return left
        numbers = {"int", "float", "bool"}
        if isinstance(left, Scalar) and isinstance(right, Scalar) and {left.name, right.name} <= numbers:
            return Scalar("float") if "float" in (left.name, right.name) else INT
        return ANY

    def _comprehension(self, node: ir.Comprehension) -> Type:
        before = dict(self.names)
        for clause in node.clauses:
            inner = element(self.of(clause.iterable))
            if isinstance(clause.target, ir.Name):
                self.names[clause.target.id] = inner
        found, value = self.of(node.element), ANY if node.value is None else self.of(node.value)
        self.names = before
        if node.kind == "dict":
            return DictType(found, value)
        return ListType(found, kind="set" if node.kind == "set" else "list")

    def _field(self, holder: Type, name: str) -> Type:
        if isinstance(holder, RecordType):
            return next(
                (field.type for field in holder.fields if field.name == name), BOOL if name == "failed" else ANY
            )
        if isinstance(holder, EnumType) and name in ("name", "value"):
            values = [one[0] if name == "name" else one[1] for one in holder.members]
            texts = tuple(value for value in values if isinstance(value, (str, int)))
            return LiteralType(texts) if len(texts) == len(values) else ANY
        if isinstance(holder, Scalar) and holder.name in _MOMENTS:
            return _PARTS.get(name, ANY)
        return BOOL if name == "failed" else ANY

    def _item(self, holder: Type, index: ir.Expr) -> Type:
        if isinstance(index, ir.Slice):
            return holder
        if isinstance(holder, RecordType) and isinstance(index, ir.Constant):
            return self._field(holder, str(index.value)) if holder.mapping else ANY
        if isinstance(holder, TupleType) and isinstance(index, ir.Constant) and isinstance(index.value, int):
            return holder.items[index.value] if -len(holder.items) <= index.value < len(holder.items) else ANY
        return element(holder)

    def _call(self, node: ir.Call) -> Type:
        func = node.func
        if isinstance(func, ir.Attribute):
            if func.name in ("date", "time") and self.of(func.value) == Scalar("datetime"):
                return Scalar(func.name)
            return _METHODS.get(func.name, ANY)
        if not isinstance(func, ir.Name) or (func.id in self._own and func.id not in self.classes):
            return ANY
        name, first = func.id, node.args[0] if node.args else None
        signature = self.signatures.get(name)
        if signature is not None and not any(param.names_type for param in signature.params):
            return signature.returns
        if signature is not None or name in ("quarantine", "quarantine_each"):
            returns = next((one.value for one in node.keywords if one.name == "returns"), None)
            found = STR if returns is None else self.schema(returns)
            return ListType(found) if name == "quarantine_each" else found
        if name in self.classes:
            return self.classes[name]
        if name in _CALLS:
            return _CALLS[name]
        inner = ANY if first is None else self.of(first)
        if name in _LISTS or name in ("tuple", "set"):
            return ListType(element(inner))
        if name in ("min", "max", "next"):
            return element(inner) if len(node.args) == 1 or name == "next" else common(map(self.of, node.args))
        if name == "sum":
            return element(inner) if element(inner) in (INT, Scalar("float"), Scalar("Decimal")) else ANY
        return inner if name in ("abs", "round") and inner == INT else ANY

    # Types written in the plan

    def schema(self, node: ir.Expr) -> Type:
        """The type that an expression of the plan names: `str`, `list[int]`, a class, a dict of types, …"""
        match node:
            case ir.Constant(value=None):
                return NONE
            case ir.Constant(value=str() as text):
                return self._named(text)
            case ir.Name(id=name):
                return self._named(name)
            case ir.Attribute(name=name):
                return self._named(name)
            case ir.Binary(op="|", left=left, right=right):
                return _union((self.schema(left), self.schema(right)))
            case ir.Subscript(value=ir.Name(id=name) | ir.Attribute(name=name), index=index):
                return self._generic(name, index.items if isinstance(index, ir.Sequence) else (index,))
            case ir.DictDisplay(keys=keys, values=values):
                names = [key.value if isinstance(key, ir.Constant) else None for key in keys]
                fields = [
                    (name, self.schema(v)) for name, v in zip(names, values, strict=True) if isinstance(name, str)
                ]
                return RecordType("", tuple(Field(n, t) for n, t in fields), True) if len(fields) == len(keys) else ANY
            case ir.Sequence(items=items) if items and all(isinstance(one, ir.Constant) for one in items):
                return _literals(items)
            case ir.Sequence(kind="list", items=(only,)):
                return ListType(self.schema(only))
            case _:
                return ANY

    def _named(self, name: str) -> Type:
        if name in self.classes:
            return self.classes[name]
        return ListType(ANY) if name in _LISTS else _NAMED.get(name, ANY)

    def _generic(self, name: str, parts: tuple[ir.Expr, ...]) -> Type:
        if name == "Literal":
            return _literals(parts)
        inner = tuple(self.schema(part) for part in parts)
        if name in _LISTS or name in ("set", "frozenset", "Set", "FrozenSet"):
            return ListType(inner[0])
        if name in ("dict", "Dict", "Mapping") and len(inner) == 2:
            return DictType(*inner)
        if name in ("tuple", "Tuple"):
            endless = len(parts) == 2 and isinstance(parts[1], ir.Name) and parts[1].id == "Ellipsis"
            return ListType(inner[0], kind="tuple") if endless else TupleType(inner)
        if name == "Optional":
            return _union((inner[0], NONE))
        if name == "Union":
            return _union(inner)
        return inner[0] if name == "Annotated" else ANY

    def _class(self, node: ir.ClassDef) -> Type:
        bases = {base.id if isinstance(base, ir.Name) else "" for base in node.bases}
        if bases & {"Enum", "IntEnum", "StrEnum"}:
            members = tuple(
                (one.name, one.default.value if isinstance(one.default, ir.Constant) else None)
                for one in node.fields
                if one.default is not None and one.annotation is None
            )
            kept = tuple((n, v) for n, v in members if v is None or isinstance(v, (str, int, float)))
            return EnumType(node.name, kept)
        inherited = [known.fields for base in bases if isinstance(known := self.classes.get(base), RecordType)]
        own = [Field(one.name, self.schema(one.annotation)) for one in node.fields if one.annotation is not None]
        fields = {field.name: field for field in (*(one for fields in inherited for one in fields), *own)}
        return RecordType(node.name, tuple(fields.values()), mapping="TypedDict" in bases, description=node.doc)


def element(holder: Type) -> Type:
    """The type of what is in a container."""
    if isinstance(holder, ListType):
        return holder.item
    if isinstance(holder, TupleType):
        return common(holder.items)
    if isinstance(holder, DictType):
        return holder.value
    return STR if holder == STR else ANY


def common(types: Iterable[Type]) -> Type:
    """The type that covers all of them: one that they have, or any of a few; ANY as soon as one is unknown."""
    found = tuple(dict.fromkeys(types))
    if not found or ANY in found:
        return ANY
    return found[0] if len(found) == 1 else _union(found) if len(found) <= 4 else ANY


def _union(types: Iterable[Type]) -> Type:
    options: list[Type] = []
    for one in types:
        options += one.options if isinstance(one, UnionType) else (one,)
    made = tuple(dict.fromkeys(options))
    return ANY if ANY in made else made[0] if len(made) == 1 else UnionType(made)


def _literals(items: Iterable[ir.Expr]) -> Type:
    values = [item.value if isinstance(item, ir.Constant) else ... for item in items]
    kept = tuple(value for value in values if value is None or isinstance(value, (str, int, bool)))
    return LiteralType(kept) if len(kept) == len(values) else ANY
