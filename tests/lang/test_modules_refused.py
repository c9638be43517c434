"""What the modules do not have: a clock, the machine's time zone, files, other classes; and what is said instead."""

from __future__ import annotations

import time

import pytest

from lang.module_oracle import failure, run, variables
from ringfence.core.errors import PlanRejected
from ringfence.lang.builtins.modules import MODULES
from ringfence.lang.builtins.modules.dates import NO_CLOCK
from ringfence.lang.objects import Builtin, Module, TypeValue
from ringfence.lang.raised import ExceptionType

CLOCK = "the language has no clock"


@pytest.mark.parametrize("call", ["datetime.now()", "datetime.today()", "datetime.utcnow()", "date.today()"])
def test_there_is_no_clock(call: str) -> None:
    with pytest.raises(PlanRejected) as caught:
        run(f"from datetime import date, datetime\nx = {call}\n")
    assert [(problem.code, problem.message) for problem in caught.value.diagnostics] == [("E202", CLOCK)]
    kind, name = call[:-2].split(".")
    plan = f"from datetime import date, datetime\nimport operator\noperator.methodcaller('{name}')({kind})"
    assert failure(plan) == ("<class 'AttributeError'>", NO_CLOCK)


@pytest.mark.parametrize(
    "call",
    [
        "from datetime import datetime\ndatetime.fromtimestamp(0)",
        "from datetime import date\ndate.fromtimestamp(0)",
        "from datetime import datetime\ndatetime(2026, 1, 1).timestamp()",
        "from datetime import datetime, timezone\ndatetime(2026, 1, 1).astimezone(timezone.utc)",
        "from datetime import datetime, timezone\ndatetime(2026, 1, 1, tzinfo=timezone.utc).astimezone()",
    ],
)
def test_there_is_no_local_time_zone(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, text = failure(call)
    assert kind in ("<class 'AttributeError'>", "<class 'TypeError'>", "<class 'ValueError'>")
    assert text.startswith("the language has no local time zone")


@pytest.mark.parametrize("directive", ["%s", "%+", "%E", "%10d", "%-Q", "%"])
def test_date_formats_that_depend_on_the_machine(directive: str) -> None:
    for call in (f"datetime(2026, 1, 1).strftime({directive!r})", f"format(datetime(2026, 1, 1), {directive!r})"):
        kind, text = failure(f"from datetime import datetime\n{call}")
        assert kind == "<class 'ValueError'>"
        assert text.endswith("is not a directive of the language's date formats")


def test_a_plan_gives_the_same_dates_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = (
        "from datetime import datetime, timezone\n"
        "a = datetime.fromtimestamp(0, timezone.utc).isoformat()\n"
        "b = datetime.utcfromtimestamp(0).isoformat()\n"
        "c = datetime.strptime('10:00 UTC', '%H:%M %Z').isoformat()\n"
        "d = datetime(2026, 1, 1, tzinfo=timezone.utc).strftime('%c %x %X %Z %z')\n"
    )
    seen = []
    for zone in ("UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        seen.append(variables(plan))
    monkeypatch.undo()
    time.tzset()
    assert seen[0] == seen[1]
    assert seen[0]["a"] == "1970-01-01T00:00:00+00:00"


def test_the_machines_own_zone_names_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        kind, _ = failure("from datetime import datetime\ndatetime.strptime('10:00 JST', '%H:%M %Z')")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert kind == "<class 'ValueError'>"


@pytest.mark.parametrize(
    "key",
    [
        "localtime",
        "posixrules",
        "../../../etc/passwd",
        "/etc/localtime",
        "Europe",
        "Nowhere/At_All",
        "",
        "UTC\\0",
        "posix/UTC",
    ],
)
def test_time_zones_are_names_of_the_database(key: str) -> None:
    kind, text = failure(f"from zoneinfo import ZoneInfo\nZoneInfo('{key}')")
    assert kind == "<class 'ZoneInfoNotFoundError'>"
    assert "No time zone found" in text


@pytest.mark.parametrize(
    "name", ["random", "uuid", "os", "sys", "time", "subprocess", "socket", "secrets", "builtins", "io"]
)
def test_other_modules_do_not_exist(name: str) -> None:
    with pytest.raises(PlanRejected):
        run(f"import {name}\n")


@pytest.mark.parametrize(
    "line",
    [
        "from json import load",
        "from re import purge",
        "from statistics import random",
        "from collections import UserDict",
        "from functools import singledispatch",
        "from urllib.parse import re",
        "from calendar import datetime",
        "from string import Formatter as F, _re",
        "from copy import weakref",
    ],
)
def test_only_listed_names_can_be_imported(line: str) -> None:
    with pytest.raises(PlanRejected):
        run(line + "\n")


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        ("import operator\noperator.attrgetter('__class__')(1)", "AttributeError"),
        ("import operator\noperator.attrgetter('year.__class__')(1)", "AttributeError"),
        ("import operator\noperator.methodcaller('__reduce__')", "TypeError"),
        ("import operator\noperator.methodcaller('formatted', {})('x')", "AttributeError"),
        ("from string import Template\nTemplate('$x')", "AttributeError"),
        ("from decimal import getcontext\ngetcontext()", "AttributeError"),
        ("from functools import cmp_to_key\ncmp_to_key(lambda a, b: 0)(1)", "TypeError"),
        ("from functools import cmp_to_key\nsorted([1, 2], key=cmp_to_key(5))", "TypeError"),
        ("from functools import cmp_to_key\nsorted([1, 2], key=cmp_to_key(lambda a: 0))", "TypeError"),
        ("from functools import cmp_to_key\nsorted([1, 2], key=cmp_to_key(lambda a, b: 'x'))", "TypeError"),
        ("from collections import defaultdict\ndefaultdict(5)", "TypeError"),
        ("from collections import Counter\nCounter('a') <= {'a': 1}", "TypeError"),
        ("from collections import namedtuple\nnamedtuple('P', '__class__')", "ValueError"),
        ("from collections import namedtuple\nnamedtuple('P', 'class')", "ValueError"),
        ("from collections import namedtuple\nnamedtuple('P', 'a a')", "ValueError"),
        ("import re\nre.sub('a', 5, 'a')", "TypeError"),
        ("import re\nre.search('a', None)", "TypeError"),
        ("import re\nre.search(1, 'a')", "TypeError"),
        ("import re\nre.search('a', 'a', 1 << 20)", "ValueError"),
        ("import json\njson.loads(5)", "TypeError"),
        ("import json\njson.dumps(lambda: 1)", "TypeError"),
        ("import json\njson.dumps([1], indent=[])", "TypeError"),
        ("import itertools\nitertools.islice([1], -1)", "ValueError"),
        ("import itertools\nlist(itertools.chain(1))", "TypeError"),
        ("import itertools\nitertools.combinations([1])", "TypeError"),
        ("from functools import reduce\nreduce(lambda a, b: a, [])", "TypeError"),
        ("from collections import deque\ndeque().popleft()", "IndexError"),
        ("from collections import deque\ndeque(maxlen=-1)", "ValueError"),
        ("import textwrap\ntextwrap.fill('a', nonsense=1)", "TypeError"),
        ("from datetime import datetime\ndatetime(2026, 1, 1, tzinfo=5)", "TypeError"),
        ("import math\nmath.sqrt(-1)", "ValueError"),
        ("import math\nmath.exp(10000)", "OverflowError"),
        ("import base64\nbase64.b64decode('a')", "ValueError"),
        ("from urllib.parse import urlparse\nurlparse('http://a:b').port", "ValueError"),
    ],
)
def test_misuse_is_an_exception_of_the_plan(plan: str, kind: str) -> None:
    assert failure(plan)[0] == f"<class '{kind}'>"


def test_every_member_is_a_value_of_the_language() -> None:
    allowed = (Builtin, TypeValue, ExceptionType, Module, str, int, float, bool, tuple, type(None))
    others = {
        f"{module.name}.{name}"
        for module in MODULES.values()
        for name, member in module.members.items()
        if not isinstance(member, allowed)
    }
    # UTC is data; the others are names of typing that only stand in annotations, and bases of classes.
    specials = {"Enum", "IntEnum", "StrEnum", "BaseModel", "NamedTuple", "TypedDict"}
    assert {name for name in others if name.split(".")[-1] not in specials} == {"datetime.UTC"}


def test_no_private_name_is_a_member() -> None:
    names = [name for module in MODULES.values() for name in module.members]
    assert [name for name in names if name.startswith("_")] == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_name_can_be_imported(name: str) -> None:
    for member in MODULES[name].members:
        assert run(f"from {name} import {member} as found\n").outcome == "completed"
