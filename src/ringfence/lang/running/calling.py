"""Calling things: functions of the plan, built-ins, types, bound methods, tools and verbs.

Its one rule: a call through a labelled reference happens under that label, and its result carries it. Only
`Run.call_host` reaches the world, and only from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import QuarantineError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Record, Value, type_name, with_label
from ringfence.lang.host import SchemaValue, Signature
from ringfence.lang.iteration import collect
from ringfence.lang.objects import BoundMethod, Builtin, Function, Native, ToolValue, TypeValue, deep, label_of, settle
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail
from ringfence.schema.stored import type_text

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

NO_KEYWORDS: Final[Mapping[str, Value]] = {}


def apply(
    run: Run, function: Value, args: tuple[Value, ...], keywords: Mapping[str, Value] = NO_KEYWORDS, region: int = 0
) -> Value:
    """Call a value. `region` is what the choice of the function decides about, where that is known."""
    if type(function) is Function:
        return run.invoke(function, args, keywords)
    function = settle(function)
    if type(function) is Labeled:
        saved = run.begin(function, region)
        return run.end(saved, apply(run, function._value, args, keywords, region))
    if isinstance(function, Function):
        return run.invoke(function, args, keywords)
    if isinstance(function, Builtin):
        builtin = function

        def call_back(*values: Value) -> Value:
            return call_native(run, builtin.name, builtin.native, (*builtin.bound, *args), keywords)

        values = (*args, *keywords.values())
        return run.call_at(region, call_back, *values) if region else run.listened(call_back, *values)
    if isinstance(function, BoundMethod):
        made = _call_bound(run, function, args, keywords, region)
        if made is None and run.tries:
            run.did(function.name, function.receiver)
        return made
    if isinstance(function, TypeValue) and function.make is not None:
        return call_native(run, function.name, function.make, args, keywords)
    if isinstance(function, ToolValue):
        return call_tool(run, function.number, function.name, args, keywords)
    if isinstance(function, ExceptionType):
        if keywords:
            fail("TypeError", f"{function.name}() takes no keyword arguments")
        return ExceptionValue(function, args, run.pc)
    fail("TypeError", f"'{type_name(function)}' object is not callable", label_of(function))


def _call_bound(
    run: Run, method: BoundMethod, args: tuple[Value, ...], keywords: Mapping[str, Value], region: int
) -> Value:
    """Call a bound method. One with a key calls that as often as its receiver says."""
    if not region:
        return call_method(run, method.name, method.native, method.receiver, args, keywords)

    def call_back(*_: Value) -> Value:
        return call_method(run, method.name, method.native, method.receiver, args, keywords)

    if "key" in keywords:
        return run.call_at(region, call_back, method.receiver, *args, *keywords.values())
    made: Value = run.using(region, call_back)
    return made


def call_native(
    run: Run, name: str, native: Native, args: tuple[Value, ...], keywords: Mapping[str, Value] = NO_KEYWORDS
) -> Value:
    """Call a built-in; arguments that do not fit its parameters are the plan's TypeError."""
    try:
        return native(run, *args, **keywords)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            fail("TypeError", f"{name}(){why_not(native, args, keywords)}")
        raise


def call_method(
    run: Run, name: str, native: Native, receiver: Value, args: tuple[Value, ...], keywords: Mapping[str, Value]
) -> Value:
    """Call a method that was found on the receiver: that it fails as it does depends on which object that is."""
    try:
        return call_native(run, name, native, (receiver, *args), keywords)
    except Raised as error:
        if type(receiver) is Labeled:
            error.label = error.label.join(receiver.label)
        raise


def why_not(native: Native, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> str:
    """Why a call does not fit a built-in. Names and counts of arguments are in it, and no value."""
    from ringfence.lang.checking.shapes import shape_of_native

    shape = shape_of_native(native)
    wrong = None if shape is None else shape.refuses((None, *args), keywords)
    return " got the wrong arguments" if wrong is None else f": {wrong}"


def call_builtin(run: Run, function: Value, *args: Value, **keywords: Value) -> Value:
    """A built-in named in the plan, with keyword arguments."""
    return apply(run, function, args, keywords)


def starred(
    run: Run,
    region: int,
    function: Callable[..., Value],
    first: tuple[object, ...],
    rows: tuple[tuple[bool, Value], ...],
    named: tuple[tuple[str | None, Value], ...],
) -> Value:
    """A call with `*values` or `**values`: it happens under the label of how many there are and of their names.

    `function(run, *first, args, keywords)` makes the call. Its result, and a failure of it, carry that label.
    """
    label = TRUSTED_PUBLIC
    args: list[Value] = []
    calling, run.calling = run.calling, region
    for spread, value in rows:
        if spread:
            unfit = f"argument after * must be an iterable, not {type_name(settle(value))}"
            parts, shape = collect(run, value, unfit)
            label = label.join(shape)
            args += [with_label(part, shape) for part in parts]
        else:
            args.append(value)
    run.calling = calling
    keywords: dict[str, Value] = {}
    for name, value in named:
        if name is not None:
            found: dict[str, Value] = {name: value}
        else:
            found, shape = keywords_of(value)
            label = label.join(shape)
        for key, part in found.items():
            if key in keywords:
                fail("TypeError", f"got multiple values for keyword argument '{key}'", label)
            keywords[key] = part
    if label is TRUSTED_PUBLIC:
        return function(run, *first, tuple(args), keywords)
    pc = run.pc
    run.raise_pc(label, region)
    try:
        result = function(run, *first, tuple(args), keywords)
    except Raised as error:  # the exception may be one that was there before: who catches it gets the label with it
        raise Raised(error.value, error.label.join(label)) from error
    run.back(pc)
    return with_label(settle(result), label)


def keywords_of(value: Value) -> tuple[dict[str, Value], Label]:
    """`**value` in a call, and the label of its keys."""
    value = settle(value)
    raw = value._value if type(value) is Labeled else value
    if not isinstance(raw, Dict):
        fail("TypeError", f"argument after ** must be a mapping, not {type_name(value)}", label_of(value))
    from ringfence.lang.mappings import entries

    label = label_of(value)
    made: dict[str, Value] = {}
    for key, part in entries(raw).items():
        if not isinstance(key, str):
            fail("TypeError", "keywords must be strings", label)
        made[key] = with_label(part, label)
    return made, label


# Tools and verbs


def call_tool(run: Run, number: int, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """Bind the arguments of a tool or verb and hand the call to the host."""
    if name == "quarantine":
        return run.call_host(number, name, _quarantine(args, keywords))
    if name == "quarantine_each":
        return _quarantine_each(run, number, args, keywords)
    signature = run.signatures.get(name)
    if signature is None:
        fail("NameError", f"name '{name}' is not defined")
    return run.call_host(number, name, _typed(signature, bind(signature, args, keywords)))


def _typed(signature: Signature, arguments: dict[str, Value]) -> dict[str, Value]:
    """The arguments, with the text of the type for each parameter that takes one."""
    for param in signature.params:
        if param.names_type and param.name in arguments:
            arguments[param.name] = type_text(schema_argument(arguments[param.name]).type)
    return arguments


def written(signature: Signature | None, args: int, keywords: tuple[str | None, ...]) -> tuple[str, ...] | None:
    """The parameters of the arguments of a call, as it is written, in their order; None if only `bind` can tell."""
    if signature is None or any(param.names_type or param.kind in ("args", "kwargs") for param in signature.params):
        return None
    names = [param.name for param in signature.params if param.kind == "positional"][:args]
    found = (*names, *(name for name in keywords if name is not None))
    needed = {param.name for param in signature.params if param.required}
    known = {param.name for param in signature.params}
    fits = len(found) == args + len(keywords) == len(set(found)) and needed <= set(found) <= known
    return found if fits else None


def bind(signature: Signature, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> dict[str, Value]:
    """Arguments by parameter name, omitted defaults left out. Raises the plan's TypeError as Python would."""
    bound: dict[str, Value] = {}
    positional = [param for param in signature.params if param.kind == "positional"]
    rest = next((param for param in signature.params if param.kind == "args"), None)
    for param, value in zip(positional, args, strict=False):
        bound[param.name] = value
    extra = args[len(positional) :]
    if extra and rest is None:
        fail("TypeError", f"{signature.name}() takes {len(positional)} positional arguments but {len(args)} were given")
    if rest is not None and extra:
        bound[rest.name] = extra
    named = {param.name for param in signature.params if param.kind in ("positional", "keyword")}
    loose = next((param for param in signature.params if param.kind == "kwargs"), None)
    others: dict[Value, Value] = {}
    for name, value in keywords.items():
        if name in bound:
            fail("TypeError", f"{signature.name}() got multiple values for argument '{name}'")
        if name in named:
            bound[name] = value
        elif loose is not None:
            others[name] = value
        else:
            fail("TypeError", f"{signature.name}() got an unexpected keyword argument '{name}'")
    if loose is not None and others:
        bound[loose.name] = Dict(others)
    missing = [
        p.name for p in signature.params if p.required and p.name not in bound and p.kind in ("positional", "keyword")
    ]
    if missing:
        fail("TypeError", f"{signature.name}() missing required arguments: {', '.join(missing)}")
    return bound


def _quarantine(args: tuple[Value, ...], keywords: Mapping[str, Value]) -> dict[str, Value]:
    named = dict(keywords)
    returns = named.pop("returns", None)
    if "instruction" in named:
        args = (named.pop("instruction"), *args)
    if "data" in named:
        args = (*args, named.pop("data"))
    if named:
        fail("TypeError", f"quarantine() got an unexpected keyword argument '{next(iter(named))}'")
    if not args:
        fail("TypeError", "quarantine() needs an instruction")
    return {"instruction": args[0], "data": tuple(args[1:]), "returns": schema_argument(returns)}


def _quarantine_each(run: Run, number: int, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    named = dict(keywords)
    returns = schema_argument(named.pop("returns", None))
    values = [*args]
    for name in ("instruction", "items"):
        if name in named:
            values.append(named.pop(name))
    if named or len(values) != 2:
        fail("TypeError", "quarantine_each() takes an instruction, the items and returns=")
    items, label = collect(run, values[1])
    pc = run.pc
    run.pc = pc.join(label)
    results: list[Value] = []
    mark = len(run.promises)
    for item in items:
        arguments: dict[str, Value] = {"instruction": values[0], "data": (item,), "returns": returns}
        results.append(_one(lambda call=arguments: run.call_host(number, "quarantine", call, told=False)))
    del run.promises[mark:]  # all are waited for, and those that fail stand in their places
    run.in_order()
    made = [_one(lambda result=result: settle(result)) for result in results]
    run.back(pc)
    return List(made, label) if label is TRUSTED_PUBLIC else Labeled(List(made, label), label)


def _one(work: object) -> Value:
    assert callable(work)
    try:
        result: Value = work()
    except Raised as error:
        if error.value.type is not EXCEPTIONS["QuarantineError"]:
            raise
        label = error.label
        code = error.value.cause.code if isinstance(error.value.cause, QuarantineError) else "E340"
        return Labeled(Record("Failure", {"failed": True, "reason": _first(error), "code": code}, label), label)
    return result


def _first(error: Raised) -> Value:
    return error.value.args[0] if error.value.args else ""


def schema_argument(value: Value) -> SchemaValue:
    """The `returns=` of a quarantined call, or of a tool that takes a type; none means text.

    It is a type, a class, or a dict of types.
    """
    from ringfence.lang.builtins.schemas import schema_of
    from ringfence.schema import Scalar

    if value is None:
        return SchemaValue(Scalar("str"))
    label = deep(value)
    if not label.public or label.sources:
        fail("TypeError", "the type that returns= names must be written in the plan", label)
    found = schema_of(value)
    if found is None:
        fail("TypeError", "returns= takes a type, a schema class, or a dict of types")
    return SchemaValue(found)
