"""Plans that took minutes or gigabytes once, or made the engine raise: each ends in the time and memory of its run.

They run where those of `tests/lang/test_limits.py` do: each in a process of its own.
"""

from __future__ import annotations

import pytest

from lang.test_limits import Ask, ask  # noqa: F401  # a fixture

NESTED = "x = (1,)\nfor i in range(60): x = (x, x)\n"

LIMITED = (
    # Tuples that hold each other have as many parts as one likes to count.
    f"from dataclasses import dataclass, asdict\n@dataclass\nclass R:\n    x: tuple\n{NESTED}y = asdict(R(x))",
    f"class R(BaseModel):\n    x: tuple\n{NESTED}y = str(R(x=x))",
    "x = (KeyError,)\nfor i in range(60): x = (x, x)\ntry:\n    raise ValueError\nexcept x:\n    pass",
    "x = (int,)\nfor i in range(60): x = (x, x)\ny = isinstance('a', x)",
    # What is one step to the language is none to the library below.
    "import re\nx = [re.compile('x' * i + '[a-z]{50}') for i in range(20000)]",
    "import html\nx = html.unescape('&amp;' * 3000000)",
    "import string\nx = string.capwords('a ' * 8000000)",
    "x = 'ab' * 8000000\ny = [x.encode('utf-16') for i in range(100000)]",
    # Whether values fit their fields was looked at without a step: ten thousand times a million of them.
    "class R(BaseModel):\n    x: list[int]\nx = [1] * 900000\nfor i in range(10000): y = R(x=x)",
    "class R(BaseModel):\n    x: list[int] = [1] * 900000\nfor i in range(100000): y = R()",
    "class R(BaseModel):\n    x: list[int] | list[str] | list[float]\nx = ['a'] * 900000\n"
    "for i in range(10000): y = R(x=x)",
    "class R(BaseModel):\n    x: dict[str, int]\nx = {str(i): i for i in range(200000)}\n"
    "for i in range(10000): y = R(x=x)",
    # Keys that share a hash on purpose are compared with each other by Python, in one call.
    "p = 2 ** 61 - 1\nx = [frozenset([b + (i >> b & 1) * p for b in range(14)]) for i in range(16000)]\ny = set(x)",
    "p = 2 ** 61 - 1\nx = [range(i * p, i * p + 1) for i in range(1, 60000)]\ny = set(x)",
    "from collections import namedtuple\nT = namedtuple('T', 'a')\np = 2 ** 61 - 1\n"
    "x = [T(i * p) for i in range(1, 60000)]\ny = set(x)",
    "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass R:\n    a: int\np = 2 ** 61 - 1\n"
    "x = [R(i * p) for i in range(1, 60000)]\ny = set(x)",
    # What was counted is forgotten only where there is too much of it, and then it is counted again.
    "p = 2 ** 61 - 1\nx = set(range(p, p + 2000000))\ny = set([i * p for i in range(1, 60000)])",
    "class R(BaseModel):\n    x: list\ny = R(x=[[1]] * 1000).model_dump_json(indent=10**9)",
)

HARMLESS = (
    f"{NESTED}y = [x]\nz = {{'k': x}}",
    "class N(BaseModel):\n    kids: list = []\nx = N()\nfor i in range(60): x = N(kids=[x, x])",
)

# The text of what is raised is a part of the report.
RAISED = (
    f"{NESTED}raise ValueError(x)",
    "x = [1]\nfor i in range(100000): x = [x]\nraise ValueError(x)",
    "x = 5\nfor i in range(100000): x = ValueError(x)\nraise x",
    "e = ValueError(1)\nfor i in range(60): e = ValueError(e, e)\nassert False, e",
)

# Each part is compiled within those before it.
REFUSED = (
    "y = 1\nx = " + " and ".join(["y"] * 50_000),
    "y = 1\nx = " + " or ".join(["(y and y or 2)"] * 4_000),
    "x = " + " < ".join(map(str, range(20_000))),
    # Python's tree of a short text may take gigabytes.
    "x = 1\n" + "x;" * 1_900_000,
    "x = [" + "1," * 1_900_000 + "]",
)


@pytest.mark.parametrize("plan", LIMITED)
def test_a_limit_comes_first(ask: Ask, plan: str) -> None:  # noqa: F811
    found = ask(plan)
    assert found["outcome"] == "limit"


@pytest.mark.parametrize("plan", HARMLESS)
def test_it_is_done_at_once(ask: Ask, plan: str) -> None:  # noqa: F811
    found = ask(plan)
    assert found["outcome"] == "completed"


@pytest.mark.parametrize("plan", RAISED)
def test_what_is_raised_is_told_without_its_text(ask: Ask, plan: str) -> None:  # noqa: F811
    found = ask(plan)
    assert (found["outcome"], found["error"]) == ("failed", "E301")


@pytest.mark.parametrize("plan", REFUSED, ids=("and", "or", "compared", "statements", "parts"))
def test_what_takes_too_much_to_be_read_is_refused(ask: Ask, plan: str) -> None:  # noqa: F811
    assert ask(plan) == {"outcome": "rejected", "error": "E103", "seconds": pytest.approx(0, abs=30)}
