"""What visits many parts in one operation looks at the clock on the way, so that a run ends soon after its time.

The clock is a counter: each look is a moment. How long a machine takes for the parts between two looks is its own.
"""

from __future__ import annotations

import itertools

import pytest

from lang.module_oracle import run
from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import Labeled, wrap
from ringfence.lang.running import meter

PARTS = 50_000
MAIL = Label({"tool:mail"}, {"user"})
MODEL = "class M(BaseModel):\n    x: list[int]\n"
PLANS = (
    "y = dict.fromkeys(xs)",
    "d = dict.fromkeys(xs)\ny = {**d}",
    "y = str(xs)",
    "y = f'{xs}'",
    "y = repr([xs, 1])",
    f"{MODEL}y = M(x=xs)",
    "class M(BaseModel):\n    x: dict[int, int]\nd = dict.fromkeys(xs, 1)\ny = M(x=d)",
    "class M(BaseModel):\n    x: list[float]\ny = M(x=xs)",
    "class M(BaseModel):\n    x: list[int] | list[str]\ny = M(x=xs)",
    "y = sorted(xs, key=lambda x: (x, 1))",
    "y = sorted([(x, 1) for x in xs])",
    "y = max(xs, key=str)",
    "y = list(map(str, xs))",
    "import json\ny = json.dumps(xs)",
    "import copy\ny = copy.deepcopy([[x] for x in xs])",
    "y = xs == [x for x in xs]",
    "y = ','.join([str(x) for x in xs])",
)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("each", [False, True], ids=["one label", "a label each"])
def test_it_looks_at_the_clock(plan: str, each: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = itertools.count()
    monkeypatch.setattr(meter, "monotonic", lambda: next(looks))
    numbers = [Labeled(n, MAIL) for n in range(PARTS)] if each else list(range(PARTS))
    result = run(plan + "\n", {"xs": wrap(numbers, MAIL)}, lang.Limits(seconds=1_000_000, steps=10_000_000))
    assert result.outcome == "completed", result.error
    assert next(looks) >= PARTS // 10_000


def test_a_run_whose_time_is_over_ends_inside_of_one_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = itertools.count()
    monkeypatch.setattr(meter, "monotonic", lambda: next(looks))
    result = run("y = str(xs)\nz = 1\n", {"xs": wrap(list(range(PARTS)), MAIL)}, lang.Limits(seconds=5))
    assert (result.outcome, getattr(result.error, "limit", None)) == ("limit", "time")
    assert "y" not in result.variables
