"""Functions that a built-in calls as often as a secret says, and that fail. Never deleted.

What was found (at random): where such a function changes nothing, its failure was told with its kind and line, though
only a secret decided that it was called at all.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import run, secret


@pytest.mark.parametrize(
    "calls",
    [
        "x = sorted([2, 1][:s], key=work)",
        "x = max([2, 1, 3][3 - s :], key=work, default=0)",
        "x = list(map(work, [2, 1][:s]))",
        "q = [2, 1][:s]\nq.sort(key=work)",
        "from functools import reduce\nx = reduce(work, [2, 1][:s], 0)",
        "f = sorted\nx = f([2, 1][:s], key=work)",
    ],
)
@pytest.mark.parametrize("fails", ["raise ValueError(1)", "return int('x')", "del b", "return [][0]"])
def test_a_failure_that_a_secret_decides_about_has_no_kind_and_no_place(calls: str, fails: str) -> None:
    text = f"def work(n=0, m=0):\n    {fails}\n{calls}\n"
    assert run(text, {"s": secret(0)}).outcome == "completed"
    failed = run(text, {"s": secret(2)})
    assert failed.outcome == "failed"
    assert failed.error is not None
    assert (failed.error.code, failed.error.span) == ("E302", None)
