"""Schemas in a plan: types as values, and the classes that models write to describe data.

Its one rule: a class in a plan describes data and nothing else; it holds fields, no code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, unsafe_plain, unsafe_value, with_label
from ringfence.lang.calling import apply
from ringfence.lang.host import SchemaValue
from ringfence.lang.objects import UNBOUND, Builtin, Native, TypeValue, deep, settle, settle_deep
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail
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

if TYPE_CHECKING:
    from ringfence.lang.engine import Run

NONE: Final = Scalar("None")


@final
class FieldSpec:
    """What `Field(...)` and `field(...)` say about a field."""

    __slots__ = ("default", "description", "factory", "limits")

    def __init__(self, default: Value, factory: Value, description: str, limits: Mapping[str, Value]) -> None:
        self.default = default
        self.factory = factory
        self.description = description
        self.limits = limits


@final
class Special:
    """A name of `typing` that only means something in an annotation."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


@final
class Forward:
    """A type named before it is defined."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def forward(name: str) -> Value:
    """An annotation that names a class which does not exist yet."""
    return Forward(name)


def in_plan(value: Value) -> Value:
    """A part of a type, without a label. A type that something labelled decided about is none.

    What is checked against a type, and what a model is told of it, does not carry the label of the type.
    """
    label = deep(value)
    if label is not TRUSTED_PUBLIC:
        fail("TypeError", "types, and what they say of their values, must be written in the plan", label)
    return unsafe_value(settle(value))


def schema_of(value: Value) -> Type | None:
    """The type that a value stands for: a type, a schema, None, a dict of types, a one-element list; else None."""
    value = settle(value)
    raw = in_plan(value)
    if raw is None:
        return NONE
    if isinstance(raw, TypeValue):
        return raw.schema
    if isinstance(raw, SchemaValue):
        return raw.type
    if isinstance(raw, Special):
        return AnyType() if raw.name in ("Any", "object") else None
    if isinstance(raw, Forward):
        return AnyType()
    if isinstance(raw, str):
        return _TYPES.get(raw)
    if isinstance(raw, List) and len(raw.items) == 1:
        inner = schema_of(raw.items[0])
        return None if inner is None else ListType(inner)
    if isinstance(raw, (tuple, List)):
        values = [unsafe_plain(part) for part in (raw if isinstance(raw, tuple) else raw.items)]
        texts = tuple(part for part in values if isinstance(part, str))
        return LiteralType(texts) if texts and len(texts) == len(values) else None
    if isinstance(raw, Dict):
        return _of_dict(raw)
    return None


def _of_dict(raw: Dict) -> Type | None:
    fields: list[Field] = []
    for name, part in raw.items.items():
        inner = schema_of(part)
        if inner is None or not isinstance(name, str):
            return None
        fields.append(Field(name, inner))
    return RecordType("dict", tuple(fields), mapping=True)


def subscripted(raw: TypeValue, key: Value, label: Label) -> Value:
    """`list[int]`, `dict[str, int]`, and `Color["RED"]`."""
    found = key._value if type(key) is Labeled else key
    if isinstance(raw.schema, EnumType) and isinstance(found, str):
        if found not in raw.members:
            raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (found,), label), label)
        return with_label(raw.members[found], label)
    in_plan(key)
    parts = found if isinstance(found, tuple) else (found,)
    if raw.name in ("Literal",):
        return SchemaValue(LiteralType(tuple(_literal(part) for part in parts)))
    inner = [AnyType() if part is ... else schema_of(part) for part in parts]
    types = [AnyType() if one is None else one for one in inner]
    made = _generic(raw.name, types)
    if made is None:
        fail("TypeError", f"type '{raw.name}' is not subscriptable", label)
    return SchemaValue(made)


def _literal(part: Value) -> str | int | bool | None:
    raw = in_plan(part)
    if raw is None or isinstance(raw, (str, int, bool)):
        return raw
    fail("TypeError", "Literal takes texts, integers, booleans and None")


def _generic(name: str, types: list[Type]) -> Type | None:
    match name:
        case "list" | "List" | "Sequence" | "Iterable" | "Collection":
            return ListType(types[0])
        case "set" | "frozenset" | "Set" | "FrozenSet" | "deque":
            return ListType(types[0], kind=name.lower())
        case "tuple" | "Tuple":
            return TupleType(tuple(types))
        case "dict" | "Dict" | "Mapping" | "defaultdict" | "OrderedDict" | "Counter":
            return DictType(types[0], types[1] if len(types) > 1 else Scalar("int"))
        case "Optional":
            return UnionType((types[0], NONE))
        case "Union":
            return UnionType(tuple(types))
        case "Annotated" | "Final" | "Required" | "NotRequired" | "ClassVar":
            return types[0]
        case _:
            return None


def union(left: Value, right: Value) -> Value | None:
    """`int | None` between types; None if these are not types."""
    if not any(isinstance(unsafe_value(one), (TypeValue, SchemaValue)) for one in (left, right)):
        return None
    types = [schema_of(left), schema_of(right)]
    options: list[Type] = []
    for one in types:
        if one is None:
            return None
        options += one.options if isinstance(one, UnionType) else [one]
    return SchemaValue(UnionType(tuple(options)))


# Field(...), field(...)


def field_spec(run: Run, default: Value = UNBOUND, **options: Value) -> Value:
    """`Field(...)` of pydantic and `field(...)` of dataclasses."""
    described = options.pop("description", "")
    text = unsafe_plain(in_plan(described))
    factory = options.pop("default_factory", None)
    return FieldSpec(UNBOUND if default is ... else default, factory, text if isinstance(text, str) else "", options)


_LIMITS: Final = {
    "ge": "minimum",
    "gt": "minimum",
    "le": "maximum",
    "lt": "maximum",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
}


def _limited(kind: Type, limits: Mapping[str, Value]) -> Type:
    from dataclasses import replace

    changes: dict[str, float | int | str] = {}
    for name, value in limits.items():
        raw = unsafe_plain(in_plan(value))
        if name in _LIMITS and isinstance(raw, (int, float, str)) and not isinstance(raw, bool):
            exclusive = {"gt": 1, "lt": -1}.get(name, 0)
            changes[_LIMITS[name]] = raw + exclusive if isinstance(raw, int) and exclusive else raw
    if not changes:
        return kind
    if isinstance(kind, Scalar):
        return replace(kind, **changes)  # type: ignore[arg-type]  # the values fit the names in _LIMITS
    if isinstance(kind, ListType):
        return replace(kind, **{k: v for k, v in changes.items() if k.endswith("length")})  # type: ignore[arg-type]
    return kind


# Classes


def define_class(
    run: Run,
    name: str,
    bases: tuple[Value, ...],
    decorator: Value,
    options: dict[str, Value],
    rows: tuple[tuple[str, Value, Value], ...],
    doc: str,
) -> Value:
    """The value of a class statement: an exception, an enumeration, a record type or a typed dict."""
    if len(bases) == 1 and isinstance(bases[0], ExceptionType):
        return ExceptionType(name, bases[0])
    names = {base.name for base in bases if isinstance(base, (TypeValue, Special))}
    inherited = [base for base in bases if isinstance(base, TypeValue) and isinstance(base.schema, RecordType)]
    if names & {"Enum", "IntEnum", "StrEnum", "Flag"} or any(
        isinstance(base, TypeValue) and isinstance(base.schema, EnumType) for base in bases
    ):
        return _enumeration(name, names, rows)
    fields: list[Field] = []
    defaults: dict[str, Value] = {}
    for base in inherited:
        assert isinstance(base.schema, RecordType)
        fields += base.schema.fields
        make = base.make
        defaults.update(make.defaults if isinstance(make, _Maker) else {})
    for field_name, annotation, default in rows:
        if annotation is None:
            continue
        kind = schema_of(annotation)
        kind = AnyType() if kind is None else kind
        description = ""
        if isinstance(default, FieldSpec):
            kind, description = _limited(kind, default.limits), default.description
            default = default if default.factory is not None else default.default
        if default is not UNBOUND:
            defaults[field_name] = default
        # A model is told of no default that has a label, and has to say what is in the field.
        told = not (isinstance(default, FieldSpec) or default is UNBOUND) and deep(default) is TRUSTED_PUBLIC
        plain = unsafe_plain(default) if told else None
        made = Field(field_name, kind, not told and not isinstance(default, FieldSpec), plain, description)
        fields = [one for one in fields if one.name != field_name] + [made]
    typed_dict = "TypedDict" in names or any(
        base.schema.mapping for base in inherited if isinstance(base.schema, RecordType)
    )
    schema = RecordType(name, tuple(fields), mapping=typed_dict, description=doc)
    frozen = _is_true(options.get("frozen")) or (isinstance(decorator, _Decorator) and decorator.frozen)
    model = "BaseModel" in names or any(isinstance(base.make, _Maker) and base.make.model for base in inherited)
    maker = _Maker(schema, defaults, model=model, indexed="NamedTuple" in names, frozen=frozen)
    maker.ordered = isinstance(decorator, _Decorator) and decorator.ordered
    maker.names = frozenset(
        {name, *(n for base in inherited if isinstance(base.make, _Maker) for n in base.make.names)}
    )
    holds = (lambda raw: isinstance(raw, Dict)) if typed_dict else _record_test(name)
    members: dict[str, Value] = {}
    if model:
        members["model_validate"] = Builtin("model_validate", maker.validate)
        members["parse_obj"] = members["model_validate"]
    return TypeValue(name, maker, holds, schema, members)


def _record_test(name: str) -> Callable[[Value], bool]:
    def test(raw: Value) -> bool:
        return isinstance(raw, Record) and (raw.name == name or name in raw.kinds)

    return test


def _is_true(value: Value) -> bool:
    return value is True


@final
class _Decorator:
    """`dataclass`, perhaps with options."""

    __slots__ = ("frozen", "ordered")

    def __init__(self, frozen: bool = False, ordered: bool = False) -> None:
        self.frozen = frozen
        self.ordered = ordered


def dataclass_decorator(run: Run, *args: Value, **options: Value) -> Value:
    """`dataclass(...)`."""
    return _Decorator(_is_true(options.get("frozen")), _is_true(options.get("order")))


@final
class _Maker:
    """Constructs instances of a schema class."""

    def __init__(
        self, schema: RecordType, defaults: dict[str, Value], *, model: bool, indexed: bool, frozen: bool
    ) -> None:
        self.schema = schema
        self.defaults = defaults
        self.model = model
        self.indexed = indexed
        self.frozen = frozen
        self.ordered = False
        self.names: frozenset[str] = frozenset({schema.name})

    def __call__(self, run: Run, *args: Value, **keywords: Value) -> Value:
        name = self.schema.name
        given: dict[str, Value] = {}
        names = [field.name for field in self.schema.fields]
        if args and (self.model or self.schema.mapping):
            fail("TypeError", f"{name}() takes keyword arguments only")
        if len(args) > len(names):
            fail("TypeError", f"{name}() takes {len(names)} arguments but {len(args)} were given")
        given.update(zip(names, args, strict=False))
        for key, value in keywords.items():
            if key in given:
                fail("TypeError", f"{name}() got multiple values for argument '{key}'")
            if key not in names:
                fail("ValidationError" if self.model else "TypeError", f"{name}() got an unexpected field '{key}'")
            given[key] = value
        return self.build(run, given)

    def build(self, run: Run, given: dict[str, Value]) -> Value:
        fields: dict[str, Value] = {}
        missing: list[str] = []
        for field in self.schema.fields:
            if field.name in given:
                fields[field.name] = self.checked(run, field, given[field.name])
            elif field.name in self.defaults:
                fields[field.name] = self.default(run, field.name)
            elif not self.schema.mapping:
                missing.append(field.name)
        if missing:
            kind = "ValidationError" if self.model else "TypeError"
            fail(kind, f"{self.schema.name}() is missing: {', '.join(missing)}")
        if self.schema.mapping:
            return Dict(dict(fields.items()))
        made = Record(self.schema.name, fields, frozen=self.frozen or self.indexed)
        made.indexed = self.indexed
        made.kinds, made.ordered = self.names, self.ordered
        return made

    def default(self, run: Run, name: str) -> Value:
        found = self.defaults[name]
        if isinstance(found, FieldSpec):
            return apply(run, found.factory, ())
        return _copied(found)

    def checked(self, run: Run, field: Field, value: Value) -> Value:
        """A model checks its fields' types; the value keeps its labels."""
        if not self.model or isinstance(field.type, AnyType):
            return value
        from ringfence.schema import SchemaMismatch, validate

        value = settle_deep(value)
        try:
            plain = unsafe_plain(value)  # only whether it fits is used, and that under its label
            made = validate(field.type, plain)
        except SchemaMismatch:
            label = deep(value)
            if isinstance(field.type, EnumType) and isinstance(plain := unsafe_plain(value), (str, int)):
                for member, held in field.type.members:
                    if held == plain:
                        return with_label(EnumMember(field.type.name, member, held), label)
            fail("ValidationError", f"field '{field.name}' of {self.schema.name} has the wrong type", label)
        if run.tries:  # that it has the type is known from here on
            run.held(deep(value))
        if isinstance(made, float) and isinstance(plain, int):
            return with_label(made, deep(value))  # a model makes floats of integers where it declares floats
        return value

    def validate(self, run: Run, value: Value) -> Value:
        """`Model.model_validate({...})`."""
        from ringfence.lang.builtins.methods.dicts import pairs

        rows, label = pairs(run, value)
        names = {field.name for field in self.schema.fields}
        return with_label(self.build(run, {str(k): v for k, v in rows if k in names}), label)


def _copied(value: Value) -> Value:
    if type(value) is List:
        return List(list(value.items), value.label)
    if type(value) is Dict:
        return Dict(dict(value.items), value.label)
    if type(value) is Set:
        return Set(dict(value.items), value.label)
    return value


def _enumeration(name: str, bases: set[str], rows: tuple[tuple[str, Value, Value], ...]) -> Value:
    mixed = bool(bases & {"str", "int", "IntEnum", "StrEnum"})
    members: dict[str, Value] = {}
    known: list[tuple[str, str | int | float | bool | None]] = []
    count = 0
    for member, _, value in rows:
        plain = unsafe_plain(in_plan(value))
        if isinstance(plain, Auto):
            count += 1
            plain = member.lower() if "StrEnum" in bases else count
        elif isinstance(plain, int):
            count = plain
        if not (plain is None or isinstance(plain, (str, int, float, bool))):
            fail("TypeError", f"the value of {name}.{member} must be text or a number")
        text = str(plain) if bases & {"StrEnum", "IntEnum"} else None
        members[member] = EnumMember(name, member, plain, mixed, text)
        known.append((member, plain))
    schema = EnumType(name, tuple(known))

    def make(run: Run, value: Value) -> Value:
        raw = settle(value)
        label = deep(raw)
        plain = raw._value if type(raw) is Labeled else raw
        if isinstance(plain, EnumMember) and plain.enum == name:
            return value
        for found in members.values():
            assert isinstance(found, EnumMember)
            if found.value == plain and type(found.value) is type(plain):
                return with_label(found, label)
        fail("ValueError", f"not a valid {name}", label)

    return TypeValue(name, make, lambda raw: isinstance(raw, EnumMember) and raw.enum == name, schema, members)


@final
class Auto:
    """`auto()`."""

    __slots__ = ()


_TYPES: Final[dict[str, Type]] = {
    "Quote": Scalar("str", format="quote"),
    "str": Scalar("str"),
    "int": Scalar("int"),
    "float": Scalar("float"),
    "bool": Scalar("bool"),
    "bytes": Scalar("bytes"),
    "None": NONE,
    "Decimal": Scalar("Decimal"),
    "date": Scalar("date"),
    "datetime": Scalar("datetime"),
    "time": Scalar("time"),
    "timedelta": Scalar("timedelta"),
    "list": ListType(AnyType()),
    "tuple": ListType(AnyType(), kind="tuple"),
    "set": ListType(AnyType(), kind="set"),
    "frozenset": ListType(AnyType(), kind="frozenset"),
    "dict": DictType(AnyType(), AnyType()),
    "Any": AnyType(),
    "object": AnyType(),
    "EmailStr": Scalar("str", format="email"),
    "HttpUrl": Scalar("str", format="url"),
}


def builtin_type(name: str, make: Native | None, *kinds: type, members: Mapping[str, Value] | None = None) -> TypeValue:
    """A built-in type as a value; an instance is a raw value of one of `kinds`."""
    return TypeValue(name, make, lambda raw: isinstance(raw, kinds), _TYPES.get(name), members)


def annotation_names() -> dict[str, Value]:
    """The names of typing, pydantic, enum and dataclasses that a plan may use without an import."""
    made: dict[str, Value] = {}
    for (
        name
    ) in "List Dict Tuple Set FrozenSet Optional Union Literal Annotated Sequence Iterable Mapping Collection".split():
        made[name] = TypeValue(name, None, lambda raw: False, _TYPES.get(name.lower()))
    for name in ("Any", "EmailStr", "HttpUrl", "Quote"):
        made[name] = TypeValue(name, None, lambda raw: True, _TYPES[name])
    for name in ("BaseModel", "TypedDict", "Enum", "IntEnum", "StrEnum", "NamedTuple"):
        made[name] = Special(name)
    made["dataclass"] = Builtin("dataclass", dataclass_decorator)
    made["Field"] = Builtin("Field", field_spec)
    made["field"] = Builtin("field", field_spec)
    made["auto"] = Builtin("auto", lambda run: Auto())
    made["ConfigDict"] = Builtin("ConfigDict", lambda run, **options: None)
    return made
