"""Classes, as models write them to describe data: models, typed dicts, dataclasses, named tuples, enumerations.

Its one rule: a class in a plan describes data and nothing else; it holds fields, no code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import EnumMember, Plain
from ringfence.core.values import Dict, Labeled, Record, Value, unsafe_plain, with_label
from ringfence.lang.builtins.abstract import named
from ringfence.lang.builtins.fields import FieldSpec, field_spec, limited
from ringfence.lang.builtins.instances import Maker, of_named_tuple
from ringfence.lang.builtins.schemas import BY_NAME, Special, in_plan, is_ellipsis, schema_of
from ringfence.lang.objects import UNBOUND, Builtin, TypeValue, deep, settle
from ringfence.lang.raised import ExceptionType, fail
from ringfence.schema import AnyType, EnumType, Field, RecordType

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


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
        enumeration = _enumeration(name, names, rows)
        assert enumeration.make is not None
        run.classes[name] = enumeration.make
        return enumeration
    fields: list[Field] = []
    defaults: dict[str, Value] = {}
    for base in inherited:
        assert isinstance(base.schema, RecordType)
        fields += base.schema.fields
        make = base.make
        defaults.update(make.defaults if isinstance(make, Maker) else {})
    for field_name, annotation, default in rows:
        if annotation is None:
            continue
        kind = schema_of(annotation)
        kind = AnyType() if kind is None else kind
        description = ""
        if isinstance(default, FieldSpec):
            kind, description = limited(kind, default.limits), default.description
            default = default if default.factory is not None else default.default
        default = UNBOUND if is_ellipsis(default) else default
        if default is not UNBOUND:
            defaults[field_name] = default
        # A model is told of no default that has a label, and has to say what is in the field.
        told = isinstance(default, FieldSpec) or (default is not UNBOUND and deep(default) is TRUSTED_PUBLIC)
        made = Field(field_name, kind, not told, _plain_default(default) if told else None, description)
        fields = [one for one in fields if one.name != field_name] + [made]
    typed_dict = "TypedDict" in names or any(
        base.schema.mapping for base in inherited if isinstance(base.schema, RecordType)
    )
    schema = RecordType(name, tuple(fields), mapping=typed_dict, description=doc)
    frozen = _is_true(options.get("frozen")) or (isinstance(decorator, _Decorator) and decorator.frozen)
    model = "BaseModel" in names or any(isinstance(base.make, Maker) and base.make.model for base in inherited)
    maker = Maker(schema, defaults, model=model, indexed="NamedTuple" in names, frozen=frozen)
    maker.ordered = isinstance(decorator, _Decorator) and decorator.ordered
    maker.by_name = isinstance(decorator, _Decorator) and decorator.by_name
    own = (name, "BaseModel") if model else (name,)
    maker.names = frozenset({*own, *(n for base in inherited if isinstance(base.make, Maker) for n in base.make.names)})
    holds = (lambda raw: isinstance(raw, Dict)) if typed_dict else _record_test(name)
    members: dict[str, Value] = {}
    if not (typed_dict or maker.indexed):
        run.classes[name] = maker.validate
    if model:
        members["model_validate"] = Builtin("model_validate", maker.validate)
        members["parse_obj"] = members["model_validate"]
    if maker.indexed:
        members.update(of_named_tuple([field.name for field in schema.fields], maker))
    return TypeValue(name, maker, holds, schema, members)


def _plain_default(default: Value) -> Plain:
    """The default as it stands in the description for a model: what `default_factory=list` makes, too."""
    if isinstance(default, FieldSpec):
        makes = default.factory.name if isinstance(default.factory, TypeValue) else ""
        return [] if makes == "list" else {} if makes == "dict" else None
    return unsafe_plain(default)


def _record_test(name: str) -> Callable[[Value], bool]:
    def test(raw: Value) -> bool:
        return isinstance(raw, Record) and (raw.name == name or name in raw.kinds)

    return test


def _is_true(value: Value) -> bool:
    return value is True


@final
class _Decorator:
    """`dataclass`, perhaps with options."""

    __slots__ = ("by_name", "frozen", "ordered")

    def __init__(self, frozen: bool = False, ordered: bool = False, by_name: bool = False) -> None:
        self.frozen = frozen
        self.ordered = ordered
        self.by_name = by_name


def dataclass_decorator(run: Run, *args: Value, **options: Value) -> Value:
    """`dataclass(...)`."""
    return _Decorator(*(_is_true(options.get(name)) for name in ("frozen", "order", "kw_only")))


def _enumeration(name: str, bases: set[str], rows: tuple[tuple[str, Value, Value], ...]) -> TypeValue:
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
    schema = EnumType(name, tuple(known), mixed, bool(bases & {"StrEnum", "IntEnum"}))

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


def annotation_names() -> dict[str, Value]:
    """The names of typing, pydantic, enum and dataclasses that a plan may use without an import."""
    made: dict[str, Value] = {}
    for (
        name
    ) in "List Dict Tuple Set FrozenSet Optional Union Literal Annotated Sequence Iterable Mapping Collection".split():
        made[name] = named(name, BY_NAME.get(name.lower()))
    for name in ("Any", "EmailStr", "HttpUrl", "Quote"):
        made[name] = named(name, BY_NAME[name])
    for name in ("BaseModel", "TypedDict", "Enum", "IntEnum", "StrEnum", "NamedTuple", "Ellipsis"):
        made[name] = Special(name)
    made["dataclass"] = Builtin("dataclass", dataclass_decorator)
    made["Field"] = Builtin("Field", field_spec)
    made["field"] = Builtin("field", field_spec)
    made["auto"] = Builtin("auto", lambda run: Auto())
    made["ConfigDict"] = Builtin("ConfigDict", lambda run, **options: None)
    return made
