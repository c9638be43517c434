"""Fuzzing with atheris: plans, stored plans, given variables, patterns and labels, made of random bytes.

Its one rule: a target knows which errors are allowed; everything else, and every difference where there must be none,
is a finding. What is found becomes a case in tests/.

    python fuzz/targets.py TARGET [SECONDS]
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["ringfence.lang", "ringfence.core", "ringfence.session.given"]):
    from ringfence import lang
    from ringfence.core.encoding import Json, dumps, labelled_from_json, labelled_to_json, loads
    from ringfence.core.errors import ConfigError, PlanRejected
    from ringfence.core.labels import Label
    from ringfence.core.values import deep, unsafe_plain, wrap
    from ringfence.guard.labelling import principal
    from ringfence.lang.host import Bounds, Site
    from ringfence.session.given import given_from_json

SECRET = Label({"user"}, {"ann"})
LIMITS = lang.Limits(steps=20_000, seconds=2, memory=400_000_000)
TOKENS = [
    *(
        "s x y xs d f g 0 1 2 -1 10 1.5 'a' 'hush' '%s' '' None True False [1,2,3] {'a':1} (1,2) {1} ( ) [ ] { } , "
        ": . = == != < in is not and or + - * / // % ** | & << >> += := if else elif for while break continue def "
        "return lambda try except finally raise assert del pass match case class import from print answer len str "
        "int sorted list dict set tuple any all sum min max zip map filter enumerate next iter range reversed abs "
        "round isinstance .append .get .items .pop .join .split .format .upper .sort .update .extend .index .count "
        ".add .keys .values .replace .translate Exception ValueError KeyError as e json re itertools functools "
        "f'{x}' f'{s!r:>5}' *xs **d @ ; _ Counter deque dataclass BaseModel"
    ).split(),
    *(
        "\n",
        "\n",
        "\n    ",
        "\n        ",
        "\n",
        "x = ",
        "y = ",
        "if s: ",
        "for x in xs: ",
        "(q for q in xs)",
        "[q for q in ",
    ),
]


class NoTools:
    """A host without tools."""

    def call(self, call: object) -> object:
        raise AssertionError("there are no tools")

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def text_of(data: bytes) -> str:
    """A text that has a chance to be a plan: a token for each byte."""
    return "xs = [3, 1, 2]\nd = {'a': 1}\n" + " ".join(TOKENS[byte % len(TOKENS)] for byte in data)


def compiled(text: str) -> lang.Program | None:
    try:
        return lang.compile(lang.check(lang.parse(text), {}, given={"s": Bounds(SECRET, SECRET)}))
    except PlanRejected:
        return None


def parse(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    try:
        plan = lang.parse(provider.ConsumeUnicode(len(data)))
    except PlanRejected:
        return
    assert lang.parse(lang.render(plan)) == plan


def check(data: bytes) -> None:
    try:
        checked = lang.check(lang.parse(text_of(data)), {}, given={"s": Bounds(SECRET, SECRET)})
    except PlanRejected:
        return
    lang.flows(checked)
    try:
        lang.compile(checked)
    except PlanRejected as error:
        if {problem.code for problem in error.diagnostics} != {"E103"}:  # nesting is what it may refuse
            raise AssertionError from error


def run(data: bytes) -> None:
    program = compiled(text_of(data))
    if program is not None:
        result = lang.run(program, NoTools(), {"s": wrap("hush", SECRET)}, LIMITS)  # type: ignore[arg-type]
        assert getattr(result.error, "code", "") != "E303", repr(result.error)


def labels(data: bytes) -> None:
    """Two secrets, one plan: what is public afterwards must be the same."""
    program = compiled(text_of(data))
    if program is None:
        return
    seen = []
    for secret in ("hush", "a"):
        result = lang.run(program, NoTools(), {"s": wrap(secret, SECRET)}, LIMITS)  # type: ignore[arg-type]
        if result.outcome != "completed":
            return  # that a run ends early may tell one bit
        public = {name: value for name, value in result.variables.items() if deep(value).public}
        seen.append({name: repr(unsafe_plain(value)) for name, value in public.items() if plain(value)})
    assert seen[0] == seen[1], text_of(data)


def plain(value: object) -> bool:
    return type(value) in (str, int, float, bool, type(None))


def serial(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    stored = json.dumps(lang.plan_to_json(lang.parse("x = [1]\nfor i in x:\n    print(f'{i:>{2}}', not i)\n")))
    place = provider.ConsumeIntInRange(0, len(stored))
    changed = stored[:place] + provider.ConsumeUnicode(8) + stored[place + provider.ConsumeIntInRange(0, 8) :]
    try:
        plan = lang.plan_from_json(json.loads(changed))
    except (PlanRejected, ValueError, RecursionError):
        return
    assert lang.plan_from_json(lang.plan_to_json(plan)) == plan


def given(data: bytes) -> None:
    """Variables of the right shape, and nearly: what is taken has the labels that were said, and can be stored."""
    provider = atheris.FuzzedDataProvider(data)
    found = {
        name_from(provider): provider.PickValueInList([variable_from, json_from])(provider)
        for _ in range(provider.ConsumeIntInRange(0, 3))
    }
    try:
        values = given_from_json(found, ["mail"])
    except ConfigError:
        return
    for name, value in values.items():
        wanted = found[name]
        assert isinstance(wanted, dict)
        label = deep(value)
        assert label.sources == frozenset(map(principal, wanted.get("sources", ()))), found
        readers = wanted.get("readers", "everyone")
        assert label.public if readers == "everyone" else label.readers == frozenset(map(principal, readers)), found
        stored = labelled_to_json(value)
        assert labelled_to_json(labelled_from_json(loads(dumps(stored)))) == stored, found


def name_from(provider: atheris.FuzzedDataProvider) -> str:
    usual = [
        "x",
        "y",
        "secret",
        "é",
        "mail",
        "answer",
        "class",
        "__class__",
        "v_x",
        "S",
        "",
        "a b",
        "json",
        "print",
        "b_len",
    ]
    return provider.PickValueInList(usual) if provider.ConsumeBool() else text_from(provider)


def text_from(provider: atheris.FuzzedDataProvider) -> str:
    return str(provider.ConsumeUnicode(provider.ConsumeIntInRange(0, 8)))


def variable_from(provider: atheris.FuzzedDataProvider) -> Json:
    """`{"value": ..., "sources": [...], "readers": ...}`, now and then with something else in its place."""
    made: dict[str, Json] = {"value": json_from(provider)}
    for part in ("sources", "readers"):
        if provider.ConsumeIntInRange(0, 3):
            made[part] = [name_of(provider) for _ in range(provider.ConsumeIntInRange(0, 3))]
    if not provider.ConsumeIntInRange(0, 7):
        made["readers"] = "everyone"
    if not provider.ConsumeIntInRange(0, 15):
        made[provider.PickValueInList(["value", "sources", "readers", "label", ""])] = json_from(provider)
    return made


def name_of(provider: atheris.FuzzedDataProvider) -> str:
    names = [
        "user",
        "developer",
        "tool:mail",
        "email:bob@x",
        "ann",
        "bob",
        "*",
        "everyone",
        "unknown",
        "screen:flagged",
        "",
    ]
    return provider.PickValueInList(names) if provider.ConsumeIntInRange(0, 3) else text_from(provider)


TAGS = (
    "$tuple $set $frozenset $dict $deque $record $enum $datetime $date $time $timedelta $timezone $decimal $float $int "
    "$bytes $text $range $cycle $opaque $elided $label $unknown value origin fields maxlen zone fold microseconds a"
).split()
LEAVES = [
    "2026-01-01", "2026-01-01T10:00:00+01:00", "10:00", "Europe/Berlin", "Color.RED", "R", "nan", "inf", "-0x1f",
    "0x10", "aGk=", "1.5", "1e400", "1e999999999", "NaN", "sNaN", "/etc", "a", "", "1", [], [1, 2], [1, 2, 0], [[1, 2]],
    [["a", 1]], {}, 0, 1, -1, 2**63, 1e308, 0.5, True, False, None,
]  # fmt: skip


def json_from(provider: atheris.FuzzedDataProvider, depth: int = 4) -> Json:
    """JSON, mostly of what stands for values that JSON lacks."""
    kind = provider.ConsumeIntInRange(0, 9) if depth else 0
    if kind < 3:
        return provider.PickValueInList(LEAVES)
    if kind == 3:
        return text_from(provider)
    if kind == 4:
        return provider.ConsumeInt(12)
    if kind == 5:
        return provider.ConsumeFloat()
    count = provider.ConsumeIntInRange(0, 3)
    if kind == 6:
        return [json_from(provider, depth - 1) for _ in range(count)]
    made: dict[str, Json] = {}
    for _ in range(count if kind == 7 else 1):
        made[provider.PickValueInList(TAGS)] = json_from(provider, depth - 1)
    if kind == 9:  # a tag with what may stand beside it
        made[provider.PickValueInList(TAGS[-9:])] = json_from(provider, depth - 1)
    return made


def regex(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    pattern, text = provider.ConsumeUnicodeNoSurrogates(30), provider.ConsumeUnicodeNoSurrogates(200)
    plan = (
        f"import re\np = {pattern!r}\nt = {text!r}\nx = re.findall(p, t)\ny = re.sub(p, '-', t)\nz = re.split(p, t)\n"
    )
    program = compiled(plan)
    if program is not None:
        result = lang.run(program, NoTools(), {"s": wrap("", SECRET)}, LIMITS)  # type: ignore[arg-type]
        assert getattr(result.error, "code", "") != "E303", repr(result.error)


TARGETS: dict[str, Callable[[bytes], None]] = {
    function.__name__: function for function in (parse, check, run, labels, serial, given, regex)
}


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    threading.stack_size(64 * 1024 * 1024)
    options = [f"-max_total_time={seconds}", "-max_len=200", "-timeout=20", "-rss_limit_mb=3000"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[3:]], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
