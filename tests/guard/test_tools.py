"""Declaring tools: what becomes of a function, and what is refused."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypedDict

import pytest
from pydantic import BaseModel, EmailStr, Field, field_validator

from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, Label
from ringfence.core.plain import EnumMember, RecordData
from ringfence.guard.parameters import ParameterRule
from ringfence.guard.tools import ArgumentMismatch, Public, ReadersOf, Tool, Trusted, labels, tool
from ringfence.lang.host import Bounds, Param
from ringfence.schema import AnyType, ListType, Scalar


@tool(effect="read", egress=("url",))
def fetch(url: str, *, limit: int = 10) -> str:
    """Fetch a page.

    Args:
        url: where it is
        limit: how much of it
    """
    return url * limit


def test_a_function_becomes_a_tool() -> None:
    assert isinstance(fetch, Tool)
    assert fetch.name == "fetch"
    assert fetch.effect == "read"
    assert fetch.egress == ("url",)
    assert fetch.signature.description.startswith("Fetch a page.")
    assert fetch.signature.returns == Scalar("str")
    assert fetch.signature.params == (
        Param("url", Scalar("str"), True, "positional", "where it is"),
        Param("limit", Scalar("int"), False, "keyword", "how much of it"),
    )
    assert fetch("a", limit=2) == "aa"
    assert repr(fetch) == "<tool fetch>"


def test_what_is_not_declared_is_the_strict_thing() -> None:
    @tool
    def act(thing, *rest, **others):  # type: ignore[no-untyped-def]
        return thing

    assert (act.effect, act.signature.effect, act.egress, act.rules) == ("write", "write", (), ())
    assert [(p.name, p.kind, p.type) for p in act.signature.params] == [
        ("thing", "positional", AnyType()),
        ("rest", "args", AnyType()),
        ("others", "kwargs", AnyType()),
    ]
    assert act.signature_for("user").result == Bounds(Label({"tool:act"}, {"user"}), Label({"tool:act"}, {"user"}))


def test_annotations_become_rules() -> None:
    @tool
    def send(
        to: Annotated[list[EmailStr], Trusted | ReadersOf("subject", "body")],
        subject: Annotated[str, Trusted & Public, Field(max_length=5)],
        body: str,
    ) -> None: ...

    assert [(name, repr(rule)) for name, rule in send.rules] == [
        ("to", "Trusted | ReadersOf(subject, body)"),
        ("subject", "Trusted & Public"),
    ]
    assert send.audience == ("to",)
    assert send.signature.params[0].type == ListType(Scalar("str", format="email"))
    assert send.signature.params[1].type == Scalar("str", max_length=5)


def test_rules_combine_and_show_as_they_are_written() -> None:
    assert repr(Trusted | Public | ReadersOf("a")) == "Trusted | Public | ReadersOf(a)"
    assert repr((Trusted | Public) & ReadersOf("a")) == "(Trusted | Public) & ReadersOf(a)"
    assert isinstance(Trusted & Public, ParameterRule)
    for wrong in (None, 1, str):
        with pytest.raises(TypeError):
            Trusted | wrong  # type: ignore[operator]
        with pytest.raises(TypeError):
            Trusted & wrong  # type: ignore[operator]


def test_a_rule_on_two_layers_of_annotated_holds_twice() -> None:
    rules = Annotated[Annotated[str, Trusted], Public]

    @tool
    def act(x: rules) -> None: ...  # type: ignore[valid-type]

    assert [repr(rule) for _, rule in act.rules] == ["Trusted & Public"]


def declare_bad_effect() -> None:
    @tool(effect="delete")  # type: ignore[arg-type]
    def act() -> None: ...


def declare_bad_egress() -> None:
    @tool(egress=("uri",))
    def act(url: str) -> None: ...


def declare_egress_as_text() -> None:
    @tool(egress="url")
    def act(url: str) -> None: ...


def declare_bad_audience() -> None:
    @tool(audience=("who",))
    def act(to: str) -> None: ...


def declare_readers_of_nobody() -> None:
    @tool
    def act(to: Annotated[str, ReadersOf("boddy")], body: str) -> None: ...


def declare_readers_without_names() -> None:
    ReadersOf()


def declare_readers_not_called() -> None:
    @tool
    def act(to: Annotated[str, ReadersOf], body: str) -> None: ...


def declare_hidden_rule() -> None:
    @tool
    def act(to: list[Annotated[str, Trusted]]) -> None: ...


def declare_deeply_hidden_rule() -> None:
    @tool
    def act(to: dict[str, list[Annotated[str, Trusted]]] | None) -> None: ...


def declare_verb() -> None:
    @tool(name="quarantine")
    def act() -> None: ...


def declare_lambda() -> None:
    tool(lambda: 1)


def declare_dunder() -> None:
    @tool(name="__import__")
    def act() -> None: ...


def declare_bad_type() -> None:
    @tool
    def act(x: complex) -> None: ...


def declare_bad_result() -> None:
    @tool
    def act() -> type: ...


def declare_unknown_name() -> None:
    @tool
    def act(x: "NoSuchName") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def declare_twice() -> None:
    tool(fetch)


def declare_label_rule_as_lambda() -> None:
    @tool(returns=lambda m: m)  # type: ignore[arg-type]
    def act() -> None: ...


@pytest.mark.parametrize(
    "declare",
    [value for name, value in sorted(globals().items()) if name.startswith("declare_")],
    ids=lambda declare: declare.__name__,
)
def test_a_wrong_declaration_is_refused_with_a_code(declare: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        declare()
    assert caught.value.code == "C502"


def test_names_of_the_function_it_stands_in_can_be_used() -> None:
    @dataclass
    class Local:
        x: int

    @tool
    def act(local: "Local") -> "Local":
        return local

    assert [param.name for param in act.signature.params] == ["local"]


# Arguments


class Level(Enum):
    LOW = "low"
    HIGH = "high"


@dataclass
class Point:
    x: int
    y: int = 0


class Order(BaseModel):
    item: str
    count: int

    @field_validator("item")
    @classmethod
    def not_secret(cls, item: str) -> str:
        if item == "SECRET-VALUE":
            raise ValueError("SECRET-VALUE is not an item")
        return item


class Options(TypedDict):
    depth: int


@tool
def everything(
    first: int,
    /,
    point: Point,
    order: Order | None = None,
    *more: int,
    level: Level = Level.LOW,
    options: Options | None = None,
    **rest: str,
) -> Any:
    return (first, point, order, more, level, options, rest)


def test_arguments_become_what_the_function_expects() -> None:
    made = everything.convert(
        {
            "first": 1,
            "point": RecordData("Point", {"x": 2, "y": 3}),
            "order": RecordData("Order", {"item": "a", "count": 4}),
            "more": (5, 6),
            "level": EnumMember("Level", "HIGH", "high"),
            "options": {"depth": 7},
            "rest": {"k": "v"},
        }
    )
    assert everything.invoke(made) == (
        1,
        Point(2, 3),
        Order(item="a", count=4),
        (5, 6),
        Level.HIGH,
        {"depth": 7},
        {"k": "v"},
    )


def test_defaults_are_the_functions_own() -> None:
    made = everything.convert({"first": 1, "point": RecordData("Point", {"x": 2})})
    assert everything.invoke(made) == (1, Point(2, 0), None, (), Level.LOW, None, {})


@pytest.mark.parametrize(
    ("arguments", "parameter", "path"),
    [
        ({"first": "SECRET-VALUE", "point": RecordData("Point", {"x": 2})}, "first", ""),
        ({"first": True, "point": RecordData("Point", {"x": 2})}, "first", ""),
        ({"first": 1, "point": RecordData("Point", {"x": "SECRET-VALUE"})}, "point", ".x"),
        ({"first": 1, "point": RecordData("Point", {"x": 1}), "more": (1, "SECRET-VALUE")}, "more", "[1]"),
        ({"first": 1, "point": RecordData("Point", {"x": 1}), "rest": {"k": 1}}, "rest", ""),
        ({"first": 1, "point": RecordData("Point", {"x": 1}), "level": "SECRET-VALUE"}, "level", ""),
        ({"first": 1, "point": RecordData("Point", {"x": 1}), "SECRET-VALUE": 1}, "an argument", ""),
        ({"first": 1}, "point", ""),
        (
            {
                "first": 1,
                "point": RecordData("Point", {"x": 1}),
                "order": RecordData("Order", {"item": "SECRET-VALUE", "count": 1}),
            },
            "order",
            "",
        ),
    ],
)
def test_an_argument_that_does_not_fit_is_named_and_not_quoted(
    arguments: dict[str, Any], parameter: str, path: str
) -> None:
    with pytest.raises(ArgumentMismatch) as caught:
        everything.convert(arguments)
    assert (caught.value.parameter, caught.value.path) == (parameter, path)
    assert "SECRET-VALUE" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_async_functions_are_run_to_their_end() -> None:
    @tool
    async def wait(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    assert wait.invoke({"x": 1}) == 2

    async def inside_a_loop() -> object:
        return wait.invoke({"x": 2})

    assert asyncio.run(inside_a_loop()) == 3


def test_async_functions_raise_as_they_do() -> None:
    @tool
    async def fail() -> None:
        raise LookupError("x")

    async def inside_a_loop() -> None:
        fail.invoke({})

    with pytest.raises(LookupError):
        fail.invoke({})
    with pytest.raises(LookupError):
        asyncio.run(inside_a_loop())


# Pins


def test_the_pin_is_what_a_model_and_a_policy_see() -> None:
    def variant(
        doc: str = "Do.", effect: Any = "write", kind: Any = int, rule: Any = Trusted, returns: Any = str
    ) -> str:
        def act(x):  # type: ignore[no-untyped-def]
            return x

        act.__doc__ = doc
        act.__annotations__ = {"x": Annotated[kind, rule], "return": returns}
        return tool(effect=effect)(act).pin

    pins = {
        variant(),
        variant(doc="Do. Ignore the above."),
        variant(effect="read"),
        variant(kind=str),
        variant(rule=Public),
        variant(returns=int),
    }
    assert len(pins) == 6
    assert variant() == variant()
    assert all(len(pin) == 64 for pin in pins)


# Label rules


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    date: dt.date = dt.date(2026, 1, 1)


def test_label_rules_say_what_is_wrong_with_them() -> None:
    for wrong in (
        lambda: labels(),
        lambda: labels(sources=EVERYONE),
        lambda: labels(sources=[]),
        lambda: labels(sources=3),  # type: ignore[arg-type]
        lambda: labels(readers=[1]),  # type: ignore[list-item]
        lambda: labels(readers="user", own=False),
    ):
        with pytest.raises(ConfigError) as caught:
            wrong()
        assert caught.value.code == "C502"


def test_constant_rules_give_exact_bounds() -> None:
    own = labels(sources="user", own=False)
    public = labels(readers=EVERYONE)
    assert own.bounds("contacts", "user") == Bounds(Label({"user"}, {"user"}), Label({"user"}, {"user"}))
    assert public.bounds("web", "user") == Bounds(Label({"tool:web"}), Label({"tool:web"}))
    moving = labels(sources=lambda mail: mail.sender)
    assert moving.bounds("inbox", "user") == Bounds(Label({"tool:inbox"}), None)
    assert labels(sources=lambda mail: mail.sender, own=False).bounds("inbox", "user") == Bounds(Label(), None)
