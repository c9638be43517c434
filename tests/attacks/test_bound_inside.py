"""Names that an expression binds (`w := 5`) where a secret decides whether it is evaluated. Never deleted.

What was found: a name bound in the condition of an `elif`, in the guard of a `case`, in the type of an `except` or in
the values of a dict comprehension was public where that had not been evaluated. In a lambda, the plan failed there.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from case_runner import Report
from test_rich_plans import run
from test_wide_plans import differences

CONSTRUCTS = Path(__file__).with_name("bound_inside.txt").read_text(encoding="ascii").split("\n", 1)[1].split("\n---\n")
BOUND = ["(w := 5)", "(w := w + 5)", "(w := hits[0])"]
START = "hits = [1, 2, 3]\nw = z = y = 0\n"
PLACES = {
    "top": START + "{0}",
    "loop": START + "for i in range(2):\n{1}",
    "try": START + "try:\n{1}except KeyError:\n    pass\n",
    "function": f"def f(s):\n{indent(START, '    ')}{{1}}    return w, str(z)\nw, z = f(s)\n",
    "try in function": f"def f(s):\n{indent(START, '    ')}    try:\n{{2}}    except KeyError:\n        pass\n"
    "    return w, str(z)\nw, z = f(s)\n",
}


def in_python(text: str, secret: int) -> tuple[object, object]:
    names = {"s": secret, "print": lambda *values: None}
    exec(text, names)
    return names["w"], names["z"]


def values(report: Report) -> tuple[object, object]:
    assert (report.outcome, report.error) == ("completed", None)
    return report.variables["w"][0], report.variables["z"][0]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_name_bound_inside_of_an_expression_tells_nothing(construct: str, place: str) -> None:
    for bound in BOUND:
        body = re.sub(r"\bE\b", bound, construct) + "\n"
        text = PLACES[place].format(body, indent(body, "    "), indent(body, "        "))
        reports = [run(text, {"s": secret, "t": 0}, 1) for secret in (0, 1)]
        for secret, report in enumerate(reports):
            bound_to, made = in_python(text, secret)
            assert values(report)[0] == bound_to
            if isinstance(made, (int, str)):
                assert values(report)[1] == made
        assert differences(*reports) == []
