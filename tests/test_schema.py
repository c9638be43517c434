"""Types: reading annotations, validating, rendering, crossing to and from a tool's own objects."""

import ast
import collections
import dataclasses
import datetime as dt
import enum
import json
import typing as t
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, EmailStr, Field, HttpUrl, PositiveInt

from ringfence import schema as s
from ringfence.core.errors import ConfigError
from ringfence.core.plain import Cycle, EnumMember, RecordData
from ringfence.core.values import List


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Size(enum.StrEnum):
    BIG = "big"


class Level(int, enum.Enum):
    LOW = 1


class Event(BaseModel):
    """Something that happens."""

    title: str
    start: dt.datetime
    seats: t.Annotated[int, Field(ge=1, lt=10, description="how many")] = 3
    tags: list[str] = Field(default_factory=list)
    link: HttpUrl | None = None
    colour: Colour = Colour.RED


@dataclasses.dataclass
class Trip:
    event: Event
    legs: tuple[int, ...] = ()
    cost: float = 1
    serial: int = dataclasses.field(default=7, init=False)


class Point(t.NamedTuple):
    x: int
    y: int = 0


class Options(t.TypedDict, total=False):
    depth: t.Required[int]
    name: str


class Node:
    pass


@dataclasses.dataclass
class Recursive:
    inner: "Recursive | None" = None


NOON = dt.datetime(2026, 11, 21, 12, 0)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (None, "None"),
        (int, "int"),
        (t.Any, "Any"),
        (object, "Any"),
        (int | None, "int | None"),
        (t.Optional[int], "int | None"),  # noqa: UP045
        (t.Union[int, str, None], "int | str | None"),  # noqa: UP007
        (list, "list[Any]"),
        (t.List, "list[Any]"),  # noqa: UP006
        (list[Event], "list[Event]"),
        (dict[str, list[Point]], "dict[str, list[Point]]"),
        (set[int], "set[int]"),
        (frozenset[int], "frozenset[int]"),
        (collections.deque[int], "deque[int]"),
        (tuple, "tuple[Any, ...]"),
        (tuple[()], "tuple[()]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (tuple[int, str], "tuple[int, str]"),
        (t.Sequence[int], "list[int] | tuple[int, ...]"),
        (t.Literal["a", 1, None], "Literal['a', 1, None]"),
        (Colour, "Colour"),
        (Options, "Options"),
        (EmailStr, "EmailStr"),
        (HttpUrl, "HttpUrl"),
        (PositiveInt, "int"),
        (t.NewType("Money", Decimal), "Decimal"),
        (t.Annotated[str, "a rule of somebody else"], "str"),
    ],
)
def test_annotations_read_and_render(annotation: object, text: str) -> None:
    assert s.render(s.type_of(annotation)) == text


@pytest.mark.parametrize(
    "annotation",
    [
        complex,
        "int",
        t.Callable,
        t.Callable[[int], str],
        print,
        t.TypeVar("T"),
        Node,
        Recursive,
        dt.tzinfo,
        t.Literal[b"x"],
        t.Annotated[int, Field(multiple_of=2)],
        t.Annotated[str, Field(ge=1)],
        t.Annotated[int, Field(min_length=1)],
        t.Annotated[str, Field(pattern="(a)\\1")],
        t.Annotated[Decimal, Field(gt=0)],
        t.Annotated[float, Field(le=float("nan"))],
        enum.Enum("Odd", {"A": (1, 2)}),
    ],
)
def test_what_is_not_data_is_refused_when_the_tool_is_declared(annotation: object) -> None:
    with pytest.raises(ConfigError) as caught:
        s.type_of(annotation)
    assert caught.value.code == "C502"


def test_bounds_become_inclusive() -> None:
    assert s.type_of(t.Annotated[int, Field(gt=3, lt=5)]) == s.Scalar("int", 4, 4)
    assert s.type_of(t.Annotated[int | None, Field(ge=3)]) == s.UnionType((s.Scalar("int", 3), s.Scalar("None")))
    above = s.type_of(t.Annotated[float, Field(gt=1.0)])
    assert s.validate(above, 1.0000000000000002) == 1.0000000000000002
    with pytest.raises(s.SchemaMismatch):
        s.validate(above, 1.0)


def test_bounds_inside_a_container_and_of_it() -> None:
    kind = s.type_of(t.Annotated[list[t.Annotated[str, Field(max_length=3)]], Field(min_length=1)])
    assert s.validate(kind, ["abc"]) == ["abc"]
    assert mismatch(kind, []) == ("", "list[str] with a length of at least 1")
    assert mismatch(kind, ["a", "abcd"]) == ("[1]", "str with a length of at most 3")


def mismatch(kind: s.Type, plain: object, *, coerce: bool = False) -> tuple[str, str]:
    with pytest.raises(s.SchemaMismatch) as caught:
        s.validate(kind, plain, coerce=coerce)
    return caught.value.path, caught.value.expected


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("annotation", "plain"),
    [
        (int, True),
        (bool, 1),
        (int, 1.0),
        (int, "1"),
        (float, True),
        (float, "1"),
        (float, 10**400),
        (str, Text("x")),
        (str, b"x"),
        (bytes, "x"),
        (dt.date, NOON),
        (dt.datetime, NOON.date()),
        (dt.date, "2026-11-21"),
        (Decimal, 1),
        (None, 0),
        (list[int], (1,)),
        (tuple[int, ...], [1]),
        (tuple[int, str], (1,)),
        (tuple[int, str], (1, "a", 2)),
        (set[int], [1]),
        (set[int], frozenset({1})),
        (dict[str, int], [("a", 1)]),
        (dict[str, int], {1: 1}),
        (t.Literal[1], True),
        (t.Literal["a"], "b"),
        (Colour, "RED"),
        (Colour, EnumMember("Other", "RED", "r")),
        (Colour, EnumMember("Colour", "GREEN", "r")),
        (Event, RecordData("Other", {"title": "x", "start": NOON})),
        (Options, RecordData("Options", {"depth": 1})),
        (t.Any, print),
        (t.Any, [1, Cycle()]),
        (t.Any, List([])),
        (t.Annotated[float, Field(ge=0)], float("nan")),
        (t.Annotated[Decimal, Field(ge=0)], Decimal("sNaN")),
        (t.Annotated[str, Field(pattern="^a+$")], "aa\n"),
        (t.Annotated[str, Field(pattern="^.*$")], "\ud800"),
    ],
)
def test_strict(annotation: object, plain: object) -> None:
    mismatch(s.type_of(annotation), plain)


@pytest.mark.parametrize(
    ("annotation", "plain", "expected"),
    [
        (float, 3, 3.0),
        (int, 10**40, 10**40),
        (int | str, "3", "3"),
        (Colour, "b", EnumMember("Colour", "BLUE", "b")),
        (Colour, EnumMember("Colour", "BLUE", "b"), EnumMember("Colour", "BLUE", "b")),
        (t.Sequence[int], (1,), (1,)),
        (t.Any, {"a": [1, (2, {3})]}, {"a": [1, (2, {3})]}),
        (Options, {"depth": 1}, {"depth": 1}),
        (Point, {"x": 1}, RecordData("Point", {"x": 1, "y": 0})),
    ],
)
def test_what_fits(annotation: object, plain: object, expected: object) -> None:
    found = s.validate(s.type_of(annotation), plain)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "plain", "expected"),
    [
        (dt.date, "2026-11-21", dt.date(2026, 11, 21)),
        (dt.datetime, "2026-11-21T12:00:00+01:00", NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=1)))),
        (dt.time, "09:30", dt.time(9, 30)),
        (dt.timedelta, "P1DT2H30M", dt.timedelta(days=1, hours=2, minutes=30)),
        (dt.timedelta, "-PT5S", dt.timedelta(seconds=-5)),
        (dt.timedelta, 90, dt.timedelta(seconds=90)),
        (Decimal, "12.50", Decimal("12.50")),
        (Decimal, 12.1, Decimal("12.1")),
        (bytes, "aGk=", b"hi"),
        (int, 3.0, 3),
        (set[int], [1, 1], {1}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (dict[int, str], {"3": "a"}, {3: "a"}),
        (int | dt.date, "2026-11-21", dt.date(2026, 11, 21)),
        (str | dt.date, "2026-11-21", "2026-11-21"),
    ],
)
def test_json_of_a_model_is_converted(annotation: object, plain: object, expected: object) -> None:
    found = s.validate(s.type_of(annotation), plain, coerce=True)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "plain"),
    [
        (int, "3"),
        (int, 3.5),
        (float, "3"),
        (bool, "true"),
        (bool, 1),
        (str, 3),
        (dt.date, "tomorrow"),
        (dt.datetime, "2026-11-21"),
        (dt.timedelta, "P"),
        (dt.timedelta, float("inf")),
        (dt.timedelta, "P999999999W"),
        (Decimal, "NaN"),
        (Decimal, float("nan")),
        (Decimal, "1" * 500),
        (Decimal, True),
        (bytes, "no base64!"),
        (dict[int, str], {"03": "a"}),
        (set[t.Any], [[1]]),
    ],
)
def test_conversion_does_not_guess(annotation: object, plain: object) -> None:
    mismatch(s.type_of(annotation), plain, coerce=True)


def test_the_path_says_where_and_never_what() -> None:
    good = {"title": "x", "start": NOON}
    kind = s.type_of(list[Event])
    assert mismatch(kind, [good, {"title": "SECRET"}]) == ("[1].start", "datetime, and it is missing")
    assert mismatch(kind, [{**good, "seats": 99}]) == ("[0].seats", "int of at least 1 of at most 9")
    assert mismatch(kind, [{**good, "colour": "SECRET"}]) == ("[0].colour", "Colour (RED, BLUE)")
    assert mismatch(kind, [{**good, "SECRET": 1}]) == (
        "[0]",
        "no fields but title, start, seats, tags, link, colour",
    )
    assert mismatch(s.type_of(dict[str, int]), {"SECRET": "SECRET"}) == (".values()[0]", "int")
    assert mismatch(s.type_of(dict[int, int]), {"SECRET": 1}) == (".keys()[0]", "int")
    assert mismatch(s.type_of(Event | None), {"title": 1}) == (".title", "str")
    assert mismatch(s.type_of(int | Event), {"title": "SECRET"}) == ("", "int | Event")


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_mismatch_is_the_same_whatever_the_data(plain: object) -> None:
    kind = s.type_of(Trip)
    first, second = mismatch(kind, plain), mismatch(kind, plain, coerce=True)
    assert first == second
    assert first[1] in ("Trip", "Event, and it is missing", "no fields but event, legs, cost, serial", "Event")


def test_members_of_mixed_enumerations_are_their_values_too() -> None:
    big = s.plain_of(Size.BIG)
    assert big == "big"
    assert s.validate(s.type_of(str), big) == "big"
    assert type(s.validate(s.type_of(str), big)) is str
    assert s.validate(s.type_of(int), s.plain_of(Level.LOW)) == 1
    found = s.validate(s.type_of(Size), "big")
    assert isinstance(found, EnumMember)
    assert (found.mixed, found.text) == (True, "big")
    assert s.to_python(Size, found) is Size.BIG
    level = s.validate(s.type_of(Level), 1)
    assert isinstance(level, EnumMember)
    assert (level.mixed, level.text) == (True, "Level.LOW")
    mismatch(s.type_of(str), s.plain_of(Colour.RED))
    types = [s.type_of(Size), s.type_of(Level)]
    assert [s.stub(kind).partition("\n")[0] for kind in s.named_types(types)] == [
        "class Size(StrEnum):",
        "class Level(int, Enum):",
    ]


def test_defaults_are_copied() -> None:
    kind = s.type_of(Event)
    one = s.validate(kind, {"title": "a", "start": NOON})
    two = s.validate(kind, {"title": "b", "start": NOON})
    assert isinstance(one, RecordData)
    assert isinstance(two, RecordData)
    assert one.fields["tags"] == []
    assert one.fields["tags"] is not two.fields["tags"]


def test_hostile_nesting_is_a_mismatch() -> None:
    deep: object = []
    for _ in range(100_000):
        deep = [deep]
    expected = ("", "at most 200 levels of nesting")
    assert mismatch(s.type_of(t.Any), deep) == expected
    assert mismatch(s.type_of(list[t.Any]), deep)[1] == expected[1]
    kind: s.Type = s.AnyType()
    for _ in range(300):
        kind = s.ListType(kind)
    assert mismatch(kind, deep)[1] == expected[1]
    with pytest.raises(TypeError, match="nested more than 200 levels"):
        s.plain_of(deep)
    while isinstance(deep, list) and deep:  # take it apart, so that freeing it does not recurse
        deep = deep.pop()


@pytest.mark.parametrize(
    "data", [Decimal("sNaN"), [Decimal("-sNaN")], {"a": Decimal("sNaN1")}, {Decimal(1): Decimal("sNaN")}]
)
def test_a_signalling_nan_is_no_data(data: object) -> None:
    with pytest.raises(TypeError, match="signalling NaN"):
        s.plain_of(data)
    assert str(s.plain_of(Decimal("NaN"))) == "NaN"


@pytest.mark.parametrize(
    "text", ["a@b.cd", "first.last+tag@sub.example.co", "o'neil@example.com", "x@xn--bcher-kva.example"]
)
def test_addresses(text: str) -> None:
    assert s.validate(s.type_of(EmailStr), text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b.cd",
        "a@b",
        "a@b.cd\n",
        "a@b.cd\r\nBcc: x@y.zz",
        "a b@c.de",
        " a@b.cd",
        '"a b"@c.de',
        "Ann <a@b.cd>",
        "<a@b.cd>",
        "a@b.cd, x@y.zz",
        "a@b.cd;x@y.zz",
        "a@b@c.de",
        "a..b@c.de",
        ".a@b.cd",
        "a.@b.cd",
        "a@-b.cd",
        "a@b-.cd",
        "a@b..cd",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@ex\u0430mple.com",
        "\u0430@example.com",
        "a\u200b@b.cd",
        "a\x00@b.cd",
        "a(comment)@b.cd",
        "a" * 65 + "@b.cd",
        "a@" + "b." * 130 + "cd",
    ],
)
def test_what_a_mail_program_could_read_differently_is_no_address(text: str) -> None:
    mismatch(s.type_of(EmailStr), text)


@pytest.mark.parametrize(
    "text", ["http://a.example/", "https://a.example:8443/x?y=1#z", "http://127.0.0.1:80/", "http://[::1]/"]
)
def test_web_addresses(text: str) -> None:
    assert s.validate(s.type_of(HttpUrl), text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a.example",
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://user@a.example/",
        "http://good.example@evil.example/",
        "http://a.example\\@b.example/",
        "http://a.example/ x",
        "http://a.example/\nx",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://ex\u0430mple.com/",
        "http://[::1/",
    ],
)
def test_what_is_no_web_address(text: str) -> None:
    mismatch(s.type_of(HttpUrl), text)


# A tool's own objects


def test_a_tools_objects_cross_and_come_back() -> None:
    trip = Trip(Event(title="x", start=NOON, link=HttpUrl("http://a.example/")), (1, 2))
    plain = s.plain_of(trip)
    assert plain == RecordData(
        "Trip",
        {
            "event": RecordData(
                "Event",
                {
                    "title": "x",
                    "start": NOON,
                    "seats": 3,
                    "tags": [],
                    "link": "http://a.example/",
                    "colour": EnumMember("Colour", "RED", "r"),
                },
            ),
            "legs": (1, 2),
            "cost": 1,
            "serial": 7,
        },
    )
    back = s.to_python(Trip, s.validate(s.type_of(Trip), plain))
    assert back == trip
    assert isinstance(back, Trip)
    assert type(back.event.link) is HttpUrl


@pytest.mark.parametrize(
    ("annotation", "plain", "expected"),
    [
        (Point, RecordData("Point", {"x": 1, "y": 2}), Point(1, 2)),
        (list[Point], [RecordData("Point", {"x": 1, "y": 2})], [Point(1, 2)]),
        (dict[str, Point], {"a": RecordData("Point", {"x": 1, "y": 2})}, {"a": Point(1, 2)}),
        (int | Point, RecordData("Point", {"x": 1, "y": 2}), Point(1, 2)),
        (tuple[int, Colour], (1, EnumMember("Colour", "RED", "r")), (1, Colour.RED)),
        (set[Colour], {EnumMember("Colour", "RED", "r")}, {Colour.RED}),
        (t.Annotated[Colour | None, "rule"], EnumMember("Colour", "RED", "r"), Colour.RED),
        (Options, {"depth": 1}, {"depth": 1}),
        (EmailStr, "a@b.cd", "a@b.cd"),
        (t.Any, [1], [1]),
    ],
)
def test_arguments_get_the_tools_own_classes(annotation: object, plain: object, expected: object) -> None:
    found = s.to_python(annotation, plain)
    assert found == expected
    assert type(found) is type(expected)


def test_results_are_copies() -> None:
    inner = [1]
    plain = s.plain_of({"a": inner, "b": collections.deque([inner], 5)})
    inner.append(2)
    assert plain == {"a": [1], "b": collections.deque([[1]], 5)}


class Oddzone(dt.tzinfo):
    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(hours=2)

    def tzname(self, moment: dt.datetime | None) -> str:
        return "SECRET"

    def dst(self, moment: dt.datetime | None) -> None:
        return None


def test_a_foreign_time_zone_becomes_its_offset() -> None:
    found = s.plain_of(NOON.replace(tzinfo=Oddzone()))
    assert isinstance(found, dt.datetime)
    assert found.tzinfo == dt.timezone(dt.timedelta(hours=2))
    kept = NOON.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert s.plain_of(kept) is kept


@pytest.mark.parametrize(
    "obj", [Text("x"), print, Node(), Node, object(), iter([]), {1: print}, [Text("x")], range(3), memoryview(b"x"), 1j]
)
def test_what_a_tool_may_not_return(obj: object) -> None:
    with pytest.raises(TypeError):
        s.plain_of(obj)


def test_an_object_inside_itself_is_not_data() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(TypeError, match="inside itself"):
        s.plain_of(loop)


# Text and JSON schema


def test_stubs() -> None:
    types = s.named_types([s.type_of(Trip), s.type_of(list[Event]), s.type_of(Options)])
    assert [kind.name for kind in types] == ["Colour", "Event", "Trip", "Options"]
    assert "\n\n".join(map(s.stub, types)) == (
        """class Colour(Enum):
    RED = 'r'
    BLUE = 'b'

class Event(BaseModel):
    \"\"\"Something that happens.\"\"\"
    title: str
    start: datetime
    seats: int = 3  # of at least 1; of at most 9; how many
    tags: list[str] = []
    link: HttpUrl | None = None
    colour: Colour = Colour.RED

class Trip(BaseModel):
    event: Event
    legs: tuple[int, ...] = ()
    cost: float = 1
    serial: int = 7

class Options(TypedDict):
    depth: int
    name: NotRequired[str]"""
    )


def test_a_description_cannot_break_out_of_its_comment() -> None:
    field = s.Field("a", s.Scalar("int"), description='x\nimport os  """')
    stub = s.stub(s.RecordType("R", (field,), description='ends with """\nclass X: pass"'))
    (cls,) = ast.parse(stub).body
    assert isinstance(cls, ast.ClassDef)
    assert [type(part) for part in cls.body] == [ast.Expr, ast.AnnAssign]


def test_json_schema_closes_every_object() -> None:
    assert s.json_schema(s.type_of(Point)) == {
        "title": "Point",
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x", "y"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "annotation",
    [
        int,
        t.Annotated[int, Field(ge=1, le=5)],
        t.Annotated[str, Field(min_length=1, max_length=9, pattern="^a")],
        list[int | None],
        t.Annotated[list[str], Field(min_length=2)],
        tuple[int, str],
        dict[str, float],
        t.Literal["a", 1],
        dt.datetime,
        dt.timedelta,
        bytes,
        EmailStr,
        HttpUrl,
        t.Any,
    ],
)
def test_json_schema_and_back(annotation: object) -> None:
    kind = s.type_of(annotation)
    again = json.loads(json.dumps(s.json_schema(kind)))
    assert s.from_json_schema(again) == kind


def test_json_schema_of_a_tool_of_another_server() -> None:
    kind = s.from_json_schema(
        {
            "title": "searchArguments",
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "what to find"},
                "limit": {"type": ["integer", "null"], "minimum": 1, "default": None},
                "where": {"$ref": "#/$defs/Place"},
            },
            "required": ["query"],
            "$defs": {"Place": {"type": "object", "properties": {"inner": {"$ref": "#/$defs/Place"}}}},
        }
    )
    assert isinstance(kind, s.RecordType)
    assert [field.name for field in kind.fields] == ["query", "limit", "where"]
    assert s.validate(kind, {"query": "x", "limit": 3, "where": {"inner": [1]}}) == {
        "query": "x",
        "limit": 3,
        "where": {"inner": [1]},
    }
    assert mismatch(kind, {"query": "x", "limit": 0}) == (".limit", "int of at least 1")


def test_names_that_are_no_names_of_python_stay_in_quotes() -> None:
    kind = s.from_json_schema({"title": "Odd", "type": "object", "properties": {"a-b: x": {"type": "string"}}})
    assert s.render(kind) == "{'a-b: x': str}"
    assert s.named_types([kind]) == ()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "multipleOf": 2},
        {"not": {"type": "string"}},
        {"type": "thing"},
        {"type": "string", "pattern": "(?=a)"},
        {"type": "string", "minLength": "3"},
        {"type": "array", "prefixItems": [{}]},
        {"type": "object", "patternProperties": {}},
        {"$ref": "http://elsewhere.example/schema"},
        {"$ref": "#/$defs/None"},
        {"enum": []},
        {"enum": [1.5]},
        {"anyOf": []},
        {"allOf": [{}, {}]},
        {"properties": []},
        False,
    ],
)
def test_a_keyword_without_a_rule_is_refused(schema: t.Any) -> None:
    with pytest.raises(ConfigError):
        s.from_json_schema(schema)


def test_a_deep_schema_is_refused() -> None:
    schema: dict[str, object] = {}
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(ConfigError):
        s.from_json_schema(schema)
    while schema:
        schema = schema.pop("items")  # type: ignore[assignment]
        schema.pop("type", None)
        schema = schema if "items" in schema else {}
