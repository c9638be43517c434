"""Properties of every built-in function, method and attribute of the language, on calls of each (`native_calls.py`).

What is secret in an argument (all of it, its shape, a part) changes nothing that everyone may see of the result, of the
other arguments, and of whether it failed; the result's label is at least that of each argument, but for those that are
listed with the reason; and what it makes, also inside of something, is an object that an arm that did not run marks.
"""

from __future__ import annotations

import collections
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from case_oracle import prelude
from lang.module_oracle import shown
from lang.native_calls import HIDDEN, SECRET, Sample, prepared, public, run, samples, secrets, seen, value_of
from ringfence import lang
from ringfence.core.errors import PlanRejected
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import SCALARS
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, unsafe_plain
from ringfence.lang.analysis import callconstraints
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.host import HostCall, Param, Signature, Site
from ringfence.lang.objects import Builtin, Deque, Iter, TypeValue, View, deep, settle_deep
from ringfence.lang.program import RunResult
from ringfence.lang.running.runtime import NAMES, modules

SAMPLES = samples()
GROUPS: dict[str, list[Sample]] = {}
for one in SAMPLES:
    GROUPS.setdefault(one.name.partition(".")[0], []).append(one)
each_group = pytest.mark.parametrize("group", GROUPS)


# Every native has a sample

# Natives that give nothing to a plan, or say what to write instead.
REFUSED = {
    "datetime.date.today", "datetime.date.fromtimestamp", "datetime.datetime.now",
    "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.datetime.utcfromtimestamp",
    "Counter.fromkeys",
    "decimal.Context", "decimal.getcontext", "decimal.localcontext", "decimal.setcontext",
    "string.Formatter", "string.Template", "zoneinfo.available_timezones",
}  # fmt: skip
# Verbs, and what stands in classes.
DECLARES = {
    "answer", "observe", "refuse", "dataclass", "field", "Field", "ConfigDict", "auto", "dataclasses.dataclass",
    "dataclasses.field", "enum.auto", "pydantic.Field", "pydantic.ConfigDict", "typing.NewType", "typing.TypeVar",
    "typing.cast",
}  # fmt: skip


def natives() -> Iterator[str]:
    """The names of all natives, as the samples have them."""
    for table in (METHODS, ATTRIBUTES):
        for kind, found in table.items():
            yield from (f"{kind.__name__}.{name}" for name in found if kind is not bool)
    own = {name for found in METHODS.values() for name in found}
    for module in modules().values():
        yield from _members(f"{module.name}.", module.members, own)
    yield from _members("", NAMES, own)


def _members(prefix: str, members: Any, own: set[str]) -> Iterator[str]:
    for name, value in members.items():
        if isinstance(value, Builtin) or (isinstance(value, TypeValue) and value.make is not None):
            yield prefix + name
        if isinstance(value, TypeValue):
            methods = {key: part for key, part in value.members.items() if key not in own}
            yield from _members(f"{prefix}{name}.", methods, own)


def test_every_native_has_a_sample() -> None:
    known = {one.name for one in SAMPLES} | REFUSED | DECLARES
    assert sorted(set(natives()) - known) == []


def test_no_name_of_a_native_is_made_up() -> None:
    found = set(natives())
    operators = {"+", "-", "/", "%", "&", "|", "==", "<", "[]", "round", "format", "str"}
    classes = {
        "Record.Box",
        "Record.Row",
        "Record.Pair",
        "Record.model_validate",
        "Level.value",
        "KeyError",
        "ValueError",
    }
    extra = {one.name for one in SAMPLES} - found - classes
    assert {name for name in extra if name.rpartition(".")[2] not in operators} == set()
    assert (REFUSED | DECLARES) - found == set()


# They mean what they mean in Python

DIFFERENT = {
    "date.timetuple": "a record",
    "datetime.timetuple": "a record",
    "itertools.batched": "new in Python 3.12",
    "math.sumprod": "new in Python 3.12",
    "Record.str": "is the repr",
    "Record.dict": "pydantic's old name warns",
    "Record.copy": "pydantic's old name warns",
    "Record.json": "pydantic's old name warns, and writes spaces",
    "Record.get": "no method of a model",
    "View.copy": "no method of a view",
    "View.count": "no method of a view",
    "View.index": "no method of a view",
    "collections.ChainMap": "a dict",
}


def given(sample: Sample) -> dict[str, Value]:
    return {f"h{number}": public(value_of(hole)) for number, hole in enumerate(sample.holes)}


@each_group
def test_a_sample_gives_what_it_gives_in_python(group: str) -> None:
    for sample in GROUPS[group]:
        result = run(prepared(sample.plan, given(sample)), given(sample))
        assert result.outcome == "completed", (sample.line, getattr(result.error, "message", ""))
        if sample.name in DIFFERENT:
            continue
        scope: dict[str, Any] = prelude(print, print)
        scope.update({f"h{number}": value_of(hole) for number, hole in enumerate(sample.holes)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(sample.plan, scope)
        if _is_data(scope["x"]):
            ours = unsafe_plain(settle_deep(result.variables["x"]))
            assert shown(ours) == shown(scope["x"]), sample.line


def _is_data(value: Any) -> bool:
    """Whether both can be written alike: no iterator, view, function or pattern."""
    if type(value) in (list, tuple, set, frozenset, collections.deque):
        return all(map(_is_data, value))
    if isinstance(value, dict):
        return all(map(_is_data, value.values()))
    return type(value) in SCALARS


# Nothing public depends on what is secret in an argument

TRYING = """
x = None
ok = 0
try:
{body}
    ok = 1
except Exception as e:
    ok = str(type(e))
"""
CLASS_NAMES = frozenset({"Box", "Row", "Level", "Pair"})


def tried(sample: Sample) -> str:
    """The sample in a `try` that says how it ended."""
    body = "\n".join(f"    {line}" for line in sample.text.splitlines())
    return sample.plan[: -len(sample.text)] + TRYING.format(body=body)


def open_parts(result: RunResult, but: str) -> dict[str, str] | None:
    """What everyone may see after the run, or None if they may not even know that it failed."""
    if result.outcome == "limit":
        return None
    assert result.error is None or result.error.code != "E303", repr(result.error.__cause__)
    if result.outcome != "completed":
        assert result.error is not None
        return {"ended": result.error.message} if result.error.label.public else None  # type: ignore[attr-defined]
    found = {name: repr(seen(value)) for name, value in result.variables.items() if name not in CLASS_NAMES}
    found.update({name: repr(HIDDEN) for name, label in result.unset.items() if not label.public})
    found.pop(but, None)
    return found


def leaks(sample: Sample, many: bool) -> list[str]:
    names = dict.fromkeys(given(sample))
    found: list[str] = []
    for form, plan in (("plain", sample.plan), ("tried", tried(sample))):
        program = prepared(plan, names)
        for number, hole in enumerate(sample.holes):
            for what, makes in secrets(value_of(hole), many):
                # A secret value is hidden itself; one that holds a secret is public but for that.
                varied = f"h{number}" if what in ("whole", "shape") else ""
                ends = [open_parts(run(program, {**given(sample), f"h{number}": make()}), varied) for make in makes]
                found += [f"{sample.line}: {what} of {number}, {form}: {name}" for name in different(ends)]
    return found


def different(ends: list[dict[str, str] | None]) -> list[str]:
    """The names of what is not the same in all; what is hidden in one may not be there in another."""
    shown = [one for one in ends if one is not None]
    hidden = {"(missing)", repr(HIDDEN)}
    names = {name: {one.get(name, "(missing)") for one in shown} for one in shown for name in one}
    return [name for name, values in names.items() if len(values) > 1 and not values <= hidden]


@each_group
def test_nothing_public_depends_on_a_secret_in_an_argument(group: str) -> None:
    assert [one for sample in GROUPS[group] for one in leaks(sample, False)] == []


@pytest.mark.slow
@each_group
def test_nor_on_any_of_many_secrets(group: str) -> None:
    assert [one for sample in GROUPS[group] for one in leaks(sample, True)] == []


def test_the_comparison_sees_a_difference() -> None:
    assert different([{"x": "1"}, {"x": "2"}]) == ["x"]
    assert different([{"x": "1"}, {"x": repr(HIDDEN)}]) == ["x"]
    assert different([{"x": "1"}, {"ended": "ValueError"}]) == ["x", "ended"]
    assert different([{"x": "1"}, None]) == []
    assert different([{}, {"x": repr(HIDDEN)}]) == []


# The label of a result is at least that of each argument

# By the line of the sample and the number of the argument: why the result does not depend on it.
APART = {
    ("Dict.get", 1): "the default is not taken",
    ("Dict.pop", 1): "the default is not taken",
    ("Record.get", 2): "the default is not taken",
    ("next", 0): "the default is not taken",
    ("next", 1): "the default is not taken",
    ("Record._replace", 0): "the old value of a field that is replaced",
    ("Record.copy", 0): "the old value of a field that is replaced",
    ("Record.model_copy", 0): "the old value of a field that is replaced",
    ("dataclasses.replace", 0): "the old value of a field that is replaced",
    ("Record.model_dump", 0): "a field that is left out",
    ("Record.model_dump", 1): "a field that is left out",
    ("functools.lru_cache", 0): "how much is remembered changes no result",
    ("functools.reduce", 0): "the function is not called for one element",
    ("operator.methodcaller", 1): "the default is not taken",
    ("operator.setitem", 0): "the list is the argument itself",
    ("operator.delitem", 0): "the list is the argument itself",
    ("print", 0): "is in the answer",
    ("print", 1): "is in the answer",
    ("print", 2): "is in the answer",
    ("print", 3): "is in the answer",
}


def uncovered(sample: Sample) -> Iterator[int]:
    program = prepared(sample.plan, dict.fromkeys(given(sample)))
    for number, hole in enumerate(sample.holes):
        name = f"h{number}"
        result = run(program, {**given(sample), name: Labeled(public(value_of(hole)), SECRET)})
        if result.outcome != "completed":
            # It takes nothing that has a label; and says so under that label.
            assert getattr(result.error, "code", "") == "E302"
            continue
        label = TRUSTED_PUBLIC
        for variable, value in result.variables.items():
            if variable != name and variable not in CLASS_NAMES:
                label = label.join(deep(value))
        if label is not SECRET:
            yield number


def test_a_result_has_the_labels_of_all_arguments_but_of_those_that_do_not_matter() -> None:
    found = {(sample.name, number) for sample in SAMPLES for number in uncovered(sample)}
    assert found == set(APART)


# What is made inside of what a native makes

Found = tuple[str, str, str]  # where it is, what changes it, what looks at it


def objects(value: Value, path: str = "x", above: tuple[int, ...] = ()) -> Iterator[Found]:
    """Everything in a value that a plan can change, and how."""
    raw = value._value if type(value) is Labeled else value
    if id(raw) in above or len(above) > 4:
        return
    above = (*above, id(raw))
    rows: list[tuple[str, Value]] = []
    if type(raw) in (List, Deque):
        yield path, "{}.append(7)", "len({})"
    elif isinstance(raw, Dict):
        yield path, "{}['zzz'] = 7", "len({})"
    elif isinstance(raw, Set) and not raw.frozen:
        yield path, "{}.add('zzz')", "len({})"
    elif isinstance(raw, Iter):
        yield path, "next({}, 0)", "next({}, 'end')"
    if isinstance(raw, (List, tuple, list)):
        listed = f"list({path})" if isinstance(raw, View) else path
        parts = raw.items if isinstance(raw, List) else raw
        rows = [(f"{listed}[{index}]", part) for index, part in enumerate(parts[:3])]
    elif isinstance(raw, (Dict, dict)):
        items = raw.items if isinstance(raw, Dict) else raw
        rows = [(f"{path}[{key!r}]", part) for key, part in list(items.items())[:3] if type(key) in (str, int)]
    elif isinstance(raw, Record):
        if not raw.frozen:
            field = next(iter(raw.fields))
            yield path, f"{{}}.{field} = 7", f"{{}}.{field}"
        rows = [(f"{path}.{name}", part) for name, part in raw.fields.items()]
    for inner, part in rows:
        yield from objects(part, inner, above)


def unmarked(sample: Sample) -> list[str]:
    """The objects of which one can tell whether an arm that did not run would have changed them."""
    result = run(prepared(sample.plan, given(sample)), given(sample))
    if "x" not in result.variables:
        return []
    found = []
    for path, change, look in objects(result.variables["x"]):
        for holding, name in (("", path), (f"w = {path}\nx = 0\n", "w")):
            text = f"{sample.plan}\n{holding}if secret:\n    {change.format(name)}\nz = {look.format(name)}\n"
            program = prepared(text, {**given(sample), "secret": 0})
            ends = [run(program, {**given(sample), "secret": Labeled(number, SECRET)}) for number in (0, 1)]
            if different([open_parts(one, "") for one in ends]):
                found.append(f"{sample.line}: {path} ({'held' if holding else 'directly'})")
    return found


@each_group
def test_whatever_a_native_makes_is_marked_by_an_arm_that_did_not_run(group: str) -> None:
    assert [one for sample in GROUPS[group] for one in unmarked(sample)] == []


@pytest.mark.parametrize("name", sorted(callconstraints.NESTING - {"loads"}))
def test_each_name_of_what_makes_objects_in_objects_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [sample for sample in SAMPLES if f".{name}(" in sample.text]
    assert [one for sample in asked for one in unmarked(sample)] == []
    monkeypatch.setattr(callconstraints, "NESTING", callconstraints.NESTING - {name})
    assert [one for sample in asked for one in unmarked(sample)] != []


# What is on its way is as good as what has arrived


class Late:
    """A result on its way."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def result(self) -> Value:
        return self.value


class Giving:
    """Gives `values` by their numbers, at once or later."""

    def __init__(self, values: list[Any], later: bool) -> None:
        self.values = values
        self.later = later

    def call(self, call: HostCall) -> Any:
        number = unsafe_plain(call.arguments["number"])
        assert isinstance(number, int)
        value = public(self.values[number])
        return Late(value) if self.later else value

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


LATE = {"late": Signature("late", (Param("number"),), effect="read")}


def by_calls(value: Any, values: list[Any], parts: bool) -> str:
    """An expression that gives the value by a call; `parts`: by one for each of its parts."""
    if parts and type(value) in (list, tuple):
        items = "".join(f"{by_calls(part, values, False)}, " for part in value)
        return f"[{items}]" if type(value) is list else f"({items})"
    if parts and type(value) is dict:
        return "{" + ", ".join(f"{key!r}: {by_calls(part, values, False)}" for key, part in value.items()) + "}"
    values.append(value)
    return f"late({len(values) - 1})"


def with_calls(sample: Sample, parts: bool, later: bool) -> tuple[str, str]:
    """How the sample ends."""
    values: list[Any] = []
    holes = [by_calls(value_of(hole), values, parts) for hole in sample.holes]
    text = re.sub(r"\bh(\d+)\b", lambda found: holes[int(found[1])], sample.plan)
    try:
        program = lang.compile(lang.check(lang.parse(text), LATE))
    except PlanRejected:
        return "rejected", ""
    result = lang.run(program, Giving(values, later), {}, lang.Limits(steps=50_000))
    return result.outcome, repr(seen(result.variables["x"])) if result.outcome == "completed" else str(result.error)


@each_group
def test_what_is_on_its_way_is_as_good_as_what_has_arrived(group: str) -> None:
    for sample in GROUPS[group]:
        for parts in (False, True) if sample.holes else ():
            assert with_calls(sample, parts, True) == with_calls(sample, parts, False), sample.line
